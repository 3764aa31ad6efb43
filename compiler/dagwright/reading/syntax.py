"""Diagnostics for the errors of YAML parsers: the place of the mistake, and the text to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable

from dagwright.diagnostics.model import Report
from dagwright.reading import mistakes_lines, mistakes_values
from dagwright.reading.build import Builder
from dagwright.reading.parser_error import Trouble

Reader = Callable[[Trouble, Report], bool]

# Called in turn: the first function that recognizes the error reports it.
_READERS: tuple[Reader, ...] = (
    mistakes_values.unknown_escape,
    mistakes_lines.blank_start,
    mistakes_lines.tab,
    mistakes_values.open_quote,
    mistakes_values.bare_reference,
    mistakes_values.goes_on,
    mistakes_values.open_bracket,
    mistakes_values.reserved_sign,
    mistakes_values.missing_comma,
    mistakes_lines.inner_colon,
    mistakes_lines.no_colon,
    mistakes_lines.indentation,
    mistakes_lines.anything_else,
)


def _index(mark: object) -> int | None:
    index = getattr(mark, "index", None)
    return index if isinstance(index, int) else None


def _escape_out_of_range(text: str) -> tuple[int, int] | None:
    """The range of an escape beyond Unicode, since the parser does not give its place."""
    found = re.search(r"\\U(?!000|0010)[0-9a-fA-F]{8}", text)
    return found.span() if found else None


def report_syntax_error(error: Exception, builder: Builder, report: Report) -> None:
    """Report a parser's error (a YAMLError, or the ValueError of an escape out of range) as one diagnostic."""
    source = builder.source
    at, since = _index(getattr(error, "problem_mark", None)), _index(getattr(error, "context_mark", None))
    if at is None:
        at = since
    if at is None:
        place = _escape_out_of_range(source.text)
        at, since = place or (0, 0)
        since = at
    flow = [frame.node.start for frame in builder.stack if frame.flow]
    opened = next((start for start in reversed(flow) if source.text[start] in "[{"), None)
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or context or error)
    if "flow" in context and since is not None and source.text[since : since + 1] in ("[", "{"):
        opened = since
    last = builder.last
    trouble = Trouble(
        source, problem, context, at, since, opened, last.start if last else None, last.end if last else 0
    )
    if _is_follow_on(trouble, report):
        return
    any(read(trouble, report) for read in _READERS)


def _is_follow_on(trouble: Trouble, report: Report) -> bool:
    """Whether the line is already reported, for a character that YAML read as an anchor, an alias or a tag."""
    last = report.diagnostics[-1] if report.diagnostics else None
    if last is None or last.code not in ("E127", "E131", "E136") or last.span is None:
        return False
    return last.span.source is trouble.source and trouble.same_line(last.span.start, trouble.at)
