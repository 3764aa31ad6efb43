"""A parser's error as offsets, and the text around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dagwright.diagnostics.fix import Advice, replace
from dagwright.reading.messages import rest_of_line
from dagwright.source.span import Source, Span


@dataclass(frozen=True, slots=True)
class Trouble:
    """A parser's error: its two texts, its offset (`at`), and the start of the token or block (`since`)."""

    source: Source
    problem: str
    context: str
    at: int
    since: int | None
    opened: int | None  # the innermost open bracket or brace
    value_start: int | None  # the start of the last scalar
    value_end: int

    def line_start(self, offset: int) -> int:
        return self.source.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        end = self.source.text.find("\n", offset)
        return len(self.source.text) if end < 0 else end

    def is_first_on_line(self, offset: int) -> bool:
        return not self.source.text[self.line_start(offset) : offset].strip()

    def same_line(self, a: int, b: int) -> bool:
        return "\n" not in self.source.text[min(a, b) : max(a, b)]

    def span(self, start: int, end: int | None = None) -> Span:
        """A span within one line; it is never empty, except at the end of the text."""
        text = self.source.text
        start = min(start, max(len(text) - 1, 0))
        if start and start == len(text) - 1 and text[start] == "\n" and text[start - 1] != "\n":
            start -= 1
        stop = start + 1 if end is None else max(end, start + 1)
        return Span(self.source, start, min(stop, max(self.line_end(start), start)))

    def instead(self, start: int, old: str, new: str, said: str) -> Advice:
        """Advice to replace `old` by `new`; `said` has `{}` in the place of the new text."""
        text = said.replace("{}", new)
        return (
            replace(text, Span(self.source, start, start + len(old)), new)
            if self.source.text.startswith(old, start)
            else Advice(text)
        )

    def word_at(self, offset: int) -> Span:
        found = re.compile(r"[^\s:,\[\]{}]+").match(self.source.text, offset)
        return self.span(offset, found.end() if found else None)


def quote(text: str) -> str:
    """A text as a single-quoted YAML scalar."""
    return "'" + text.replace("'", "''") + "'"


def rest_of_value(trouble: Trouble, start: int) -> str:
    """The intended value that starts here: the rest of the line, without a comment."""
    rest = rest_of_line(trouble.source, start)
    if trouble.opened is not None:
        return re.split(r"[,\]}]", rest, maxsplit=1)[0].rstrip()
    return rest
