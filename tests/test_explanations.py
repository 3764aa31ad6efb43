"""Every code has a page, and the examples on the page are correct."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dagwright.backends.registry import BACKENDS
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.explain import codes, explain
from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.diagnostics.render import render

SOURCES = Path(__file__).resolve().parent.parent / "compiler" / "dagwright"


def diagnose(text: str, folder: Path) -> list[Diagnostic]:
    """All diagnostics of a spec, for every target."""
    path = folder / "pipeline.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    report = Report()
    pipeline = load(str(path), Options(), report)
    if pipeline is not None:
        check_targets(pipeline, BACKENDS, Options(), report)
    return report.diagnostics


def codes_in_the_code() -> set[str]:
    """Every code that occurs as a string in the sources."""
    pattern = re.compile(r'"([EW][1-9][0-9]{2})"')
    return {code for path in SOURCES.rglob("*.py") for code in pattern.findall(path.read_text(encoding="utf-8"))}


def test_every_code_is_explained() -> None:
    assert codes_in_the_code() - set(codes()) == set()


def test_no_page_of_a_code_that_is_gone() -> None:
    assert set(codes()) - codes_in_the_code() - {"E990", "E901"} == set()


@pytest.mark.parametrize("code", codes())
def test_examples(code: str, tmp_path: Path) -> None:
    explanation = explain(code)
    assert explanation is not None
    assert explanation.title
    assert explanation.cause
    if explanation.wrong is None:
        return
    assert explanation.right is not None
    found = diagnose(explanation.wrong, tmp_path)
    assert code in {d.code for d in found}, f"the wrong example gives {render(found, 'text')}"
    good = diagnose(explanation.right, tmp_path)
    assert code not in {d.code for d in good}, render(good, "text")
    assert not [d for d in good if d.severity.value == "error" and not d.code.startswith("E6")], render(good, "text")
