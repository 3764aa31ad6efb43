"""One line per diagnostic: `churn.yaml:12:5: error[E201]: unknown key …; did you mean `command`?`."""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.diagnostics.model import Diagnostic
from dagwright.diagnostics.select import place_of, select
from dagwright.diagnostics.visible import masked, visible


def render_concise(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All diagnostics, one line each; never coloured."""
    selection = select(diagnostics)
    lines = [_line(diagnostic) for diagnostic in selection.shown]
    lines += [f"note: {count} more {code} not shown" for code, count in selection.omitted.items()]
    return "".join(line + "\n" for line in lines)


def _line(diagnostic: Diagnostic) -> str:
    place = place_of(diagnostic.span)
    where = ""
    if place is not None:
        file = place.file if place.file != "-" else "<stdin>"
        where = f"{file}:{place.line}:{place.column}: " if place.line else f"{file}: "
    text = f"{where}{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"
    if not (place and place.line) and diagnostic.label:
        text += f": {diagnostic.label}"
    if diagnostic.help:
        text += f"; {diagnostic.help.splitlines()[0]}"
    return visible(masked(text))
