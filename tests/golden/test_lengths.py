"""The lengths of generated files: each has only the parts of the runtime that its pipeline uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.compile import Options, emit, load
from dagwright.diagnostics.model import Report

HERE = Path(__file__).parent


def lines(path: Path, target: str) -> list[str]:
    pipeline = load(str(path), Options(), Report())
    assert pipeline is not None
    return emit(pipeline, [target])[0].text.splitlines()


@pytest.mark.parametrize(
    ("case", "longest"),
    [("command", 620), ("when", 660), ("outputs", 810), ("taken_away", 420)],
)
def test_the_lines_before_the_tasks_of_a_dag_file(case: str, longest: int) -> None:
    text = lines(HERE / case / "pipeline.yaml", "airflow")
    found = next(at for at, line in enumerate(text) if line.startswith("with DAG("))
    assert longest - 40 <= found <= longest, "a shorter file is a reason to lower the number"


def test_the_lines_of_a_script(root: Path) -> None:
    found = len(lines(root / "examples" / "quickstart" / "pipeline.yaml", "local"))
    assert 4580 <= found <= 4670, "a shorter script is a reason to lower the number"
