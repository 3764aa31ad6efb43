"""Generated files pass a linter and Airflow's loader without findings, errors and warnings."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from golden_pipelines import pipelines

from dagwright.backends.airflow.backend import BACKEND
from dagwright.backends.airflow.settings import Runtime, settings
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from engines import airflow as engines
from engines import missing

LOADER = Path(__file__).with_name("load_files.py")
RULES = ("check", "--isolated", "--no-cache", "--preview", "--select", "AIR,E9,F", "--output-format", "concise")
CLAIM = "claim"


def for_version(pipeline: Pipeline, version: tuple[int, int], *, pods: bool) -> str | None:
    """The file for an Airflow version, with all tasks as processes or as pods; None if this version cannot run it."""
    runtime = Runtime.KUBERNETES if pods else Runtime.PROCESS
    target = replace(settings(pipeline), version=version, runtime=runtime, artifacts_volume_claim=CLAIM)

    def prepared(tasks: Any) -> Any:
        return tuple(replace(task, image=task.image or "busybox") for task in tasks)

    pipeline = replace(
        pipeline,
        tasks=prepared(pipeline.tasks),
        finally_tasks=prepared(pipeline.finally_tasks),
        targets=pipeline.targets.replace("airflow", target),
    )
    report = Report()
    BACKEND.check(pipeline, report)
    return None if report.failed else BACKEND.emit(pipeline)[0].text


def write_files(folder: Path, version: tuple[int, int]) -> list[Path]:
    """Files of all goldens, as processes and as pods."""
    files = []
    for name, pipeline in pipelines().items():
        for kind in ("process", "pods"):
            text = for_version(pipeline, version, pods=kind == "pods")
            if text is not None:
                files.append(folder / f"{name}_{kind}.py")
                files[-1].write_text(text, encoding="utf-8")
    return files


def findings(*paths: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *RULES, *map(str, paths)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout if done.returncode else ""


@pytest.mark.parametrize("version", [(3, 3), (2, 11)])
def test_a_linter_finds_nothing(version: tuple[int, int], tmp_path: Path) -> None:
    files = write_files(tmp_path, version)
    assert len(files) > 50
    assert findings(*files) == ""


def test_the_linter_looks(tmp_path: Path) -> None:
    """A file with an unused name, an undefined one and a moved import has findings."""
    file = tmp_path / "dag.py"
    file.write_text("import os\nfrom airflow.operators.bash import BashOperator\nBashOperator(nothing)\n")
    found = findings(file)
    assert all(word in found for word in ("`os` imported but unused", "Undefined name", "Airflow 3"))


@pytest.mark.parametrize(
    "version", [pytest.param(version, marks=pytest.mark.engine(f"airflow-{version}")) for version in ("3.3", "2.11")]
)
def test_files_load_without_warnings(version: str, tmp_path: Path) -> None:
    try:
        interpreter = engines.python(version)
    except engines.Unavailable as why:
        missing.skip(why)
    major, minor = map(int, version.split("."))
    files = write_files(tmp_path, (major, minor))
    (tmp_path / "warns.py").write_text("import warnings\nwarnings.warn('seen')\n")
    done = subprocess.run(
        [interpreter, "-P", str(LOADER), str(tmp_path)],
        env=engines.environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert [text for text in found.pop("warns.py") if "seen" in text]  # the check does find warnings
    assert set(found) == {file.name for file in files}
    assert {name: problems for name, problems in found.items() if problems} == {}
