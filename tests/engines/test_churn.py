"""The main example on every engine: the trace of Airflow and of Argo is that of the local run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dagwright.compile import Options, check_targets, emit, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from engines import airflow, argo_run, argo_testbed, missing
from engines.kept import cache_folder
from program.running import dagwright

RUNS: dict[str, dict[str, str]] = {"good": {}, "failing": {"fail_model": "boosting"}, "strict": {"min_auc": "0.99"}}

Trace = dict[str, Any]


@pytest.fixture(scope="module")
def pipeline(root: Path) -> Pipeline:
    report = Report()
    made = load(str(root / "examples" / "churn" / "pipeline.yaml"), Options(), report)
    assert made is not None
    check_targets(made, ("airflow", "argo", "local"), Options(), report)
    assert report.diagnostics == [], "the main example compiles without a warning"
    return made


@pytest.fixture(scope="module")
def local(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trace]:
    """The traces of `dagwright run --json`."""
    return {name: run_local(root, tmp_path_factory.mktemp(name), params) for name, params in RUNS.items()}


def run_local(root: Path, folder: Path, params: dict[str, str]) -> Trace:
    given = [word for name, value in params.items() for word in ("--param", f"{name}={value}")]
    spec = str(root / "examples" / "churn" / "pipeline.yaml")
    done = dagwright("run", spec, "--json", "--quiet", "--runs-dir", str(folder), *given, cwd=root)
    assert done.returncode in (0, 5), done.stderr
    trace: Trace = json.loads(done.stdout)
    return trace


def comparable(trace: Trace) -> Trace:
    """The compared part of a trace; artifacts are only checked for existence, since the testbed does not keep files."""
    tasks = {name: comparable_task(task) for name, task in trace["tasks"].items()}
    return {"status": trace["status"], "tasks": tasks}


def comparable_task(task: Trace) -> Trace:
    found = {"state": task["state"]}
    if "instances" in task:
        return found | {"instances": [comparable_task(instance) for instance in task["instances"]]}
    values = {n: v for n, v in task.get("outputs", {}).items() if not (isinstance(v, dict) and "sha256" in v)}
    return found | {"attempts": task["attempts"], "outputs": values}


def typed(pipeline: Pipeline, params: dict[str, str]) -> dict[str, Any]:
    kinds = {param.name: param.type.value for param in pipeline.params}
    return {n: v if kinds[n] == "string" else json.loads(v) for n, v in params.items()}


@pytest.mark.engine("airflow-3.3")
def test_airflow(pipeline: Pipeline, local: dict[str, Trace], root: Path) -> None:
    dag = emit(pipeline, ["airflow"])[0].text
    folder = root / "examples" / "churn"
    cases = [airflow.Case(dag, typed(pipeline, p), folder=folder, timeout=240) for p in RUNS.values()]
    try:
        traces = airflow.run(cases)
    except airflow.Unavailable as reason:
        missing.skip(f"Airflow 3.3: {reason}")
    for name, trace in zip(RUNS, traces, strict=True):
        assert comparable(trace) == comparable(local[name]), name


@pytest.mark.engine("argo")
def test_argo(pipeline: Pipeline, local: dict[str, Trace], root: Path, tmp_path: Path) -> None:
    try:
        argo_testbed.program()
    except missing.Unavailable as reason:
        missing.skip(reason)
    # Every image of the testbed is this machine, which has the scripts in another folder than the image's WORKDIR.
    app = cache_folder() / "churn-app"
    shutil.rmtree(app, ignore_errors=True)
    shutil.copytree(root / "examples" / "churn", app)
    there = replace(
        pipeline,
        tasks=tuple(replace(task, workdir=str(app)) for task in pipeline.tasks),
        finally_tasks=tuple(replace(task, workdir=str(app)) for task in pipeline.finally_tasks),
    )
    cases = [argo_run.Case(there, params) for params in RUNS.values()]
    outcomes = argo_run.run(cases, tmp_path, timeout=300)
    for name, outcome in zip(RUNS, outcomes, strict=True):
        assert comparable(argo_run.read_trace(there, outcome)) == comparable(local[name]), name
