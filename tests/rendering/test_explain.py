"""Pages of explanations; the examples of reading errors cause these errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.diagnostics.explain import codes, explain, render_explanation
from dagwright.diagnostics.model import Report
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.reading.read import parse, read_source

READING = [code for code in codes() if code.startswith("E1")]


def found_in(text: str, folder: Path) -> list[str]:
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    report = Report()
    source = read_source(str(folder / "x.yaml"), DEFAULT_BUDGETS, report)
    if source is not None:
        parse(source, DEFAULT_BUDGETS, report)
    return [found.code for found in report.diagnostics]


@pytest.mark.parametrize("code", READING)
def test_pages_of_reading(code: str, tmp_path: Path) -> None:
    page = explain(code)
    assert page is not None
    if page.wrong is None or page.right is None:
        assert page.remedy
        return
    assert found_in(page.wrong, tmp_path) == [code]
    assert found_in(page.right, tmp_path) == []


def test_a_page() -> None:
    page = explain("E132")
    assert page is not None
    assert page.title == "a merge key"
    assert render_explanation(page).startswith("E132: a merge key\n\n`<<` copies the keys")
    assert "\nWrong\n\n    apiVersion: dagwright/v1\n" in render_explanation(page)
    assert "\x1b[1mWrong\x1b[0m" in render_explanation(page, color=True)
    assert render_explanation(page).endswith("\n")


def test_links_are_addresses() -> None:
    page = explain("E703")
    assert page is not None
    assert "(https://dagwright.dev/limits/#days-that-cron-cannot-name)" in render_explanation(page)
    assert "](" not in render_explanation(page)


@pytest.mark.parametrize("code", ["E100", "e132", "../E132", "", "E132\n", "E9999"])
def test_no_page(code: str) -> None:
    assert explain(code) is None
