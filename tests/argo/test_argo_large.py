"""Pipelines larger than Argo's limits: compiled within them, accepted by the API server, and run to the end."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from argo.mixed import mixed
from argo.real import files, spec_of
from dagwright.backends.argo.analysis.partition import MOST_CALLS
from dagwright.backends.argo.backend import BACKEND
from dagwright.backends.argo.check import MOST_PARAMETERS
from dagwright.backends.argo.fit.objects import MOST_BYTES, MOST_TEMPLATES
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.reading.budgets import Budgets
from engines.argo_cluster import Refused, cluster
from engines.argo_run import Case, read_trace, run, times_of
from engines.argo_strict import Strict
from engines.argo_strict import load as objects


def compiled(spec: str, folder: Path, name: str = "pipeline") -> tuple[Pipeline, str]:
    """A pipeline and its manifest."""
    path = folder / f"{name}.yaml"
    path.write_text(spec, encoding="utf-8")
    report = Report()
    options = Options(budgets=Budgets(max_bytes=1 << 26))
    pipeline = load(str(path), options, report)
    assert pipeline is not None, report.diagnostics
    check_targets(pipeline, ["argo"], options, report)
    assert not report.failed, report.diagnostics
    return pipeline, BACKEND.emit(pipeline)[0].text


def blocks(count: int) -> str:
    """Chained blocks of ten tasks: a split, eight parallel tasks, a join."""
    lines = ["apiVersion: dagwright/v1\nname: blocks\ndefaults: {image: busybox}\ntasks:\n"]
    before = ""
    for at in range(count):
        middle = [f"work_{at}_{i}" for i in range(8)]
        for name, needs in [(f"split_{at}", before), *((m, f"split_{at}") for m in middle)]:
            lines.append(f"  {name}: {{command: [run, {name}], needs: [{needs}], env: {{NAME: {name}}}}}\n")
        lines.append(f"  join_{at}: {{command: [run, join], needs: [{', '.join(middle)}]}}\n")
        before = f"join_{at}"
    return "".join(lines).replace("needs: [], ", "")


def assert_within_the_limits(text: str) -> None:
    *libraries, own = documents = list(yaml.load_all(text, yaml.CSafeLoader))
    assert own["kind"] == "Workflow"
    assert all(found["kind"] == "WorkflowTemplate" for found in libraries)
    for document, written in zip(documents, text.split("---\n"), strict=True):
        templates = document["spec"]["templates"]
        assert len(written.encode()) <= MOST_BYTES
        assert len(templates) <= MOST_TEMPLATES
        assert all(len(calls(template)) <= MOST_CALLS for template in templates)
        assert all(len(template.get("inputs", {}).get("parameters", ())) <= MOST_PARAMETERS for template in templates)
    there = {(d["metadata"].get("name"), t["name"]) for d in documents for t in d["spec"]["templates"]}
    for document in documents:
        for call in (call for template in document["spec"]["templates"] for call in calls(template)):
            ref = call.get("templateRef", {"name": document["metadata"].get("name"), "template": call.get("template")})
            assert (ref["name"], ref["template"]) in there


def calls(template: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = template.get("dag", {}).get("tasks", [])
    return found


def real() -> list[Path]:
    found = files()
    if not found:
        pytest.skip("the real DAGs are not here (DAGWRIGHT_REAL_DAGS names their folder)")
    return found


def test_real_dags_are_within_the_limits(tmp_path: Path) -> None:
    for path in real():
        assert_within_the_limits(compiled(spec_of(path), tmp_path)[1])


@pytest.mark.engine("long")
def test_blocks_of_5000_tasks_are_within_the_limits(tmp_path: Path) -> None:
    pipeline, text = compiled(blocks(500), tmp_path)
    assert len(pipeline.tasks) == 5000
    assert_within_the_limits(text)


@pytest.mark.engine("long")
@pytest.mark.parametrize("seed", [1, 2])
def test_mixed_pipelines_are_within_the_limits(tmp_path: Path, seed: int) -> None:
    assert_within_the_limits(compiled(mixed(900, seed), tmp_path)[1])


@pytest.mark.engine("argo")
def test_cut_manifests_are_what_argo_defines(home: Path, tmp_path: Path) -> None:
    for document in objects(compiled(mixed(300, 1), tmp_path)[1]):
        assert Strict(home).check(document) == []


def created(folder: Path, manifests: Iterable[Path]) -> list[tuple[Path, str, str]]:
    """The API server's answer for every object: file, kind and, if refused, the reason. Nothing runs."""
    found = []
    with cluster(folder) as server:
        for path in manifests:
            for document in yaml.load_all(path.read_text(encoding="utf-8"), yaml.CSafeLoader):
                document["metadata"].pop("namespace", None)
                if document["kind"] != "WorkflowTemplate":
                    document["spec"]["suspend"] = True
                reason = ""
                try:
                    server.create(document)
                except Refused as why:
                    reason = str(why)
                found.append((path, document["kind"], reason))
    return found


@pytest.mark.engine("argo")
def test_the_api_server_takes_real_dags_and_large_blocks(home: Path, tmp_path: Path) -> None:
    specs = {path.stem: spec_of(path) for path in real()} | {"blocks": blocks(500)}
    manifests = []
    for name, spec in specs.items():
        manifests.append(tmp_path / f"{name}.argo.yaml")
        manifests[-1].write_text(compiled(spec, tmp_path, name)[1], encoding="utf-8")
    found = created(tmp_path / "cluster", manifests)
    assert [line for line in found if line[2]] == []
    assert {path for path, _, _ in found} == set(manifests)


@pytest.mark.engine("argo")
def test_a_pipeline_of_320_tasks_runs_as_it_does_locally(home: Path, tmp_path: Path) -> None:
    """Trigger rules, conditions, outputs, loops and failures across a cut."""
    pipeline, _ = compiled(mixed(320, 1), tmp_path)
    command = ["-m", "dagwright", "run", "pipeline.yaml", "--json", "--runs-dir", "runs", "-j", "2"]
    local = subprocess.run(
        [sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    expected = json.loads(local.stdout)
    (outcome,) = run([Case(pipeline)], tmp_path, timeout=1200)
    assert "error" not in outcome, outcome["error"]
    found = read_trace(pipeline, outcome)
    assert found["status"] == expected["status"] == "failed"
    assert {name: told(task) for name, task in found["tasks"].items()} == {
        name: told(task) for name, task in expected["tasks"].items()
    }
    states = {task["state"] for task in found["tasks"].values()}
    assert states == {"succeeded", "failed", "skipped", "upstream_failed"}
    times = times_of(pipeline, outcome)
    for name in times.keys() & pipeline.by_name.keys():
        for before in ancestors(pipeline, name) & times.keys():
            assert times[name][0] >= times[before][1] - 1  # Argo stores whole seconds


def told(task: dict[str, Any]) -> dict[str, Any]:
    """The compared part of a task's entry."""
    found = {key: task[key] for key in ("state", "attempts", "outputs") if key in task}
    return found | ({"instances": [told(one) for one in task["instances"]]} if "instances" in task else {})


def ancestors(pipeline: Pipeline, name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for need in pipeline.by_name[waiting.pop()].needs:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found
