"""Conversions between types: the implicit step, and the casts for typed places."""

from __future__ import annotations

from dagwright.ir.expr import ArtifactRef, Const, Expr, InPath, Op, Operator, OutPath
from dagwright.ir.types import ExprType, Type

_CASTS = {
    Type.STRING: Operator.TO_STRING,
    Type.INTEGER: Operator.TO_INTEGER,
    Type.NUMBER: Operator.TO_NUMBER,
    Type.BOOLEAN: Operator.TO_BOOLEAN,
}


def is_path(expr: Expr) -> bool:
    """Whether an expression is the path of a file or directory, which cannot be used as a value."""
    return isinstance(expr, ArtifactRef | OutPath | InPath)


def widen(expr: Expr, wanted: ExprType) -> Expr | None:
    """The expression as the wanted type, by the only implicit step (integer to number), or None if it does not fit."""
    if expr.type == wanted:
        return expr
    if expr.type is Type.INTEGER and wanted is Type.NUMBER:
        if isinstance(expr, Const) and isinstance(expr.value, int) and float(expr.value) == expr.value:
            return Const(Type.NUMBER, float(expr.value), expr.text, origin=expr.origin)
        return Op(Operator.TO_NUMBER, (expr,), Type.NUMBER, origin=expr.origin)
    return None


def coerce(expr: Expr, wanted: ExprType) -> Expr | None:
    """The expression as a value for a typed place (an input of a component), or None if its type does not fit.

    In addition to the implicit step, json is cast to the wanted type, and any value is converted to json.
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
