"""Diagnostics for people: source lines, carets under the mistakes, and the text to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dagwright.diagnostics.excerpt import Excerpt, excerpt, mark_of
from dagwright.diagnostics.model import Diagnostic, Label, Severity
from dagwright.diagnostics.select import place_of, select
from dagwright.diagnostics.site import address
from dagwright.diagnostics.visible import masked, visible
from dagwright.source.span import NOWHERE, Source, Span

_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "message": "1",
    "frame": "1;34",
    "secondary": "1;34",
    "help": "1;36",
}


class _Paint:
    """A painter that wraps texts in colours, or returns them unchanged."""

    def __init__(self, color: bool) -> None:
        self.color = color

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self.color and text else text


def render_text(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All diagnostics, separated by blank lines; at the end the number of hidden ones."""
    paint = _Paint(color)
    selection = select(diagnostics)
    explained: set[str] = set()
    blocks = []
    for diagnostic in selection.shown:
        blocks.append("\n".join(_block(diagnostic, paint, more=diagnostic.code not in explained)))
        explained.add(diagnostic.code)
    blocks += [f"note: {count} more {code} not shown" for code, count in selection.omitted.items()]
    return "".join(block + "\n\n" for block in blocks)[:-1]


def _block(diagnostic: Diagnostic, paint: _Paint, more: bool) -> Iterator[str]:
    severity = diagnostic.severity.value
    head = paint(severity, f"{severity}[{diagnostic.code}]")
    yield head + paint("message", f": {visible(masked(diagnostic.message))}")
    groups = list(_groups(diagnostic))
    gutter = max([2, *(len(str(line.number)) for _, lines in groups for line in lines)])
    bar = paint("frame", " " * gutter + " |")
    for number, (span, lines) in enumerate(groups):
        yield paint("frame", " " * gutter + ("-->" if number == 0 else ":::")) + f" {_where(span)}"
        if lines:
            yield bar
            yield from _lines(lines, gutter, bar, diagnostic.severity, paint)
    footer = list(_footer(diagnostic, more))
    if footer and any(lines for _, lines in groups):
        yield bar
    if not any(lines for _, lines in groups) and diagnostic.label:
        footer.insert(0, ("", diagnostic.label))
    for word, text in footer:
        yield _foot(word, text, gutter, paint)


def _groups(diagnostic: Diagnostic) -> Iterator[tuple[Span, list[Excerpt]]]:
    """The diagnostic's places, file by file, the primary one's first."""
    if diagnostic.span is None or diagnostic.span.source is NOWHERE.source:
        return
    labels = [Label(diagnostic.span, diagnostic.label), *diagnostic.secondary]
    sources: list[Source] = []
    for label in labels:
        if label.span.source not in sources and label.span.source is not NOWHERE.source:
            sources.append(label.span.source)
    for source in sources:
        here = [label for label in labels if label.span.source is source]
        marks = [mark_of(label.span, visible(masked(label.text)), label is labels[0]) for label in here if source.text]
        numbers = sorted({mark.line for mark in marks})
        lines = [excerpt(source, number, [mark for mark in marks if mark.line == number]) for number in numbers]
        if len(labels) == 1 and numbers and numbers[0] > 1 and source.line(numbers[0] - 1).strip():
            lines.insert(0, excerpt(source, numbers[0] - 1, []))
        yield here[0].span, lines


def _where(span: Span) -> str:
    place = place_of(span)
    assert place is not None
    file = visible(place.file) if place.file != "-" else "<stdin>"
    return f"{file}:{place.line}:{place.column}" if place.line else file


def _lines(lines: list[Excerpt], gutter: int, bar: str, severity: Severity, paint: _Paint) -> Iterator[str]:
    previous = lines[0].number - 1
    for line in lines:
        if line.number != previous + 1:
            yield paint("frame", "...")
        previous = line.number
        yield paint("frame", f"{line.number:>{gutter}} |") + (f" {line.text}" if line.text else "")
        for underline in line.underlines:
            style, sign = (severity.value, "^") if underline.primary else ("secondary", "-")
            label = f" {underline.label}" if underline.label else ""
            yield f"{bar} {' ' * underline.indent}" + paint(style, sign * underline.length + label)


def _footer(diagnostic: Diagnostic, more: bool) -> Iterator[tuple[str, str]]:
    for note in diagnostic.notes:
        yield "", note
    if diagnostic.help:
        yield "help", diagnostic.help
    if more:
        yield "more", f"dagwright explain {diagnostic.code} or {address(diagnostic.code)}"


def _foot(word: str, text: str, gutter: int, paint: _Paint) -> str:
    """One line of the footer; further lines of its text are aligned with the first."""
    start = " " * gutter + " = "
    head = f"{word}: " if word else ""
    first, *rest = [visible(masked(line)) for line in text.split("\n")]
    lines = [paint("frame", start) + paint("help", head) + first]
    lines += [" " * (len(start) + len(head)) + line for line in rest]
    return "\n".join(line.rstrip() for line in lines)
