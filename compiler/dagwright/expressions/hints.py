"""What to write instead where types do not fit: the `help` of type errors."""

from __future__ import annotations

from collections.abc import Callable

from dagwright.expressions.syntax import Binary, Literal, Node
from dagwright.ir.types import ExprType, ListType, Type


def operand_hint(node: Binary, left: ExprType, right: ExprType, source: Callable[[Node], str]) -> str:
    """What to write where an operator does not take operands of these types."""
    if node.operator in ("and", "or"):
        wrong, kind = (node.left, left) if left is not Type.BOOLEAN else (node.right, right)
        return truth_hint(source(wrong), kind)
    if node.operator == "+" and Type.STRING in (left, right):
        side, text = (node.right, node.left) if left is Type.STRING else (node.left, node.right)
        if not (isinstance(text, Literal) and _plain_number(text.value)):
            return f"write `string({source(side)})` to join text"
    for side, other, kind, wanted in ((node.left, node.right, left, right), (node.right, node.left, right, left)):
        if wanted is Type.STRING and isinstance(other, Literal) and _plain_number(other.value):
            return f"write `{other.value}` without quotes"
        if kind in (Type.STRING, Type.JSON) and wanted in (Type.INTEGER, Type.NUMBER, Type.BOOLEAN):
            assert isinstance(wanted, Type)
            return f"write `{wanted.value}({source(side)})`"
        if kind is Type.JSON and wanted is Type.STRING:
            return f"write `string({source(side)})`"
    if node.operator == "%":
        return "`%` takes integers: write `integer(...)` around a whole number"
    return "write a cast around one side, such as `string(...)` or `number(...)`"


def _plain_number(value: object) -> bool:
    return isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit() and value.isascii()


def truth_hint(source: str, kind: ExprType) -> str:
    """How a value that is no boolean is made one."""
    if kind in (Type.STRING, Type.JSON):
        return f"write `boolean({source})`, or compare it: `{source} == '...'`"
    if isinstance(kind, ListType):
        return f"write `len({source}) > 0`"
    return f"write `{source} != 0`"
