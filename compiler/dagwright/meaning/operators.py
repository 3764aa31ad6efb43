"""The operators of expressions: how specs write each one, its signatures, and its evaluation.

The checker, the evaluator of the runtime, the printers of the backends and the documentation read these tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Tuple

from dagwright.meaning.values import (
    add,
    contains,
    divide,
    equal,
    format_date,
    index,
    join,
    keys,
    length,
    lower,
    maximum,
    minimum,
    modulo,
    multiply,
    negate,
    parse_json,
    replace_all,
    slug,
    split,
    subtract,
    to_boolean,
    to_integer,
    to_number,
    total,
    trim,
    upper,
)

# The evaluation of each operator whose operands are evaluated first, by the values of the operands.
STRICT: Dict[str, Callable[..., Any]] = {
    "not": lambda operand: not operand,
    "neg": negate,
    "add": add,
    "sub": subtract,
    "mul": multiply,
    "div": divide,
    "mod": modulo,
    "concat": lambda *parts: "".join(parts),
    "eq": equal,
    "ne": lambda left, right: not equal(left, right),
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
    "in": lambda item, container: contains(container, item),
    "list": lambda *items: list(items),
    "index": index,
    "len": length,
    "min": lambda *values: minimum(values[0] if len(values) == 1 else list(values)),
    "max": lambda *values: maximum(values[0] if len(values) == 1 else list(values)),
    "contains": contains,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "lower": lower,
    "upper": upper,
    "trim": trim,
    "replace": replace_all,
    "split": split,
    "join": join,
    "slug": slug,
    "keys": keys,
    "sum": total,
    "from_json": parse_json,
    "integer": to_integer,
    "number": to_number,
    "boolean": to_boolean,
    "format_date": format_date,
}


@dataclass(frozen=True)
class Row:
    """One operator.

    `written` is the sign or the function in specs, or empty if only the compiler inserts the operator; an operator
    with an empty `signatures` has a typing rule of its own. In a signature, `T` is any one type, `list<T>` a list of
    that type, `any` a value or a list of any type, `as_json` a value converted to JSON; `...` repeats the type before.
    `can_fail` tells whether operands with values of their types can have no result.
    """

    written: str
    signatures: Tuple[str, ...]
    can_fail: bool


_ARITHMETIC = ("integer, integer -> integer", "number, number -> number")
_ORDER = ("integer, integer -> boolean", "number, number -> boolean", "string, string -> boolean")
_EXTREME = (
    "integer, integer, ... -> integer",
    "number, number, ... -> number",
    "list<integer> -> integer",
    "list<number> -> number",
)
_BOOLEANS = ("boolean, boolean -> boolean",)
_SAME = ("T, T -> boolean",)
_TWO_STRINGS = ("string, string -> boolean",)
_ONE_STRING = ("string -> string",)

# Operators by the word that the encoded form uses. A sign with several rows uses the first that fits the operands.
OPERATORS: Dict[str, Row] = {
    "not": Row("not", ("boolean -> boolean",), can_fail=False),
    "and": Row("and", _BOOLEANS, can_fail=False),  # evaluates the right side only if needed
    "or": Row("or", _BOOLEANS, can_fail=False),
    "neg": Row("-", ("integer -> integer", "number -> number"), can_fail=True),
    "add": Row("+", _ARITHMETIC, can_fail=True),
    "sub": Row("-", _ARITHMETIC, can_fail=True),
    "mul": Row("*", _ARITHMETIC, can_fail=True),
    "div": Row("/", ("number, number -> number",), can_fail=True),
    "mod": Row("%", ("integer, integer -> integer",), can_fail=True),  # with the sign of the dividend
    "concat": Row("+", ("string, string -> string",), can_fail=False),
    "eq": Row("==", _SAME, can_fail=False),
    "ne": Row("!=", _SAME, can_fail=False),
    "lt": Row("<", _ORDER, can_fail=False),  # strings by code point
    "le": Row("<=", _ORDER, can_fail=False),
    "gt": Row(">", _ORDER, can_fail=False),
    "ge": Row(">=", _ORDER, can_fail=False),
    "in": Row("in", (*_TWO_STRINGS, "T, list<T> -> boolean", "as_json, json -> boolean"), can_fail=True),
    "list": Row("", (), can_fail=False),  # T... -> list<T>
    "index": Row("", (), can_fail=True),  # json, string | json, integer -> json; list<T>, integer -> T
    "if": Row("if", ("boolean, T, T -> T",), can_fail=False),  # evaluates only the branch taken
    "default": Row("default", ("T, T -> T",), can_fail=False),  # evaluates the second only if the output is absent
    "len": Row("len", ("string -> integer", "list<T> -> integer", "json -> integer"), can_fail=True),
    "min": Row("min", _EXTREME, can_fail=True),
    "max": Row("max", _EXTREME, can_fail=True),
    "contains": Row("contains", (*_TWO_STRINGS, "list<T>, T -> boolean", "json, as_json -> boolean"), can_fail=True),
    "starts_with": Row("starts_with", _TWO_STRINGS, can_fail=False),
    "ends_with": Row("ends_with", _TWO_STRINGS, can_fail=False),
    "lower": Row("lower", _ONE_STRING, can_fail=False),  # ASCII only
    "upper": Row("upper", _ONE_STRING, can_fail=False),
    "trim": Row("trim", _ONE_STRING, can_fail=False),  # blanks, tabs and line breaks
    "replace": Row("replace", ("string, string, string -> string",), can_fail=True),
    "split": Row("split", ("string, string -> list<string>",), can_fail=True),
    "join": Row("join", ("list<string>, string -> string",), can_fail=False),
    "slug": Row("slug", _ONE_STRING, can_fail=False),
    "keys": Row("keys", ("json -> list<string>",), can_fail=True),
    "sum": Row("sum", ("list<integer> -> integer", "list<number> -> number"), can_fail=True),
    "to_json": Row("to_json", ("any -> string",), can_fail=True),
    "from_json": Row("from_json", ("string -> json",), can_fail=True),
    "string": Row("string", ("any -> string",), can_fail=False),  # the canonical text
    "integer": Row(
        "integer",
        ("string -> integer", "integer -> integer", "number -> integer", "json -> integer"),
        can_fail=True,
    ),
    "number": Row(
        "number",
        ("string -> number", "integer -> number", "number -> number", "json -> number"),
        can_fail=True,
    ),
    "boolean": Row("boolean", ("string -> boolean", "boolean -> boolean", "json -> boolean"), can_fail=True),
    "format_date": Row(
        "format_date", ("string, string -> string", "string, string, string -> string"), can_fail=True
    ),  # an RFC 3339 time, a format, a zone
    "text": Row("", (), can_fail=False),  # the text that a bare reference inserts: `0.80` stays `0.80`
    "json": Row("", (), can_fail=True),  # a typed value passed to a json position
}
