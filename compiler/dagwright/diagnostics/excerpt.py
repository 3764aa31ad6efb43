"""Source lines as shown in diagnostics: cut to a width, with visible characters and underlines in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dagwright.diagnostics.visible import masked, visible_char, width
from dagwright.source.span import Source, Span

WIDTH = 100  # columns shown of a source line
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Mark:
    """An underlined range of one line, in characters of the line, with its label."""

    line: int
    start: int
    end: int
    label: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Underline:
    """A mark as columns of the shown line."""

    indent: int
    length: int
    label: str
    primary: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    number: int
    text: str
    underlines: tuple[Underline, ...]


def mark_of(span: Span, label: str, primary: bool) -> Mark:
    """The mark of a span, on its first line; at least one character wide."""
    line, column = span.source.position(span.start)
    length = len(span.source.line(line))
    start = min(column - 1, length)
    end = max(start + 1, min(start + (span.end - span.start), length))
    return Mark(line, start, end, label, primary)


def _window(line: str, marks: Sequence[Mark]) -> tuple[int, int]:
    """The range of characters to show of a long line: all marks if they fit, else the text around the first mark."""
    if len(line) <= WIDTH:
        return 0, len(line)
    low, high = min(mark.start for mark in marks), max(mark.end for mark in marks)
    if high - low > WIDTH // 2:
        low, high = marks[0].start, min(marks[0].end, marks[0].start + WIDTH // 2)
    start = max(0, min((low + high - WIDTH) // 2, low - 10))
    return start, min(len(line), start + WIDTH)


def excerpt(source: Source, number: int, marks: Sequence[Mark]) -> Excerpt:
    """One line of a source with its marks; `marks` may be empty for a line of context."""
    line = source.line(number)
    start, end = _window(line, marks or [Mark(number, 0, 1, "", True)])
    piece = [
        visible_char(char) for char in masked(line[max(0, start - 200) : end + 200])[start - max(0, start - 200) :]
    ]
    piece = piece[: end - start]
    before = _CUT if start else ""
    text = before + "".join(piece) + (_CUT if end < len(line) else "")
    underlines = []
    for mark in marks:
        if not start <= mark.start <= end:
            continue
        indent = width(before + "".join(piece[: mark.start - start]))
        length = width("".join(piece[mark.start - start : mark.end - start]))
        underlines.append(Underline(indent, max(length, 1), mark.label, mark.primary))
    return Excerpt(number, text.rstrip(), tuple(underlines))
