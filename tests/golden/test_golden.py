"""Every case compiles to exactly what lies beside it: `pipeline.yaml` to `airflow/`, `argo/` and `local/`.

A case holds for the targets that have a folder in it; every other target refuses it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.backends.registry import BACKENDS
from dagwright.compile import Options, check_targets, emit, load
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.render import render
from dagwright.ir.model import Pipeline

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/pipeline.yaml"))
NAMES = {"airflow": "airflow/dag.py", "argo": "argo/workflow.yaml", "local": "local/run.py"}

# The local script carries the whole runtime, the same in every file: one case keeps it, the others only what differs.
WHOLE = "command"


def compiled(case: str) -> dict[str, str]:
    """What a case compiles to, by the name of its golden."""
    report = Report()
    pipeline = load(str(HERE / case / "pipeline.yaml"), Options(), report)
    assert pipeline is not None, render(report.diagnostics, "text")
    files = {NAMES[name]: emit(pipeline, [name])[0].text for name in BACKENDS if accepts(name, pipeline)}
    if case != WHOLE and NAMES["local"] in files:
        files[NAMES["local"]] = without_runtime(files[NAMES["local"]])
    return files


def accepts(target: str, pipeline: Pipeline) -> bool:
    report = Report()
    check_targets(pipeline, [target], Options(), report)
    return not report.failed


def without_runtime(script: str) -> str:
    """The plan of a local script: all that differs from pipeline to pipeline."""
    start, end = script.index("\nPLAN = ") + 1, script.index('\n"""\n)\n')
    return script[start:end] + '\n"""\n)\n'


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, bless: bool) -> None:
    files = compiled(case)
    folder = HERE / case
    assert files, f"no target accepts {case}"
    if bless:
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8", newline="")
    for name, text in files.items():
        assert (folder / name).exists(), f"{case}/{name} is missing: run pytest --bless"
        assert (folder / name).read_text(encoding="utf-8") == text, f"{case}/{name} differs: pytest --bless rewrites it"


@pytest.mark.parametrize("case", CASES)
def test_files_need_nothing_of_ours(case: str) -> None:
    """What a file uses of Dagwright is copied into it."""
    for text in compiled(case).values():
        assert not [line for line in text.splitlines() if line.startswith(("from dagwright", "import dagwright"))]


@pytest.mark.parametrize("case", CASES)
def test_no_orphans(case: str) -> None:
    """Nothing lies in the folders of a case that no backend makes."""
    made = {HERE / case / name for name in compiled(case)}
    found = (p for folder in BACKENDS for p in (HERE / case / folder).glob("**/*") if p.is_file())
    there = {p for p in found if p.suffix != ".pyc"}
    assert there == made
