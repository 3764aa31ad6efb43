"""The table of functions and operators with their arguments and results, for the checker and messages.

In a signature, `T` is any one type, `list<T>` a list of that type, `any` a value or a list of any type, `as_json` a
value converted to json; `...` repeats the type before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dagwright.ir.expr import Operator


@dataclass(frozen=True, slots=True)
class Signature:
    """The types of the arguments, whether the last repeats, and the type of the result, as words of the table."""

    args: tuple[str, ...]
    repeats: bool
    result: str
    text: str

    def accepts_count(self, count: int) -> bool:
        return count >= len(self.args) if self.repeats else count == len(self.args)


@dataclass(frozen=True)
class Function:
    """An operation with its overloads, tried in order."""

    operator: Operator
    spelling: tuple[str, ...]

    @cached_property
    def overloads(self) -> tuple[Signature, ...]:
        return tuple(map(_signature, self.spelling))


def _signature(text: str) -> Signature:
    given, _, result = text.partition(" -> ")
    args = [arg.strip() for arg in given.split(",")]
    repeats = args[-1] == "..."
    return Signature(tuple(args[:-1] if repeats else args), repeats, result, given.replace(", ...", ", ..."))


def _of(operator: Operator, *spelling: str) -> Function:
    return Function(operator, spelling)


_EXTREME = (
    "integer, integer, ... -> integer",
    "number, number, ... -> number",
    "list<integer> -> integer",
    "list<number> -> number",
)

FUNCTIONS: dict[str, Function] = {
    "if": _of(Operator.IF, "boolean, T, T -> T"),
    "default": _of(Operator.DEFAULT, "T, T -> T"),
    "len": _of(Operator.LEN, "string -> integer", "list<T> -> integer", "json -> integer"),
    "min": _of(Operator.MIN, *_EXTREME),
    "max": _of(Operator.MAX, *_EXTREME),
    "contains": _of(
        Operator.CONTAINS, "string, string -> boolean", "list<T>, T -> boolean", "json, as_json -> boolean"
    ),
    "starts_with": _of(Operator.STARTS_WITH, "string, string -> boolean"),
    "ends_with": _of(Operator.ENDS_WITH, "string, string -> boolean"),
    "lower": _of(Operator.LOWER, "string -> string"),
    "upper": _of(Operator.UPPER, "string -> string"),
    "to_json": _of(Operator.TO_JSON, "any -> string"),
    "from_json": _of(Operator.FROM_JSON, "string -> json"),
    "string": _of(Operator.TO_STRING, "any -> string"),
    "integer": _of(
        Operator.TO_INTEGER, "string -> integer", "integer -> integer", "number -> integer", "json -> integer"
    ),
    "number": _of(Operator.TO_NUMBER, "string -> number", "integer -> number", "number -> number", "json -> number"),
    "boolean": _of(Operator.TO_BOOLEAN, "string -> boolean", "boolean -> boolean", "json -> boolean"),
    "format_date": _of(Operator.FORMAT_DATE, "string, string -> string", "string, string, string -> string"),
}

_ARITHMETIC = ("integer, integer -> integer", "number, number -> number")
_ORDER = (
    "integer, integer -> boolean",
    "number, number -> boolean",
    "string, string -> boolean",
)

OPERATORS: dict[str, tuple[Function, ...]] = {
    "+": (_of(Operator.ADD, *_ARITHMETIC), _of(Operator.CONCAT, "string, string -> string")),
    "-": (_of(Operator.SUB, *_ARITHMETIC),),
    "*": (_of(Operator.MUL, *_ARITHMETIC),),
    "/": (_of(Operator.DIV, "number, number -> number"),),
    "%": (_of(Operator.MOD, "integer, integer -> integer"),),
    "==": (_of(Operator.EQ, "T, T -> boolean"),),
    "!=": (_of(Operator.NE, "T, T -> boolean"),),
    "<": (_of(Operator.LT, *_ORDER),),
    "<=": (_of(Operator.LE, *_ORDER),),
    ">": (_of(Operator.GT, *_ORDER),),
    ">=": (_of(Operator.GE, *_ORDER),),
    "and": (_of(Operator.AND, "boolean, boolean -> boolean"),),
    "or": (_of(Operator.OR, "boolean, boolean -> boolean"),),
    "in": (_of(Operator.IN, "string, string -> boolean", "T, list<T> -> boolean", "as_json, json -> boolean"),),
}

UNARY: dict[str, Function] = {
    "not": _of(Operator.NOT, "boolean -> boolean"),
    "-": _of(Operator.NEG, "integer -> integer", "number -> number"),
}
