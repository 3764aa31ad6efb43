"""The `help` of type errors: another expression, of the expected type."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from dagwright.diagnostics.fix import Advice
from dagwright.expressions.syntax import Binary, Literal, Node
from dagwright.ir.types import ExprType, ListType, Type

# Gives advice to replace a node by another text; `{}` in that text is the text of the node.
Write: TypeAlias = Callable[..., Advice]

# Operator → the functions that compare all items of a list, or any item, with one value.
_OF_ALL = {">": ("min", "max"), ">=": ("min", "max"), "<": ("max", "min"), "<=": ("max", "min")}

_NUMBERS = {Type.INTEGER, Type.NUMBER}


def operand_hint(node: Binary, left: ExprType, right: ExprType, write: Write) -> str | Advice:
    """The help for an operator that does not accept operands of these types."""
    if node.operator in ("and", "or"):
        wrong, kind = (node.left, left) if left is not Type.BOOLEAN else (node.right, right)
        return truth_hint(wrong, kind, write)
    if node.operator == "+" and Type.STRING in (left, right):
        side, text = (node.right, node.left) if left is Type.STRING else (node.left, node.right)
        if not (isinstance(text, Literal) and _plain_number(text.value)):
            return write(side, "string({})", " to join text")
    for side, other, kind, wanted in ((node.left, node.right, left, right), (node.right, node.left, right, left)):
        if wanted is Type.STRING and isinstance(other, Literal) and _plain_number(other.value):
            return write(other, str(other.value), " without quotes")
        if isinstance(kind, ListType) and (kind.element is wanted or {kind.element, wanted} <= _NUMBERS):
            return _list_hint(node, side, other, write)
        if kind in (Type.STRING, Type.JSON) and wanted in (Type.INTEGER, Type.NUMBER, Type.BOOLEAN):
            assert isinstance(wanted, Type)
            return write(side, f"{wanted.value}({{}})")
        if kind is Type.JSON and wanted is Type.STRING:
            return write(side, "string({})")
    if node.operator == "%":
        return "`%` takes integers: write `integer(...)` around a whole number"
    return "make both sides one type: write `string(...)` or `number(...)` around one of them"


def _list_hint(node: Binary, side: Node, other: Node, write: Write) -> str | Advice:
    """The help for an operator between a list, such as an output of all instances, and a single value."""
    turned = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
    operator = node.operator if side is node.left else turned.get(node.operator, node.operator)
    if operator in _OF_ALL:
        every, some = _OF_ALL[operator]
        return f"write {write(side, every + '({})').text[6:]} to ask for all items, or `{some}(...)` for any of them"
    if operator == "==":
        return f"write `contains(list, value)` to look for a value, or pick an item: {write(side, '{}[0]').text[6:]}"
    return f"a list has many values: pick one, such as {write(side, '{}[0]').text[6:]}"


def _plain_number(value: object) -> bool:
    return isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit() and value.isascii()


def truth_hint(node: Node, kind: ExprType, write: Write) -> Advice:
    """Advice to write a condition in place of a value that is not a boolean."""
    if kind in (Type.STRING, Type.JSON):
        return write(node, "boolean({})", ", or compare it: `... == '...'`")
    if isinstance(kind, ListType):
        return write(node, "len({}) > 0")
    return write(node, "{} != 0")
