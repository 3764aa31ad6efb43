"""Diagnostics as workflow commands of GitHub Actions, which show them at the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.diagnostics.model import Diagnostic
from dagwright.diagnostics.select import place_of, select
from dagwright.diagnostics.visible import masked, visible


def render_github(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """One command per diagnostic. Text of a spec cannot start a command."""
    selection = select(diagnostics)
    lines = [_command(diagnostic) for diagnostic in selection.shown]
    lines += [f"::notice title={code}::{count} more {code} not shown" for code, count in selection.omitted.items()]
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    lines = [visible(masked(line)) for line in text.split("\n")]
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _command(diagnostic: Diagnostic) -> str:
    place = place_of(diagnostic.span)
    properties: list[tuple[str, object]] = []
    if place is not None and place.file != "-":
        properties.append(("file", place.file))
        if place.line:
            properties += [("line", place.line), ("col", place.column), ("endLine", place.end_line)]
            if place.end_line == place.line:
                properties.append(("endColumn", place.end_column))
    properties.append(("title", diagnostic.code))
    said = ",".join(f"{name}={_property(str(value))}" for name, value in properties)
    parts = [
        diagnostic.message,
        diagnostic.label,
        *diagnostic.notes,
        f"help: {diagnostic.help}" if diagnostic.help else "",
    ]
    return f"::{diagnostic.severity.value} {said}::{_data(chr(10).join(part for part in parts if part))}"
