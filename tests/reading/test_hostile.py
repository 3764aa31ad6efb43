"""The reading stage on the hostile corpus: bad files are refused at the right line, and good files are accepted."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from dagwright.diagnostics.model import Report
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.reading.read import parse, read_source

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = Path(os.environ.get("DAGWRIGHT_HOSTILE", ROOT.parent / "shared" / "hostile"))

# Codes for each class of the corpus; later stages find the missing classes.
CLASSES = {
    "syntax": {"E120", "E121", "E122", "E123", "E124", "E125", "E126", "E127", "E128", "E129", "E136"},
    "empty-document": {"E135"},
    "encoding": {"E102", "E103"},
    "hidden-char": {"E103"},
    "duplicate-key": {"E130"},
    "multi-document": {"E134"},
    "merge-policy": {"E132"},
    "tag": {"E129", "E131"},
}
BOMBS = {
    "028": "E112",
    "029": "E132",
    "030": "E137",
    "031": "E137",
    "032": "E111",
    "033": "E111",
    "060": "E133",
    "061": "E133",
}


def rows() -> list[dict[str, str]]:
    if not HOSTILE.is_dir():
        return []
    with (HOSTILE / "index.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


ROWS = rows()


def read(name: str) -> tuple[bool, list[tuple[str, int]]]:
    """Whether there is a tree, and the findings with their lines."""
    report = Report()
    source = read_source(str(HOSTILE / name), DEFAULT_BUDGETS, report)
    node = parse(source, DEFAULT_BUDGETS, report) if source is not None else None
    lines = [(d.code, d.span.source.position(d.span.start)[0] if d.span else 0) for d in report.diagnostics]
    return node is not None, lines


def expected(row: dict[str, str]) -> set[str]:
    code = BOMBS.get(row["file"][:3])
    if code is not None:
        return {code}
    return set().union(*(CLASSES.get(name, set()) for name in row["class"].split("|")))


@pytest.mark.skipif(not ROWS, reason="no hostile corpus: set DAGWRIGHT_HOSTILE to its folder")
@pytest.mark.parametrize("row", [pytest.param(row, id=row["file"]) for row in ROWS])
def test_hostile(row: dict[str, str]) -> None:
    tree, found = read(row["file"])
    if row["verdict"] == "reject" and row["stage"] == "load" and expected(row):
        assert {code for code, _ in found} & expected(row)
        if row["line"] != "-":
            assert (int(row["line"])) in {line for _, line in found}
    elif row["verdict"] in ("accept", "literal", "literal-or-refuse"):
        assert (tree, found) == (True, [])
