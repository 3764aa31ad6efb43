"""The selection and order of shown diagnostics: by place, each once, at most `MAX_PER_CODE` per code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dagwright.diagnostics.fix import Edit
from dagwright.diagnostics.model import MAX_PER_CODE, Diagnostic
from dagwright.diagnostics.visible import masked
from dagwright.source.span import NOWHERE, Span


@dataclass(frozen=True, slots=True)
class Place:
    """A span in numbers: lines and columns from 1, the end exclusive. `line` is 0 if only the file is known."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def place_of(span: Span | None) -> Place | None:
    """The place of a span, or None if a diagnostic does not belong to a file."""
    if span is None or span.source is NOWHERE.source:
        return None
    if not span.source.text and not span.source.digest:  # a file that was not read
        return Place(span.source.path, 0, 0, 0, 0)
    return Place(span.source.path, *span.source.position(span.start), *span.source.position(max(span.end, span.start)))


def edits_of(diagnostic: Diagnostic) -> tuple[Edit, ...]:
    """The edits of a diagnostic's fix; empty if an edit would contain a credential."""
    edits = diagnostic.fix.edits if diagnostic.fix is not None else ()
    return edits if all(masked(edit.text) == edit.text for edit in edits) else ()


@dataclass(frozen=True, slots=True)
class Selection:
    """The shown diagnostics, and the number of hidden ones per code."""

    shown: tuple[Diagnostic, ...]
    omitted: dict[str, int]


def _order(diagnostic: Diagnostic) -> tuple[bool, str, int, int, str]:
    span = diagnostic.span
    if span is None or span.source is NOWHERE.source:
        return True, "", 0, 0, diagnostic.code
    return False, span.source.path, span.start, span.end, diagnostic.code


def _identity(diagnostic: Diagnostic) -> tuple[object, ...]:
    span = diagnostic.span
    where = (span.source.path, span.start, span.end) if span else None
    return diagnostic.code, where, diagnostic.message, diagnostic.label, diagnostic.notes, diagnostic.help


def select(diagnostics: Iterable[Diagnostic]) -> Selection:
    """The diagnostics to show, in order; the first one of equal diagnostics."""
    once: dict[tuple[object, ...], Diagnostic] = {}
    for found in diagnostics:
        once.setdefault(_identity(found), found)
    counts: Counter[str] = Counter()
    shown = []
    for found in sorted(once.values(), key=_order):
        counts[found.code] += 1
        if counts[found.code] <= MAX_PER_CODE:
            shown.append(found)
    omitted = {code: n - MAX_PER_CODE for code, n in sorted(counts.items()) if n > MAX_PER_CODE}
    return Selection(tuple(shown), omitted)
