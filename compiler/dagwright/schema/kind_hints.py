"""What to write where a value is of the wrong kind, or where there is none."""

from __future__ import annotations

import json
import re

from dagwright.schema import repair
from dagwright.schema.judge import plain
from dagwright.schema.place import Place, shown
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_LONGEST_PASTE = 100
_LISTS_OF_WORDS = frozenset({"command", "interpreter"})
_NAMES_OTHERS = frozenset({"needs", "when", "inputs", "foreach", "uses", "with"})  # whose examples are of another spec
_REFERENCE = re.compile(r"\$\{\{")


def key_with(place: Place, value: str) -> str:
    """`key: value` in backticks; of an item, which has no key of its own, the value alone."""
    return f"`{value}`" if place.item or place.key is None else f"`{shown(place.key.text)}: {value}`"


def hint(place: Place, kind: str) -> str:
    """A help line for a value of kind `kind` at a place that wants another."""
    special = _special(place, kind)
    if special is not None:
        return special
    if kind == "null" and place.last_key in _NAMES_OTHERS:
        return "remove it, or name what this spec has"
    return f"write {key_with(place, example(place))}"


def example(place: Place) -> str:
    """The schema's own example of a place, on one line, but of a list what refers to nothing."""
    examples = place.rule.schema.get("examples")
    if not examples:
        return next((word for kind, word in _BY_KIND.items() if kind in place.rule.kinds), "text")
    found = examples[0]
    text = repair.flow(found[:2] if isinstance(found, list) and _REFERENCE.search(repair.flow(found)) else found)
    return text if len(text) <= _LONGEST_PASTE else "{…}"


_BY_KIND = {"string": "text", "integer": "1", "number": "1", "boolean": "true", "array": "[]", "object": "{}"}


def _special(place: Place, kind: str) -> str | None:
    kinds, node = place.rule.kinds, place.node
    if kind == "null":
        return _of_nothing(place)
    if isinstance(node, Scalar):
        return _of_scalar(place, node, kind)
    if isinstance(node, Sequence) and "object" in kinds:
        return _mapping_of_list(place, node)
    if isinstance(node, Mapping) and "array" in kinds:
        return _list_of_mapping(place, node)
    if isinstance(node, Mapping) and _is_braces(node):
        inner = repair.flow("${{ " + next(iter(_inner(node).values)).strip("{} ") + " }}")
        return f"write {inner}, in quotes: without them YAML reads braces as a mapping"
    if "string" in kinds:
        text = repair.flow(plain(node))
        return f"write it as text, in quotes: '{text}'" if len(text) <= 60 and "'" not in text else None
    return None


def _of_nothing(place: Place) -> str | None:
    title = place.rule.title
    if title in ("task", "component"):
        return "write below it what it runs, such as `command: [python3, train.py]`"
    if place.path == "tasks":
        return "write a task below it, such as `load: {command: [python3, load.py]}`"
    if title.startswith("target ") or title == "targets":
        return f"write {key_with(place, '{}')} to name the target without settings"
    if title == "text" and not place.item:
        empty = '""'
        return f"write {key_with(place, empty)} for an empty text, or remove it"
    if place.item:
        return "remove the item, or write its text in quotes"
    return None


def _of_scalar(place: Place, node: Scalar, kind: str) -> str | None:
    kinds, text, key = place.rule.kinds, node.text, place.last_key
    if "object" in kinds and ("string" not in kinds or place.rule.title == "param"):
        return _mapping_of_scalar(place, text, kind)
    if "array" in kinds:
        if key in _LISTS_OF_WORDS and not place.item:
            made = repair.command(text)
            return f"write `{made.replace('command:', key + ':', 1)}`" if len(made) <= _LONGEST_PASTE else None
        return f"write {key_with(place, f'[{repair.flow(text)}]')}" if len(text) <= 40 else None
    if "boolean" in kinds:
        word = repair.boolean(text)
        return f"write {key_with(place, word)}, without quotes" if word else None
    if "integer" in kinds or "number" in kinds:
        if key == "cpu" and (milli := re.fullmatch(r"([0-9]{1,6})m", text)):
            return f"write {key_with(place, f'{int(milli[1]) / 1000:g}')}, in cores"
        found = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*", text)
        whole = found is not None and ("number" in kinds or "." not in found[1])
        return f"write {key_with(place, found[1])}, without quotes" if found and whole and kind == "string" else None
    if place.rule.form == "duration":
        made_duration = repair.duration(text)
        return f"write {key_with(place, made_duration)}, with its unit" if made_duration else None
    if place.rule.form == "memory":
        return f"write {key_with(place, text + 'Mi')}, with its unit" if text.isdigit() else None
    quoted = json.dumps(text, ensure_ascii=False)
    return f"write {key_with(place, quoted)}, in quotes" if len(text) <= 40 else None


def _mapping_of_scalar(place: Place, text: str, kind: str) -> str | None:
    title = place.rule.title
    name, colon, value = text.partition(":")
    if colon and value and name in place.rule.properties and "\n" not in value and len(value) <= 60:
        return f"write `{name}: {value}`, with a blank behind the colon"
    if title == "schedule":
        return f"write {key_with(place, '{cron: ' + repair.flow(text) + '}')}" if len(text) <= 60 else None
    if title in ("task", "component"):
        made = repair.command(text)
        return f"write {key_with(place, '{' + made + '}')}" if len(made) <= 80 and "\n" not in made else None
    if title == "param" and kind in ("integer", "number", "boolean"):
        return f"write {key_with(place, f'{{type: {kind}, default: {text}}}')}"
    return None


def _mapping_of_list(place: Place, node: Sequence) -> str | None:
    key = place.last_key
    first = node.items[0] if node.items else None
    if isinstance(first, Mapping):
        named = first.values.get("name") or first.values.get("id")
        if isinstance(named, Scalar) and isinstance(value := first.values.get("value"), Scalar):
            return f"write {key_with(place, '{' + f'{shown(named.text)}: {repair.flow(plain(value))}' + '}')}"
        name = repair.snake_case(named.text) if isinstance(named, Scalar) else next(iter(first.values), None)
        return f"write each under its own name, without `-`: `{shown(name)}: {{…}}`" if name else None
    if not isinstance(first, Scalar):
        return None
    name, equals, value_text = first.text.partition("=")
    if equals and key == "env":
        return f"write {key_with(place, '{' + f'{shown(name)}: {repair.flow(value_text[:40])}' + '}')}"
    if key == "matrix":
        return "name the axis, as in `matrix: {value: [a, b]}`, or use `foreach` for a list without a name"
    if key in ("outputs", "params") or (key == "inputs" and place.owner.startswith("component")):
        made = repair.snake_case(first.text) or "name"
        return f"write {key_with(place, '{' + made + ': string}')}, with its type"
    return None


def _list_of_mapping(place: Place, node: Mapping) -> str | None:
    if place.last_key in ("needs", "pass_env", "tags"):
        words = ", ".join(shown(name) for name in list(node.values)[:5])
        return f"write {key_with(place, f'[{words}]')}"
    return None


def _is_braces(node: Mapping) -> bool:
    """Whether it is what YAML makes of `{{ params.x }}` without quotes: a mapping with one key, which has no value."""
    inner = _inner(node)
    return len(inner.values) == 1 and all(_is_null(value) for value in inner.values.values())


def _inner(node: Mapping) -> Mapping:
    only = next(iter(node.values.values())) if len(node.values) == 1 else None
    return only if isinstance(only, Mapping) else node


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None
