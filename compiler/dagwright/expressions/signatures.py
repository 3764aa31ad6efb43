"""Functions and operators by the way specs write them, from the table of `dagwright.meaning.operators`."""

from __future__ import annotations

from collections.abc import Iterator
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
    return Signature(tuple(args[:-1] if repeats else args), repeats, result, given.replace(", ...", ", ..."))


def _is_word(written: str) -> bool:
    return written.isidentifier() and written not in _SIGNS


def _all() -> Iterator[tuple[str, Function]]:
    for operator in Operator:
        row = OPERATOR_ROWS[operator.value]
        if row.written:
            yield row.written, Function(operator, row.signatures)


def _by_sign(operands: int) -> dict[str, tuple[Function, ...]]:
    """The operators with this number of operands, by sign."""
    found: dict[str, tuple[Function, ...]] = {}
    for written, function in _all():
        if not _is_word(written) and len(function.overloads[0].args) == operands:
            found[written] = (*found.get(written, ()), function)
    return found


_SIGNS = ("not", "and", "or", "in")  # signs that are words

FUNCTIONS: dict[str, Function] = {written: function for written, function in _all() if _is_word(written)}
OPERATORS: dict[str, tuple[Function, ...]] = _by_sign(2)
UNARY: dict[str, Function] = {sign: functions[0] for sign, functions in _by_sign(1).items()}
