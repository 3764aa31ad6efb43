"""Budgets stop the reading of a file, and the diagnostic names the flag that raises the budget."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from dagwright.diagnostics.model import Report
from dagwright.reading.budgets import DEFAULT_BUDGETS, Budgets
from dagwright.reading.read import parse, read_source
from dagwright.source.span import Source

SMALL = Budgets(max_bytes=100, max_depth=3, max_nodes=10, max_scalar=20)
DOUBLING = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 25))

# text, code, column of the caret in the first line or None
CASES = {
    "depth in brackets": ("a: [[[x]]]", "E111", 6),
    "depth in blocks": ("a:\n  b:\n    c:\n      d: e", "E111", None),
    "depth through aliases": ("a: &a [[x]]\nb: [*a]", "E111", None),
    "nodes": ("a: [b, c, d, e, f, g, h, i, j]", "E112", None),
    "nodes through aliases": ("a: &a [b, c, d]\nb: *a\nc: *a", "E112", None),
    "scalar": ("a: " + "x" * 21, "E113", 4),
    "quoted scalar": ("a: '" + "x" * 21 + "'", "E113", 4),
    "block scalar": ("a: |\n  " + "x" * 21, "E113", 4),
    "key": ("x" * 21 + ": a", "E113", 1),
}


@pytest.mark.parametrize("name", CASES)
def test_budget(name: str) -> None:
    text, code, column = CASES[name]
    report, source = Report(), Source("x", text)
    assert parse(source, SMALL, report) is None
    [found] = report.diagnostics
    assert found.code == code
    assert found.span is not None
    if column is not None:
        assert source.position(found.span.start) == (1, column)
    flag = re.search(r"`--(max-[a-z]+) ([0-9]+)`", found.help or "")
    assert flag is not None
    raised = replace(SMALL, **{flag[1].replace("-", "_"): int(flag[2])})
    report = Report()
    assert parse(source, raised, report) is not None
    assert not report.diagnostics


def test_bytes(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_text("#" * 101)
    report = Report()
    assert read_source(str(path), SMALL, report) is None
    assert [(found.code, "--max-bytes 200" in (found.help or "")) for found in report.diagnostics] == [("E110", True)]


@pytest.mark.parametrize("text", ["a: " + "[" * 25_000 + "]" * 25_000, "a: " + "[" * 400_000, DOUBLING + "b: &b [*b]"])
def test_bombs_are_stopped_early(text: str) -> None:
    report = Report()
    parse(Source("x", text), DEFAULT_BUDGETS, report)
    assert {found.code for found in report.diagnostics} <= {"E111", "E112", "E137"}
    assert report.failed
