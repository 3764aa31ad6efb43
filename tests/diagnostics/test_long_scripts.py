"""The length of a script is measured in bytes of UTF-8, as on the engines."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.reading.budgets import Budgets

MOST = 64 * 1024
HEAD = "apiVersion: dagwright/v1\nname: a\n"


def errors(folder: Path, text: str) -> list[Diagnostic]:
    path, report = folder / "pipeline.yaml", Report()
    path.write_text(HEAD + text, encoding="utf-8")
    load(str(path), Options(budgets=Budgets(max_scalar=1 << 20)), report)
    return report.diagnostics


def spec(script: str) -> str:
    return f"tasks: {{t: {{script: {script}}}}}\n"


@pytest.mark.parametrize("script", ["x" * MOST, "é" * (MOST // 2), "x\U0001f600" * (MOST // 5)])
def test_the_longest(script: str, tmp_path: Path) -> None:
    assert errors(tmp_path, spec(script)) == []


@pytest.mark.parametrize("script", ["x" * (MOST + 1), "é" * (MOST // 2) + "x", "\U0001f600" * (MOST // 4) + "x"])
def test_one_byte_more(script: str, tmp_path: Path) -> None:
    (found,) = errors(tmp_path, spec(script))
    assert (found.code, f"{MOST + 1} bytes in UTF-8, but at most {MOST} are possible" in found.message) == (
        "E214",
        True,
    )


def test_a_component_is_reported_once(tmp_path: Path) -> None:
    text = f"components: {{c: {{script: {'é' * MOST}}}}}\ntasks: {{a: {{uses: c}}, b: {{uses: c}}}}\n"
    (found,) = errors(tmp_path, text)
    assert found.code == "E214"
    assert found.span is not None
    assert found.span.source.text[found.span.start : found.span.end] == "script"
