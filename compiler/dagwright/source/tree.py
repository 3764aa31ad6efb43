"""The YAML tree: every key and value with exact offsets, and every scalar as written.

Built by `dagwright.reading.read`; the schema, then `lower`, read it. Aliases share nodes.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from dagwright.source.span import Source, Span

# The source text of one character in a quoted text.
_PIECES = {
    '"': re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|."),
    "'": re.compile("''|."),
}


class Scalar:
    """A scalar. `text` is its decoded text; for a plain (unquoted) scalar, this is the text as written.

    `value` is its YAML 1.2 core value: None, bool, int, float or str; quoted and block scalars are str.
    `verbatim` is True if offsets inside `text` equal offsets inside the source (plain or simply quoted on one
    line), so that a span inside the scalar can be computed; `text_start` is then the offset of `text[0]`.
    """

    __slots__ = ("end", "plain", "source", "start", "text", "text_start", "value", "verbatim")

    def __init__(
        self,
        source: Source,
        start: int,
        end: int,
        text: str,
        value: object,
        plain: bool,
        verbatim: bool,
        text_start: int,
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.text = text
        self.value = value
        self.plain = plain
        self.verbatim = verbatim
        self.text_start = text_start

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)

    def part(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`, or of the whole scalar if the offsets are not known."""
        if self.verbatim:
            return Span(self.source, self.text_start + start, self.text_start + end)
        offsets = self._offsets()
        if len(offsets) != len(self.text) + 1:
            return self._search(start, end)
        return Span(self.source, self.start + offsets[start], self.start + offsets[end])

    def _offsets(self) -> list[int]:
        """The source offset of each character of a quoted text, and of its end; [] for other texts."""
        spelling = self.source.text[self.start : self.end]
        pieces = _PIECES.get(spelling[:1])
        if pieces is None or "\n" in spelling:
            return []
        return [found.start() for found in pieces.finditer(spelling, 1, len(spelling) - 1)] + [len(spelling) - 1]

    def _search(self, start: int, end: int) -> Span:
        """The span of `text[start:end]` if it occurs as often in the source as in the text, else of the scalar."""
        piece, spelling = self.text[start:end], self.source.text[self.start : self.end]
        before = self.text[:start].count(piece) if piece else 0
        if not piece or self.text.count(piece) != spelling.count(piece):
            return self.span
        at = -len(piece)
        for _ in range(before + 1):
            at = spelling.find(piece, at + len(piece))
        return Span(self.source, self.start + at, self.start + at + len(piece))


class Sequence:
    """A sequence of nodes."""

    __slots__ = ("end", "items", "source", "start")

    def __init__(self, source: Source, start: int, end: int, items: list[Node]) -> None:
        self.source, self.start, self.end, self.items = source, start, end, items

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


class Mapping:
    """A mapping with text keys, in the author's order. `keys[k]` is the key's scalar, `values[k]` its node."""

    __slots__ = ("end", "keys", "source", "start", "values")

    def __init__(self, source: Source, start: int, end: int, keys: dict[str, Scalar], values: dict[str, Node]) -> None:
        self.source, self.start, self.end = source, start, end
        self.keys, self.values = keys, values

    @property
    def span(self) -> Span:
        return Span(self.source, self.start, self.end)


Node: TypeAlias = Scalar | Sequence | Mapping
