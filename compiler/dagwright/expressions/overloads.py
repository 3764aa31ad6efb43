"""The choice of an overload for given arguments, and the resulting operation."""

from __future__ import annotations

from dataclasses import replace

from dagwright.expressions.convert import as_json, widen
from dagwright.expressions.signatures import Function, Signature
from dagwright.ir.expr import Expr, Op, Operator
from dagwright.ir.types import ExprType, ListType, Type
from dagwright.source.span import Span


def apply(function: Function, args: list[Expr], origin: Span) -> Op | None:
    """The operation of the first overload that accepts the arguments, with implicit steps inserted, or None."""
    for overload in function.overloads:
        if not overload.accepts_count(len(args)):
            continue
        patterns = [overload.args[min(i, len(overload.args) - 1)] for i in range(len(args))]
        variable = _variable(patterns, args)
        fitted = [_fit(pattern, arg, variable) for pattern, arg in zip(patterns, args, strict=True)]
        known = tuple(arg for arg in fitted if arg is not None)
        if len(known) == len(args):
            result = variable if overload.result == "T" else _type(overload.result)
            assert result is not None
            return _flat(Op(function.operator, known, result, origin=origin))
    return None


def _variable(patterns: list[str], args: list[Expr]) -> ExprType | None:
    """The type for `T`: the element of the list, else the first type; number for a mix of integers and numbers."""
    for pattern, arg in zip(patterns, args, strict=True):
        if pattern == "list<T>":
            return arg.type.element if isinstance(arg.type, ListType) else None
    types = [arg.type for pattern, arg in zip(patterns, args, strict=True) if pattern == "T"]
    if not types:
        return None
    return Type.NUMBER if Type.NUMBER in types and types[0] is Type.INTEGER else types[0]


def _fit(pattern: str, arg: Expr, variable: ExprType | None) -> Expr | None:
    match pattern:
        case "any":
            return arg
        case "T":
            return None if variable is None else widen(arg, variable)
        case "list<T>":
            return arg if isinstance(arg.type, ListType) else None
        case "as_json":
            return as_json(arg)
    wanted = _type(pattern)
    if isinstance(wanted, ListType):
        return arg if arg.type == wanted else None
    return widen(arg, wanted)


def _type(word: str) -> ExprType:
    """The type that a signature names."""
    return ListType(Type(word[5:-1])) if word.startswith("list<") else Type(word)


def _flat(op: Op) -> Op:
    """The operation with nested joins merged: `a + b + c` is a single CONCAT."""
    if op.operator is not Operator.CONCAT:
        return op
    first = op.args[0]
    if isinstance(first, Op) and first.operator is Operator.CONCAT:
        return replace(op, args=(*first.args, *op.args[1:]))
    return op


def first_misfit(function: Function, args: list[Expr]) -> int:
    """The index of the first argument that no overload accepts after the arguments before it."""
    fitting = [o for o in function.overloads if o.accepts_count(len(args))]
    for index in range(len(args)):
        if not any(_takes(overload, args, index) for overload in fitting):
            return index
    return len(args) - 1


def _takes(overload: Signature, args: list[Expr], upto: int) -> bool:
    patterns = [overload.args[min(i, len(overload.args) - 1)] for i in range(upto + 1)]
    variable = _variable(patterns, args[: upto + 1])
    return all(_fit(p, a, variable) is not None for p, a in zip(patterns, args, strict=False))
