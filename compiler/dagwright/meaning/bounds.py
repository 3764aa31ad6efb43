"""The bounds of a param's values, from its declaration."""

from typing import Any, Mapping, Optional

from dagwright.meaning.values import canonical, equal, parse


def broken_bound(param: Mapping[str, Any], value: Any) -> Optional[str]:
    """The bound that a value violates, as words that follow the param's name, or None.

    A declaration has the keys of `params:` in a spec; missing keys may be None, and `enum` contains texts.
    """
    lowest, highest = param.get("minimum"), param.get("maximum")
    if lowest is not None and value < lowest:
        return f"is {canonical(value)}, and its minimum is {canonical(lowest)}"
    if highest is not None and value > highest:
        return f"is {canonical(value)}, and its maximum is {canonical(highest)}"
    shortest, longest = param.get("min_length"), param.get("max_length")
    if shortest is not None and len(value) < shortest:
        return f"has {_characters(value)}, and needs at least {shortest}"
    if longest is not None and len(value) > longest:
        return f"has {_characters(value)}, and may have at most {longest}"
    choices = param.get("enum")
    if choices and not any(equal(value, parse(choice, param["type"])) for choice in choices):
        return "is not one of its allowed values"
    return None


def _characters(text: str) -> str:
    return "1 character" if len(text) == 1 else f"{len(text)} characters"
