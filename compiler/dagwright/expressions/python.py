"""Typed expressions as Python: syntax trees that read as Python where it agrees with the language.

Where it does not (checked arithmetic, casts, JSON), they call the functions of `dagwright.runtime.values` by name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from dagwright.expressions.encode import json_value
from dagwright.ir.expr import Const, Expr, Op, Operator
from dagwright.ir.types import ListType, Type

Reference = Callable[[Expr], ast.expr]

_COMPARISONS: dict[Operator, ast.cmpop] = {
    Operator.LT: ast.Lt(),
    Operator.LE: ast.LtE(),
    Operator.GT: ast.Gt(),
    Operator.GE: ast.GtE(),
}

_CALLS: dict[Operator, str] = {
    Operator.NEG: "negate",
    Operator.ADD: "add",
    Operator.SUB: "subtract",
    Operator.MUL: "multiply",
    Operator.DIV: "divide",
    Operator.MOD: "modulo",
    Operator.INDEX: "index",
    Operator.LEN: "length",
    Operator.CONTAINS: "contains",
    Operator.LOWER: "lower",
    Operator.UPPER: "upper",
    Operator.TO_JSON: "canonical_json",
    Operator.FROM_JSON: "parse_json",
    Operator.TO_STRING: "canonical",
    Operator.TO_INTEGER: "to_integer",
    Operator.TO_NUMBER: "to_number",
    Operator.TO_BOOLEAN: "to_boolean",
    Operator.TO_JSON_VALUE: "to_json_value",
    Operator.FORMAT_DATE: "format_date",
}

_METHODS = {Operator.STARTS_WITH: "startswith", Operator.ENDS_WITH: "endswith"}


def to_python(expr: Expr, reference: Reference, inserted: Reference | None = None) -> ast.expr:
    """A tree that gives the expression's value.

    `reference` prints the value of a reference (reading an output that is absent must raise `Absent`); `inserted`
    the text that a reference inserts, for references within a text.
    """
    return _Printer(reference, inserted).value(expr)


def to_python_text(expr: Expr, reference: Reference, inserted: Reference | None = None) -> ast.expr:
    """A tree that gives the text that the expression inserts."""
    return _Printer(reference, inserted).text(expr)


class _Printer:
    def __init__(self, reference: Reference, inserted: Reference | None) -> None:
        self.reference, self.inserted = reference, inserted

    def value(self, expr: Expr) -> ast.expr:
        match expr:
            case Const():
                return _literal(json_value(expr))
            case Op():
                return self.operation(expr)
            case _:
                return self.reference(expr)

    def text(self, expr: Expr) -> ast.expr:
        """As a bare insertion: a reference as it was written, anything computed in canonical form."""
        match expr:
            case Const():
                return _literal(expr.text)
            case Op(operator=Operator.TEXT, args=(inner,)):
                return self.text(inner)
            case Op(operator=Operator.DEFAULT, args=(ref, other)):
                return _call("default", _thunk(self.text(ref)), _thunk(self.text(other)))
            case Op():
                pass
            case _ if self.inserted is not None:
                return self.inserted(expr)
        return _canonical(self.value(expr), expr)

    def operation(self, op: Op) -> ast.expr:
        match op.operator:
            case Operator.TEXT:
                return self.text(op.args[0])
            case Operator.DEFAULT:
                return _call("default", _thunk(self.value(op.args[0])), _thunk(self.value(op.args[1])))
            case Operator.NOT:
                return self.negation(op.args[0])
            case Operator.AND | Operator.OR:
                return self.logical(op)
            case Operator.IF:
                condition, then, otherwise = map(self.value, op.args)
                return ast.IfExp(condition, then, otherwise)
        args = [self.value(arg) for arg in op.args]
        if op.operator in _CALLS:
            return _call(_CALLS[op.operator], *args)
        if op.operator in _METHODS:
            return ast.Call(ast.Attribute(args[0], _METHODS[op.operator], ast.Load()), args[1:], [])
        return self.rest(op, args)

    def rest(self, op: Op, args: list[ast.expr]) -> ast.expr:
        match op.operator:
            case Operator.CONCAT:
                joined = args[0]
                for arg in args[1:]:
                    joined = ast.BinOp(joined, ast.Add(), arg)
                return joined
            case Operator.LIST:
                return ast.List(args, ast.Load())
            case Operator.MIN | Operator.MAX:
                name = "minimum" if op.operator is Operator.MIN else "maximum"
                return _call(name, args[0] if len(args) == 1 else ast.List(args, ast.Load()))
            case Operator.IN:
                return self.membership(op, args, ast.In())
            case Operator.EQ | Operator.NE:
                return self.equality(op, args)
        return ast.Compare(args[0], [_COMPARISONS[op.operator]], [args[1]])

    def negation(self, operand: Expr) -> ast.expr:
        if isinstance(operand, Op) and operand.operator is Operator.IN:
            return self.membership(operand, [self.value(arg) for arg in operand.args], ast.NotIn())
        return ast.UnaryOp(ast.Not(), self.value(operand))

    def logical(self, op: Op) -> ast.expr:
        """`a and b and c` as one operation, whichever way it was nested."""
        kind = ast.And() if op.operator is Operator.AND else ast.Or()
        values: list[ast.expr] = []
        for arg in op.args:
            tree = self.value(arg)
            values += tree.values if isinstance(tree, ast.BoolOp) and type(tree.op) is type(kind) else [tree]
        return ast.BoolOp(kind, values)

    def membership(self, op: Op, args: list[ast.expr], operator: ast.cmpop) -> ast.expr:
        container = op.args[1].type
        plain = container is Type.STRING or (isinstance(container, ListType) and container.element is not Type.JSON)
        if plain:
            return ast.Compare(args[0], [operator], [args[1]])
        found = _call("contains", args[1], args[0])
        return found if isinstance(operator, ast.In) else ast.UnaryOp(ast.Not(), found)

    def equality(self, op: Op, args: list[ast.expr]) -> ast.expr:
        kind = op.args[0].type
        json = kind is Type.JSON or (isinstance(kind, ListType) and kind.element is Type.JSON)
        if not json:
            return ast.Compare(args[0], [ast.Eq() if op.operator is Operator.EQ else ast.NotEq()], [args[1]])
        same = _call("equal", *args)
        return same if op.operator is Operator.EQ else ast.UnaryOp(ast.Not(), same)


def _canonical(value: ast.expr, expr: Expr) -> ast.expr:
    plain = expr.type in (Type.STRING, Type.FILE, Type.DIRECTORY)
    return value if plain else _call("canonical", value)


def _call(function: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(function, ast.Load()), list(args), [])


def _thunk(body: ast.expr) -> ast.Lambda:
    nothing = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(nothing, body)


def _literal(value: object) -> ast.expr:
    """A literal of None, booleans, numbers, strings, lists and dicts."""
    match value:
        case list():
            return ast.List([_literal(item) for item in value], ast.Load())
        case dict():
            return ast.Dict([_literal(key) for key in value], [_literal(item) for item in value.values()])
        case None | bool() | int() | float() | str():
            return ast.Constant(value)
    raise AssertionError(f"no literal of {type(value)}")
