"""Typed expressions as Python trees, with Python operators where their meaning is the same.

Otherwise (checked arithmetic, casts, JSON), the trees call functions of `dagwright.meaning.values` by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from types import FunctionType

from dagwright.ir.expr import Const, Expr, Op, Operator
from dagwright.ir.types import ListType, Type
from dagwright.meaning import values
from dagwright.meaning.operators import STRICT
from dagwright.meaning.values import canonical_json, number_text
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

# Operators whose evaluation is a function of `dagwright.meaning.values`, which the file defines.
_CALLS: dict[Operator, str] = {
    operator: function.__name__
    for operator in Operator
    if isinstance(function := STRICT.get(operator.value), FunctionType) and hasattr(values, function.__name__)
}

_METHODS = {Operator.STARTS_WITH: "startswith", Operator.ENDS_WITH: "endswith"}


_NUMBERS = ListType(Type.NUMBER)


@dataclass(frozen=True, slots=True)
class Read:
    """The printers of references; reading an absent output must raise `Absent`.

    `value` prints the value of a reference, and `text` the text that it inserts; `spelled` prints the checked text of a
    number, or a list of such texts.
    """

    value: Reference
    text: Reference
    spelled: Reference


def to_python(expr: Expr, read: Read) -> Tree:
    """A tree for the expression's value."""
    return _Printer(read).value(expr)


def to_python_json(expr: Expr, read: Read) -> Tree:
    """A tree for the canonical JSON of the expression's value."""
    return _Printer(read).json_text(expr)


def to_python_text(expr: Expr, read: Read) -> Tree:
    """A tree for the text that the expression inserts."""
    return _Printer(read).text(expr)


class _Printer:
    def __init__(self, read: Read) -> None:
        self.read = read

    def value(self, expr: Expr) -> Tree:
        match expr:
            case Const(type=Type.JSON):
                return call("parse_json", canonical_json(expr.value))
            case Const():
                return constant(expr.value)
            case Op():
                return self.operation(expr)
            case _:
                return self.read.value(expr)

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
                return self.canonical(expr)
            case _:
                return self.read.text(expr)

    def canonical(self, expr: Expr) -> Tree:
        """The canonical text of a value: a string unchanged, other values as JSON."""
        if expr.type in (Type.STRING, Type.FILE, Type.DIRECTORY):
            return self.value(expr)
        return self.json_text(expr) if expr.type in (Type.NUMBER, _NUMBERS) else call("canonical", self.value(expr))

    def json_text(self, expr: Expr) -> Tree:
        """The canonical JSON of a value; a number without computation keeps its text."""
        if expr.type is Type.NUMBER:
            return self.spelled(expr)
        if expr.type == _NUMBERS:
            return call("list_text", self.spelled(expr), "number")
        return call("canonical_json", self.value(expr))

    def spelled(self, expr: Expr) -> Tree:
        """The text of a number as written, or a list of such texts; for a computed number, the canonical text.

        The runtime's `json_text` walks an expression in the same way.
        """
        match expr:
            case Const(value=list()):
                return listed([])
            case Const():
                return constant(number_text(expr.text, expr.value))
            case Op(operator=Operator.IF, args=(condition, then, otherwise)):
                return choice(self.spelled(then), self.value(condition), self.spelled(otherwise))
            case Op(operator=Operator.DEFAULT, args=(ref, other)):
                return call("default", _thunk(self.spelled(ref)), _thunk(self.spelled(other)))
            case Op(operator=Operator.LIST):
                return listed([self.spelled(arg) for arg in expr.args])
            case Op(operator=Operator.INDEX, args=(container, key)) if container.type == _NUMBERS:
                return call("index", self.spelled(container), self.value(key))
            case Op(operator=Operator.TO_NUMBER, args=(whole,)) if whole.type is Type.INTEGER:
                return call("canonical", self.value(whole))
            case Op():
                return call("canonical", self.value(expr))
            case _:
                return self.read.spelled(expr)

    def operation(self, op: Op) -> Tree:
        match op.operator:
            case Operator.TEXT:
                return self.text(op.args[0])
            case Operator.TO_STRING:
                return self.canonical(op.args[0])
            case Operator.TO_JSON:
                return self.json_text(op.args[0])
            case Operator.TO_JSON_VALUE:
                return call("parse_json", self.json_text(op.args[0]))
            case Operator.DEFAULT:
                return call("default", _thunk(self.value(op.args[0])), _thunk(self.value(op.args[1])))
            case Operator.NOT:
                return self.negation(op.args[0])
            case Operator.IF:
                condition, then, otherwise = map(self.value, op.args)
                return choice(then, condition, otherwise)
        args = [self.value(arg) for arg in op.args]
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
        if op.operator in _CALLS:
            return call(_CALLS[op.operator], *args)
        if op.operator in _METHODS:
            return method(args[0], _METHODS[op.operator], *args[1:])
        sign = _BINARY[op.operator]
        return reduce(lambda left, right: operation(left, sign, right), args)

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


def _thunk(body: Tree) -> Tree:
    return function_of("", body)
