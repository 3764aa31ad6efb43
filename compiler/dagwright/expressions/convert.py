"""The step from one type to another: the implicit one, and the casts that a caller may make."""

from __future__ import annotations

from dagwright.ir.expr import ArtifactRef, Const, Expr, InPath, Op, Operator, OutPath
from dagwright.ir.types import ExprType, Type
from dagwright.runtime.values import canonical

_CASTS = {
    Type.STRING: Operator.TO_STRING,
    Type.INTEGER: Operator.TO_INTEGER,
    Type.NUMBER: Operator.TO_NUMBER,
    Type.BOOLEAN: Operator.TO_BOOLEAN,
}


def is_path(expr: Expr) -> bool:
    """Whether an expression stands for a file or directory, which has no value to compute with."""
    return isinstance(expr, ArtifactRef | OutPath | InPath)


def widen(expr: Expr, wanted: ExprType) -> Expr | None:
    """The expression as the wanted type by the only implicit step, from integer to number; None if there is none."""
    if expr.type == wanted:
        return expr
    if expr.type is Type.INTEGER and wanted is Type.NUMBER:
        if isinstance(expr, Const) and isinstance(expr.value, int):
            number = float(expr.value)
            return Const(Type.NUMBER, number, canonical(number), origin=expr.origin)
        return Op(Operator.TO_NUMBER, (expr,), Type.NUMBER, origin=expr.origin)
    return None


def coerce(expr: Expr, wanted: ExprType) -> Expr | None:
    """The expression as a value for a typed place (an input of a component), or None where that cannot be.

    Beyond the implicit step, json is cast to the wanted type, and any value becomes json.
    """
    if is_path(expr):
        return expr if expr.type is wanted else None
    widened = widen(expr, wanted)
    if widened is not None:
        return widened
    if wanted is Type.JSON and not (isinstance(expr.type, Type) and expr.type.is_artifact):
        return as_json(expr)
    if expr.type is Type.JSON and isinstance(wanted, Type) and wanted in _CASTS:
        return Op(_CASTS[wanted], (expr,), wanted, origin=expr.origin)
    return None


def as_json(expr: Expr) -> Expr:
    if expr.type is Type.JSON:
        return expr
    return Op(Operator.TO_JSON_VALUE, (expr,), Type.JSON, origin=expr.origin)
