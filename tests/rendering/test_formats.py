"""The machine-readable formats."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dagwright.diagnostics.fix import Advice, Edit, Fix, replace
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.render import FORMATS, render
from dagwright.source.span import Source, Span

SPEC = Source("a dir/ü.yaml", "a: 1\nb: |\n  c\n  d\n")


@pytest.fixture
def report() -> Report:
    found = Report()
    fix = Fix((Edit(Span(SPEC, 0, 1), "b"), Edit(Span(SPEC, 5, 5), "x")))
    found.error(
        "E201",
        "first",
        Span(SPEC, 0, 1),
        label="l",
        secondary=(Label(Span(SPEC, 5, 6), "b"),),
        help=Advice("do, this: 50%", fix),
    )
    found.warning("W301", "second\n::error::x", Span(SPEC, 8, 17), notes=("n",))
    found.error("E101", "cannot read", Span(Source("gone.yaml", ""), 0, 0))
    found.error("E990", "nowhere", None)
    return found


def test_concise(report: Report) -> None:
    assert render(report.diagnostics, "concise").splitlines() == [
        "a dir/ü.yaml:1:1: error[E201]: first; do, this: 50%",
        "a dir/ü.yaml:2:4: warning[W301]: second\\n::error::x",
        "gone.yaml: error[E101]: cannot read",
        "error[E990]: nowhere",
    ]


def test_json(report: Report) -> None:
    text = render(report.diagnostics, "json")
    assert text.isascii()
    document = json.loads(text)
    assert list(document) == ["diagnostics"]
    first, second, third, fourth = document["diagnostics"]
    assert first == {
        "code": "E201",
        "severity": "error",
        "message": "first",
        "file": "a dir/ü.yaml",
        "line": 1,
        "column": 1,
        "end_line": 1,
        "end_column": 2,
        "help": "do, this: 50%",
        "label": "l",
        "notes": [],
        "edits": [
            {"file": "a dir/ü.yaml", "line": 1, "column": 1, "end_line": 1, "end_column": 2, "text": "b"},
            {"file": "a dir/ü.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 1, "text": "x"},
        ],
        "related": [
            {"file": "a dir/ü.yaml", "line": 2, "column": 1, "end_line": 2, "end_column": 2, "message": "b"},
        ],
    }
    assert second["edits"] == []
    assert (second["severity"], second["line"], second["end_line"], second["end_column"]) == ("warning", 2, 4, 4)
    assert (third["file"], third["line"]) == ("gone.yaml", None)
    assert (fourth["file"], fourth["line"]) == (None, None)


def test_the_page_of_formats_names_every_key(report: Report, root: Path) -> None:
    page = (root / "docs" / "check-output.md").read_text(encoding="utf-8")
    first = json.loads(render(report.diagnostics, "json"))["diagnostics"][0]
    for key in (*first, *first["edits"][0], *first["related"][0]):
        assert f"`{key}`" in page
    assert all(f"| `{name}` |" in page for name in FORMATS)


def test_json_counts_what_it_leaves_out() -> None:
    report = Report()
    for number in range(22):
        report.error("E201", f"number {number}", None)
    assert json.loads(render(report.diagnostics, "json"))["omitted"] == {"E201": 2}
    assert json.loads(render([], "json")) == {"diagnostics": []}


def test_edits_that_spell_out_a_credential_are_left_out() -> None:
    report = Report()
    source = Source("x.yaml", "k: token=abcdefghijkl")
    report.error(
        "E127", "m", Span(source, 3, 21), help=replace("quote it", Span(source, 3, 21), "'token=abcdefghijkl'")
    )
    assert "abcdefghijkl" not in render(report.diagnostics, "json")
    assert "abcdefghijkl" not in render(report.diagnostics, "sarif")


def test_github(report: Report) -> None:
    assert render(report.diagnostics, "github").splitlines() == [
        "::error file=a dir/ü.yaml,line=1,col=1,endLine=1,endColumn=2,title=E201::first%0Al%0Ahelp: do, this: 50%25",
        "::warning file=a dir/ü.yaml,line=2,col=4,endLine=4,title=W301::second%0A::error::x%0An",
        "::error file=gone.yaml,title=E101::cannot read",
        "::error title=E990::nowhere",
    ]


def test_github_properties_are_escaped() -> None:
    report = Report()
    report.error("E201", "m", Span(Source("a,b:c%\n::x", "text"), 0, 1))
    [line] = render(report.diagnostics, "github").splitlines()
    assert line.startswith("::error file=a%2Cb%3Ac%25%0A%3A%3Ax,line=1,")


def test_sarif(report: Report) -> None:
    log = json.loads(render(report.diagnostics, "sarif"))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["E101", "E201", "E990", "W301"]
    assert rules[0]["shortDescription"]["text"] == "the file cannot be read"
    assert run["columnKind"] == "unicodeCodePoints"
    first, second, third, fourth = run["results"]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == ["E201", "W301", "E101", "E990"]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "error", "error"]
    assert first["message"]["text"] == "first\nhelp: do, this: 50%"
    [fix] = first["fixes"]
    assert fix["description"]["text"] == "do, this: 50%"
    [change] = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "a%20dir/%C3%BC.yaml"
    assert [found["insertedContent"]["text"] for found in change["replacements"]] == ["b", "x"]
    assert change["replacements"][1]["deletedRegion"] == {
        "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 1,
    }  # fmt: skip
    assert "fixes" not in second
    location = first["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "a%20dir/%C3%BC.yaml"
    assert location["region"] == {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2}
    assert first["relatedLocations"][0]["message"]["text"] == "b"
    assert second["locations"][0]["physicalLocation"]["region"]["endLine"] == 4
    assert "region" not in third["locations"][0]["physicalLocation"]
    assert "locations" not in fourth


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_texts_in_every_format(name: str) -> None:
    hostile = "\x1b]0;x\x07\u202e\ud800\r\n::error::x AKIAIOSFODNN7EXAMPLE"
    source = Source(f"f{hostile.replace('AKIA', '')}.yaml", f"k: '{hostile}'\n")
    report = Report()
    report.error("E201", hostile, Span(source, 3, 9), label=hostile, notes=(hostile,), help=hostile)
    text = render(report.diagnostics, name)
    text.encode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
    assert "AKIAIOSFODNN7EXAMPLE" not in text
    assert not [line for line in text.splitlines() if line.startswith("::") and not line.startswith("::error file=f<U")]
