"""Sources, and spans of text in them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True, eq=False)
class Source:
    """A source file: its name as the user gave it (`-` is standard input) and its text.

    `path` is shown in diagnostics; offsets into `text` count characters from 0.
    """

    path: str
    text: str
    digest: str = field(default="")  # sha256 of the file's bytes, in hex

    @cached_property
    def line_starts(self) -> list[int]:
        """The offset of the first character of every line, in order."""
        starts, at = [0], self.text.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1; columns count characters."""
        line = bisect_right(self.line_starts, offset) - 1
        return line + 1, offset - self.line_starts[line] + 1

    def line(self, number: int) -> str:
        """The text of one line (from 1), without its line break."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")


class Span(NamedTuple):
    """A half-open range of characters of one source: `source.text[start:end]`."""

    source: Source
    start: int
    end: int

    def part(self, start: int, end: int) -> Span:
        """A range within this span, offsets relative to its start."""
        return Span(self.source, self.start + start, self.start + end)


NOWHERE = Span(Source("<none>", ""), 0, 0)
