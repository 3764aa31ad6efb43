"""Diagnostics for programs: `{"diagnostics": [{"code", "severity", "message", "file", "line", …}]}`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from dagwright.diagnostics.fix import Edit
from dagwright.diagnostics.model import Diagnostic
from dagwright.diagnostics.select import Place, edits_of, place_of, select
from dagwright.diagnostics.visible import masked

_NOWHERE: dict[str, object] = {"file": None, "line": None, "column": None, "end_line": None, "end_column": None}


def render_json(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """One ASCII JSON object. Lines and columns count from 1, ends are exclusive; `omitted` counts hidden ones."""
    selection = select(diagnostics)
    document: dict[str, object] = {"diagnostics": [_entry(diagnostic) for diagnostic in selection.shown]}
    if selection.omitted:
        document["omitted"] = selection.omitted
    return json.dumps(document, indent=2) + "\n"


def _place(place: Place | None) -> dict[str, object]:
    if place is None:
        return _NOWHERE
    if not place.line:
        return {**_NOWHERE, "file": place.file}
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _edit(edit: Edit) -> dict[str, object]:
    """An edit as JSON: a range and its new text; an edit of an empty range inserts."""
    return {**_place(place_of(edit.span)), "text": edit.text}


def _entry(diagnostic: Diagnostic) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": masked(diagnostic.message),
        **_place(place_of(diagnostic.span)),
        "help": masked(diagnostic.help) if diagnostic.help else None,
        "label": masked(diagnostic.label),
        "notes": [masked(note) for note in diagnostic.notes],
        "edits": [_edit(edit) for edit in edits_of(diagnostic)],
        "related": [{**_place(place_of(label.span)), "message": masked(label.text)} for label in diagnostic.secondary],
    }
