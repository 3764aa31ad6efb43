"""Advice to write another expression, with the edit of its YAML text."""

from __future__ import annotations

from dagwright.diagnostics.fix import Advice, Edit, Fix
from dagwright.source.span import Span

_LONGEST = 70
_SPECIAL = ',[]{}#"\\'  # characters that a plain YAML text cannot contain everywhere
_BEFORE_A_QUOTE = ("", ":", ",", "[", "{", "-")


def rewrite(span: Span, old: str, new: str, tail: str = "", *, said: str = "write `{}`") -> Advice:
    """Advice to replace `old`, at `span`, by `new`."""
    shown = new if len(new) <= _LONGEST else new[: _LONGEST - 3] + "..."
    edit = edit_of(span, old, new)
    return Advice(said.format(shown) + tail, None if edit is None else Fix((edit,)))


def edit_of(span: Span, old: str, new: str) -> Edit | None:
    """The edit that replaces part of a YAML scalar, or None if the new text needs other quotes."""
    source, start, end = span
    quote = _quote(span)
    if quote == "'":
        old, new = old.replace("'", "''"), new.replace("'", "''")
    if source.text[start:end] != old:
        return None
    if quote:
        return Edit(span, new) if quote == "'" or not set(new) & set('"\\') else None
    if set(new) & set(_SPECIAL) - set(old) or ": " in new or not new[:1].isalnum():
        return None
    return Edit(span, new)


def _quote(span: Span) -> str:
    """The quote of the scalar around a span, judged from its line; empty for a plain text."""
    line = span.source.text[span.source.text.rfind("\n", 0, span.start) + 1 : span.start]
    quote = before = ""
    at = 0
    while at < len(line):
        char = line[at]
        if quote == '"' and char == "\\":
            at += 1
        elif char == quote:
            if quote == "'" and line[at + 1 : at + 2] == "'":
                at += 1
            else:
                quote = ""
        elif not quote and char in "\"'" and before in _BEFORE_A_QUOTE:
            quote = char
        before = before if char.isspace() else char
        at += 1
    return quote
