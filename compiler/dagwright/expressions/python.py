"""Typed expressions as Python trees, with Python operators where their meaning is the same.

Otherwise (checked arithmetic, casts, JSON), the trees call functions of `dagwright.runtime.values` by name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from dagwright.expressions.encode import json_value
from dagwright.ir.expr import Const, Expr, Op, Operator
from dagwright.ir.types import ListType, Type
from dagwright.printing.code import Tree, call, choice, constant, function_of, listed, method, negation, operation

Reference = Callable[[Expr], Tree]

_BINARY = {
    Operator.AND: "and",
    Operator.OR: "or",
    Operator.CONCAT: "+",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
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


def to_python(expr: Expr, reference: Reference, inserted: Reference | None = None) -> Tree:
    """A tree for the expression's value.

    `reference` prints the value of a reference (which must raise `Absent` for an absent output); `inserted` prints the
    text that a reference inserts, for references within a text.
    """
    return _Printer(reference, inserted).value(expr)


def to_python_text(expr: Expr, reference: Reference, inserted: Reference | None = None) -> Tree:
    """A tree for the text that the expression inserts."""
    return _Printer(reference, inserted).text(expr)


class _Printer:
    def __init__(self, reference: Reference, inserted: Reference | None) -> None:
        self.reference, self.inserted = reference, inserted

    def value(self, expr: Expr) -> Tree:
        match expr:
            case Const():
                return constant(json_value(expr))
            case Op():
                return self.operation(expr)
            case _:
                return self.reference(expr)

    def text(self, expr: Expr) -> Tree:
        """A tree for the inserted text: a reference as written, a computed value in canonical form."""
        match expr:
            case Const():
                return constant(expr.text)
            case Op(operator=Operator.TEXT, args=(inner,)):
                return self.text(inner)
            case Op(operator=Operator.DEFAULT, args=(ref, other)):
                return call("default", _thunk(self.text(ref)), _thunk(self.text(other)))
            case Op():
                pass
            case _ if self.inserted is not None:
                return self.inserted(expr)
        return _canonical(self.value(expr), expr)

    def operation(self, op: Op) -> Tree:
        match op.operator:
            case Operator.TEXT:
                return self.text(op.args[0])
            case Operator.DEFAULT:
                return call("default", _thunk(self.value(op.args[0])), _thunk(self.value(op.args[1])))
            case Operator.NOT:
                return self.negation(op.args[0])
            case Operator.IF:
                condition, then, otherwise = map(self.value, op.args)
                return choice(then, condition, otherwise)
        args = [self.value(arg) for arg in op.args]
        if op.operator in _CALLS:
            return call(_CALLS[op.operator], *args)
        if op.operator in _METHODS:
            return method(args[0], _METHODS[op.operator], *args[1:])
        return self.rest(op, args)

    def rest(self, op: Op, args: list[Tree]) -> Tree:
        match op.operator:
            case Operator.LIST:
                return listed(args)
            case Operator.MIN | Operator.MAX:
                name = "minimum" if op.operator is Operator.MIN else "maximum"
                return call(name, args[0] if len(args) == 1 else listed(args))
            case Operator.IN:
                return self.membership(op, args, "in")
            case Operator.EQ | Operator.NE:
                return self.equality(op, args)
        return reduce(lambda left, right: operation(left, _BINARY[op.operator], right), args)

    def negation(self, operand: Expr) -> Tree:
        if isinstance(operand, Op) and operand.operator is Operator.IN:
            return self.membership(operand, [self.value(arg) for arg in operand.args], "not in")
        return negation(self.value(operand))

    def membership(self, op: Op, args: list[Tree], operator: str) -> Tree:
        container = op.args[1].type
        plain = container is Type.STRING or (isinstance(container, ListType) and container.element is not Type.JSON)
        if plain:
            return operation(args[0], operator, args[1])
        found = call("contains", args[1], args[0])
        return found if operator == "in" else negation(found)

    def equality(self, op: Op, args: list[Tree]) -> Tree:
        kind = op.args[0].type
        json = kind is Type.JSON or (isinstance(kind, ListType) and kind.element is Type.JSON)
        if not json:
            return operation(args[0], "==" if op.operator is Operator.EQ else "!=", args[1])
        same = call("equal", *args)
        return same if op.operator is Operator.EQ else negation(same)


def _canonical(value: Tree, expr: Expr) -> Tree:
    plain = expr.type in (Type.STRING, Type.FILE, Type.DIRECTORY)
    return value if plain else call("canonical", value)


def _thunk(body: Tree) -> Tree:
    return function_of("", body)
