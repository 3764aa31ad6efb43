"""Texts in their simplest form: constants as literals, joins split into parts, adjacent literals merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from dagwright.ir.expr import Const, Expr, Op, Operator, OutputRef, ParamRef, Text


def flatten(text: Text) -> Text:
    """The same text with as few and as plain pieces as possible."""
    if all(isinstance(piece, str | ParamRef | OutputRef) for piece in text.pieces):
        return text
    pieces: list[str | Expr] = []
    for piece in text.pieces:
        for part in _parts(piece):
            if isinstance(part, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += part
            elif part != "":
                pieces.append(part)
    return replace(text, pieces=tuple(pieces))


def _parts(piece: str | Expr) -> Iterator[str | Expr]:
    """The parts that a piece inserts, in order. A join of strings is replaced by its parts."""
    match piece:
        case Const():
            yield piece.text
        case Op(operator=Operator.CONCAT):
            for arg in piece.args:
                yield from _parts(arg)
        case Op(operator=Operator.TEXT, args=(inner,)):
            yield from _parts(inner)
        case _:
            yield piece
