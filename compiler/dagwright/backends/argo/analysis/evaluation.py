"""Properties of expressions: whether their evaluation can fail, and the values that they read."""

from __future__ import annotations

from dagwright.ir.expr import Const, Expr, ItemRef, MatrixRef, Op, Operator, ParamRef, RunRef, walk
from dagwright.ir.types import ListType, Type
from dagwright.meaning.operators import OPERATORS


def can_fail(expr: Expr) -> bool:
    """Whether the evaluation can fail even if every param has a value of its type."""
    return any(isinstance(part, Op) and not _is_total(part) for part in walk(expr))


def _is_total(op: Op) -> bool:
    """Whether an operation has a value; comparing json needs numbers in range."""
    json = op.args[0].type in (Type.JSON, ListType(Type.JSON))
    return not OPERATORS[op.operator.value].can_fail and not (json and op.operator in (Operator.EQ, Operator.NE))


def reads_only_run(expr: Expr) -> bool:
    """Whether the expression reads only params, the run and constants (so Argo evaluates it immediately)."""
    return all(isinstance(part, Const | ParamRef | Op | RunRef) for part in walk(expr))


def of_instance(expr: Expr) -> bool:
    """Whether the value differs between the instances of a fan-out."""
    return any(isinstance(part, MatrixRef | ItemRef) for part in walk(expr))
