"""Diagnostics as SARIF 2.1.0, the exchange format of code scanning."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from urllib.parse import quote

from dagwright import __version__
from dagwright.diagnostics.explain import explain
from dagwright.diagnostics.fix import Edit
from dagwright.diagnostics.model import Diagnostic
from dagwright.diagnostics.select import Place, edits_of, place_of, select
from dagwright.diagnostics.site import address
from dagwright.diagnostics.visible import masked

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render_sarif(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """One SARIF log with one run, in ASCII."""
    shown = select(diagnostics).shown
    codes = sorted({diagnostic.code for diagnostic in shown})
    driver = {"name": "dagwright", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes) for diagnostic in shown],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, object]:
    rule: dict[str, object] = {"id": code, "helpUri": address(code)}
    explanation = explain(code)
    if explanation is not None:
        rule["shortDescription"] = {"text": explanation.title}
        rule["fullDescription"] = {"text": explanation.cause}
    return rule


def _uri(file: str) -> str:
    if file == "-":
        return "stdin"
    path = file.replace(os.sep, "/")
    try:
        data = path.encode("utf-8", "surrogateescape")  # a file name that is not UTF-8
    except UnicodeEncodeError:
        data = path.encode("utf-8", "replace")
    encoded = quote(data, safe="/")
    return f"file://{encoded}" if path.startswith("/") else encoded


def _location(place: Place) -> dict[str, object]:
    where: dict[str, object] = {"artifactLocation": {"uri": _uri(place.file)}}
    if place.line:
        where["region"] = _region(place)
    return {"physicalLocation": where}


def _fix(edits: tuple[Edit, ...], text: str) -> dict[str, object]:
    by_file: dict[str, list[dict[str, object]]] = {}
    for edit in edits:
        place = place_of(edit.span)
        if place is not None:
            change = {"deletedRegion": _region(place), "insertedContent": {"text": edit.text}}
            by_file.setdefault(_uri(place.file), []).append(change)
    changes = [{"artifactLocation": {"uri": uri}, "replacements": found} for uri, found in by_file.items()]
    return {"description": {"text": text}, "artifactChanges": changes}


def _region(place: Place) -> dict[str, object]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _result(diagnostic: Diagnostic, codes: list[str]) -> dict[str, object]:
    parts = [diagnostic.message, *diagnostic.notes, f"help: {diagnostic.help}" if diagnostic.help else ""]
    result: dict[str, object] = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": diagnostic.severity.value,
        "message": {"text": masked("\n".join(part for part in parts if part))},
    }
    place = place_of(diagnostic.span)
    if place is not None:
        result["locations"] = [_location(place)]
    if (edits := edits_of(diagnostic)) and diagnostic.help:
        result["fixes"] = [_fix(edits, masked(diagnostic.help))]
    related = [(place_of(label.span), label.text) for label in diagnostic.secondary]
    if related:
        result["relatedLocations"] = [
            {"id": number, **_location(where), "message": {"text": masked(text)}}
            for number, (where, text) in enumerate(related)
            if where is not None
        ]
    return result
