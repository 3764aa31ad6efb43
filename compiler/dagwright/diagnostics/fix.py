"""Help lines with the edits that they describe."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dagwright.source.span import Source, Span
from dagwright.source.tree import Node, Scalar


@dataclass(frozen=True, slots=True)
class Edit:
    """A text that replaces a range of a source; an edit of an empty range inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together."""

    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """A help line, with a fix if there is exactly one way to follow it."""

    text: str
    fix: Fix | None = None


def replace(text: str, span: Span, new: str) -> Advice:
    """Advice to replace a span by `new`."""
    return Advice(text, Fix((Edit(span, new),)))


def reword(span: Span, word: str, new: str, said: str = "did you mean `{}`?") -> Advice:
    """Advice to replace a plain or quoted name by another name."""
    text = span.source.text[span.start : span.end]
    quotes = 1 if len(text) == len(word) + 2 and text[0] in "\"'" else 0
    inside = Span(span.source, span.start + quotes, span.end - quotes)
    found = inside.source.text[inside.start : inside.end] == word
    return Advice(said.format(new), Fix((Edit(inside, new),)) if found else None)


def applied(source: Source, edits: Iterable[Edit]) -> str:
    """The text of a source after its edits."""
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.span[1:], reverse=True):
        if edit.span.source is source:
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def removal(first: Scalar, last: Node) -> Edit:
    """The edit that removes an entry (key and value) or a list item, with its comma or its line."""
    source, start, end = first.source, first.start, max(first.end, last.end)
    text = source.text
    if text[end : end + 1] == ":":  # a key without a value
        end += 1
    after = len(text) - len(text[end:].lstrip(" \t"))
    if text[after : after + 1] == ",":
        after += 1
        return Edit(Span(source, start, len(text) - len(text[after:].lstrip(" \t"))), "")
    before = len(text[:start].rstrip(" \t"))
    if text[before - 1 : before] == ",":
        return Edit(Span(source, before - 1, end), "")
    line, stop = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    stop = len(text) if stop < 0 else stop + 1
    rest = text[end:stop].strip()
    alone = text[line:start].strip(" \t") == "" and (rest == "" or rest.startswith("#"))
    return Edit(Span(source, line, stop) if alone else Span(source, start, end), "")
