"""Functions and operators by the way specs write them, from the table of `dagwright.meaning.operators`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from dagwright.ir.expr import Operator
from dagwright.meaning.operators import OPERATORS as OPERATOR_ROWS


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
    return Signature(tuple(args[:-1] if repeats else args), repeats, result, given)


_SIGNS = ("not", "and", "or", "in")  # signs that are words

FUNCTIONS: dict[str, Function] = {}
OPERATORS: dict[str, tuple[Function, ...]] = {}  # with two operands
UNARY: dict[str, Function] = {}

for _operator in Operator:
    _row = OPERATOR_ROWS[_operator.value]
    _function = Function(_operator, _row.signatures)
    if _row.written.isidentifier() and _row.written not in _SIGNS:
        FUNCTIONS[_row.written] = _function
    elif _row.written and len(_function.overloads[0].args) == 2:
        OPERATORS[_row.written] = (*OPERATORS.get(_row.written, ()), _function)
    elif _row.written:
        UNARY[_row.written] = _function
