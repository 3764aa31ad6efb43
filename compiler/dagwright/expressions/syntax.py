"""The syntax tree of an expression: the text as written, with offsets, before names and types are known.

`start` and `end` are offsets into the expression's own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, a 64-bit integer, a double, or `true` and `false`."""

    start: int
    end: int
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class Name:
    """A single word: a root such as `params`, or `item`."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """`base.name`; the name is at `name_start:end`."""

    start: int
    end: int
    base: Node
    name: str
    name_start: int


@dataclass(frozen=True, slots=True)
class Index:
    """`base[key]`."""

    start: int
    end: int
    base: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Call:
    """`name(args)`; the name is at `start:name_end`."""

    start: int
    end: int
    name: str
    name_end: int
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """`not x` or `-x`."""

    start: int
    end: int
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right`; the operator is at `operator_start:operator_end`."""

    start: int
    end: int
    operator: str
    operator_start: int
    operator_end: int
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class ListLiteral:
    """`[a, b]`."""

    start: int
    end: int
    items: tuple[Node, ...]


Node: TypeAlias = Literal | Name | Attribute | Index | Call | Unary | Binary | ListLiteral


class ExpressionSyntaxError(Exception):
    """A syntax error in an expression: the wrong range, and its message."""

    def __init__(
        self, code: str, message: str, start: int, end: int, *, label: str = "", help_text: str | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.start, self.end = code, message, start, end
        self.label, self.help = label, help_text
