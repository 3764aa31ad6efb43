"""Encoded expressions in the syntax of the language."""

import json
from typing import Any, Sequence, Tuple

# Binary operators with their precedence.
_BETWEEN = {
    "or": ("or", 1), "and": ("and", 2),
    "eq": ("==", 4), "ne": ("!=", 4), "lt": ("<", 4), "le": ("<=", 4), "gt": (">", 4), "ge": (">=", 4),
    "in": ("in", 4), "concat": ("+", 5), "add": ("+", 5), "sub": ("-", 5),
    "mul": ("*", 6), "div": ("/", 6), "mod": ("%", 6),
}  # fmt: skip
_BEFORE = {"not": ("not ", 3), "neg": ("-", 7)}
_ATOM = 9


def worded(code: Sequence[Any], around: int = 0) -> str:
    """The text of an expression; in parentheses if the precedence `around` it is higher."""
    shown, level = _worded(code)
    return shown if level >= around else "(%s)" % shown


def _worded(code: Sequence[Any]) -> Tuple[str, int]:
    word, args = code[0], code[1:]
    if word == "const":
        return json.dumps(args[0], ensure_ascii=False), _ATOM
    if word in ("output", "outputs"):
        return "tasks.%s.outputs.%s" % (args[0], args[1]), _ATOM
    if word == "status":
        return "tasks.%s.status" % args[0], _ATOM
    if word == "item":
        return "item", _ATOM
    if word in _REFERENCES:
        return _REFERENCES[word] % args[0], _ATOM
    if word in ("text", "json"):  # implicit conversions
        return _worded(args[0])
    if word in _BETWEEN:
        sign, level = _BETWEEN[word]
        first = worded(args[0], level)
        return " ".join([first, *("%s %s" % (sign, worded(arg, level + 1)) for arg in args[1:])]), level
    if word in _BEFORE:
        sign, level = _BEFORE[word]
        return sign + worded(args[0], level), level
    if word == "index":
        return "%s[%s]" % (worded(args[0], _ATOM), worded(args[1])), _ATOM
    listed = ", ".join([worded(arg) for arg in args])
    return ("[%s]" if word == "list" else word + "(%s)") % listed, _ATOM


_REFERENCES = {
    "param": "params.%s",
    "matrix": "matrix.%s",
    "run": "run.%s",
    "in_path": "inputs.%s",
    "out_path": "outputs.%s",
}
