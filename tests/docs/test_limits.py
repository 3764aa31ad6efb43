"""The pipelines on the page about limits are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.render import render

PIPELINES = re.findall(
    r"^```yaml\n(.*?)^```",
    (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.mark.parametrize("number", range(len(PIPELINES)))
def test_pipeline(number: int, tmp_path: Path) -> None:
    text = "apiVersion: dagwright/v1\nname: shown\n" + PIPELINES[number]
    path = tmp_path / "pipeline.yaml"
    path.write_text(text if "tasks:" in text else text + "tasks: {work: {command: [./work]}}\n", encoding="utf-8")
    report = Report()
    load(str(path), Options(), report)
    assert not report.diagnostics, render(report.diagnostics, "text")
