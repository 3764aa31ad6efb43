"""Scalars of the spec as typed values: durations, constants of a declared type, plain JSON."""

from __future__ import annotations

import re
from datetime import timedelta

from dagwright.diagnostics.fix import Advice, replace
from dagwright.diagnostics.model import Report
from dagwright.ir.expr import Const
from dagwright.ir.types import NOT_GIVEN, Type
from dagwright.meaning.values import Number, canonical, canonical_json, number_text
from dagwright.source.scalars import core_value
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

INTEGER_RANGE = (-(2**63), 2**63 - 1)
LONGEST = timedelta(days=3650)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"([0-9]+)([smhd])")
_WORDS = {
    Type.STRING: "a string",
    Type.INTEGER: "an integer",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "`true` or `false`",
    Type.JSON: "a JSON value",
}


def duration(node: Node, report: Report) -> timedelta:
    """The length of `1h30m`; the schema has checked its form. A duration that is too long is an E254."""
    assert isinstance(node, Scalar)
    text = node.text if len(node.text) <= 40 else "9999999999d"
    seconds = sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(text))
    if seconds > LONGEST.total_seconds():
        report.error(
            "E254",
            "a duration is at most 3650 days",
            node.span,
            label="longer than ten years",
            help=replace("write `3650d`", node.span, "3650d"),
        )
        return LONGEST
    return timedelta(seconds=seconds)


def plain(node: Node) -> object:
    """A node as plain JSON data."""
    match node:
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key: plain(value) for key, value in node.values.items()}


def json_data(node: Node) -> object:
    """A node as JSON; numbers keep their text, except in forms that only YAML has (`0x1F`)."""
    match node:
        case Scalar(value=int() | float() as value) if not isinstance(value, bool):
            return Number(number_text(node.text, value))
        case Scalar():
            return node.value
        case Sequence():
            return [json_data(item) for item in node.items]
        case Mapping():
            return {key: json_data(value) for key, value in node.values.items()}


def describe(node: Node) -> str:
    """A description of a node for messages, in the author's words."""
    match node:
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case Scalar(value=None):
            return "null"
        case Scalar(value=bool()):
            return "a boolean"
        case Scalar(value=int()):
            return "an integer"
        case Scalar(value=float()):
            return "a number"
    return "a string"


def constant(
    node: Node, wanted: Type, report: Report, *, what: str, spelt: bool = False, keeps_number: bool = False
) -> Const | None:
    """The node as a constant of a type, or None and an E250 that calls the value `what`.

    `spelt` keeps the scalar as written as its inserted text, `keeps_number` does so for a number; otherwise the text
    is canonical.
    """
    value = _value(node, wanted)
    if not _in_range(value) or (value is _WRONG and wanted is Type.INTEGER and _is_huge(node)):
        report.error("E251", f"{what} holds a number out of range", node.span, label="outside 64 bits",
                     help="declare it as a `string`, if nothing computes with it")  # fmt: skip
        return None
    if value is _WRONG:
        report.error(
            "E250",
            f"{what} must be {_WORDS[wanted]}, not {describe(node)}",
            node.span,
            label=f"this is {describe(node)}",
            help=_help(node, wanted),
        )
        return None
    if wanted is Type.JSON:
        value = json_data(node)
    if spelt and isinstance(node, Scalar):
        return Const(wanted, value, node.text, origin=node.span)
    if keeps_number and wanted is Type.NUMBER and isinstance(node, Scalar):
        return Const(wanted, value, number_text(node.text, value), origin=node.span)
    return Const(wanted, value, _text(node, wanted, value), origin=node.span)


def _is_huge(node: Node) -> bool:
    """Whether a node is an integer with so many digits that it was read as an infinite number."""
    return isinstance(node, Scalar) and isinstance(node.value, float) and node.text.lstrip("+-").isdecimal()


def _text(node: Node, wanted: Type, value: object) -> str:
    """The canonical text of a constant; for json always JSON, since expressions that compute with json parse it."""
    if wanted is Type.NUMBER and isinstance(node, Scalar) and isinstance(node.value, int):
        return canonical(node.value)  # a double would lose digits
    return canonical_json(value) if wanted is Type.JSON else canonical(value)


_WRONG = object()


def _value(node: Node, wanted: Type) -> object:
    if wanted is Type.JSON:
        return plain(node)
    if not isinstance(node, Scalar) or node.value is None:
        return _WRONG
    value = node.value
    match wanted:
        case Type.STRING:
            return node.text
        case Type.INTEGER if isinstance(value, int) and not isinstance(value, bool):
            return value
        case Type.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            return _as_float(value)
        case Type.BOOLEAN if isinstance(value, bool):
            return value
    return _WRONG


def _as_float(value: int | float) -> object:
    try:
        return float(value)
    except OverflowError:
        return float("inf")


def _in_range(value: object) -> bool:
    match value:
        case bool() | None | str():
            return True
        case int():
            return INTEGER_RANGE[0] <= value <= INTEGER_RANGE[1]
        case float():
            return value - value == 0  # neither infinite nor NaN
        case list():
            return all(map(_in_range, value))
        case dict():
            return all(map(_in_range, value.values()))
    return True


_EXAMPLES = {
    Type.STRING: "write a string, such as `north`",
    Type.INTEGER: "write an integer, such as `3`",
    Type.NUMBER: "write a number, such as `0.5`",
    Type.BOOLEAN: "write `true` or `false`",
}


def _help(node: Node, wanted: Type) -> str | Advice | None:
    """The help: the text without quotes if that has the type, else an example value."""
    if isinstance(node, Scalar) and not node.plain and len(node.text) <= 40 and wanted is not Type.STRING:
        bare = Scalar(node.source, node.start, node.end, node.text, core_value(node.text), True, False, 0)
        value = _value(bare, wanted)
        if value is not _WRONG and _in_range(value):
            return replace(f"write `{node.text}` without quotes", node.span, node.text)
    if isinstance(node, Scalar) and node.value is None and wanted in NOT_GIVEN:
        return f'write a value that means "not given", such as `{NOT_GIVEN[wanted]}`'
    return _EXAMPLES.get(wanted)


def axis_type(nodes: list[Node]) -> Type:
    """The narrowest type that holds every value: integers, numbers, booleans, else strings; json for lists and maps."""
    if not all(isinstance(node, Scalar) for node in nodes):
        return Type.JSON
    kinds = {type(node.value) for node in nodes if isinstance(node, Scalar)}
    if kinds == {bool}:
        return Type.BOOLEAN
    if kinds == {int}:
        return Type.INTEGER
    return Type.NUMBER if kinds and kinds <= {int, float} else Type.STRING
