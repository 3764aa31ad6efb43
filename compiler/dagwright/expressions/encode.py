"""Typed expressions as plain JSON data, for `dagwright.runtime.evaluate`.

A node is a list: a word, then its operands. The words are those of `Operator` and `const`, `parsed`, `param`,
`output`, `outputs`, `status`, `matrix`, `item`, `run`, `in_path`, `out_path`.
"""

from __future__ import annotations

from typing import Any, assert_never

from dagwright.ir.expr import (
    ArtifactRef,
    Const,
    Expr,
    InPath,
    ItemRef,
    MatrixRef,
    Op,
    OutPath,
    OutputRef,
    ParamRef,
    RunRef,
    StatusRef,
    Text,
)
from dagwright.ir.types import ListType, Type
from dagwright.meaning.values import EvaluationError, canonical, canonical_json, parse


def encode(expr: Expr) -> list[Any]:
    """The encoded form of an expression."""
    match expr:
        case Const():
            return _const(expr)
        case ParamRef():
            return ["param", expr.name, expr.type.value]
        case OutputRef():
            return _output(expr)
        case StatusRef():
            return ["status", expr.task]
        case MatrixRef():
            return ["matrix", expr.axis, expr.type.value]
        case ItemRef():
            return ["item", expr.type.value]
        case RunRef():
            return ["run", expr.name.value]
        case InPath():
            return ["in_path", expr.input]
        case OutPath():
            return ["out_path", expr.output]
        case Op():
            return [expr.operator.value, *map(encode, expr.args)]
        case ArtifactRef():
            raise AssertionError("an artifact reference was left in the IR")
        case _:
            assert_never(expr)


def encode_text(text: Text) -> str | list[Any]:
    """A string if the text is literal, else a list of strings and encoded expressions."""
    literal = text.literal
    if literal is not None:
        return literal
    return [piece if isinstance(piece, str) else encode(piece) for piece in text.pieces]


def _const(const: Const) -> list[Any]:
    """The value (the text of json), and the text that a bare reference inserts, if that is not the canonical text."""
    encoded = ["parsed", canonical_json(const.value)] if const.type is Type.JSON else ["const", const.value]
    return encoded if const.text == canonical(const.value) else [*encoded, const.text]


def typed_text(const: Const) -> str:
    """The text from which an expression reads a constant: its own if that has the type, else the canonical text."""
    if const.type is Type.JSON:
        return canonical_json(const.value)
    assert isinstance(const.type, Type)
    try:
        parse(const.text, const.type.value)
    except EvaluationError:
        return canonical(const.value)
    return const.text


def _output(ref: OutputRef) -> list[Any]:
    if isinstance(ref.type, ListType):
        return ["outputs", ref.task, ref.output, ref.type.element.value]
    encoded = ["output", ref.task, ref.output, ref.type.value]
    return encoded if ref.default is None else [*encoded, ref.default.text]
