"""Runs on a real Argo: one that was stopped can be retried, and a failure is `Failed` in a cut pipeline, too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from argo.conftest import pipeline_of
from conformance.calls import counting
from dagwright.backends.argo.analysis import partition
from dagwright.ir.model import Pipeline
from engines import argo_run
from engines.argo_cluster import CORE, Cluster, cluster
from engines.missing import Unavailable, skip

pytestmark = pytest.mark.engine("argo")

STOPPED = """\
apiVersion: dagwright/v1
name: stopped
defaults: {image: busybox}
params: {word: {type: string, default: x}}
tasks:
  a: {command: [echo, "${{ params.word }}"]}
  b:
    needs: a
    secrets: {CALLS: {name: conformance-calls, key: url}}
    interpreter: [python3, -c]
    script: |
      import os, time, urllib.request
      n = urllib.request.urlopen(os.environ["CALLS"] + "/stopped/b/").read()
      if n == b"1": time.sleep(100)
  c: {needs: b, command: ["true"]}
finally:
  report: {command: [echo, "${{ run.status }} ${{ params.word }}"]}
"""
CHAIN = (
    "apiVersion: dagwright/v1\nname: chain\ndefaults: {image: busybox}\ntasks:\n  t0: {command: ['false']}\n"
    + "".join(f"  t{at}: {{needs: t{at - 1}, command: ['true']}}\n" for at in range(1, 8))
)


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    try:
        with cluster(tmp_path_factory.mktemp("cluster")) as found:
            yield found
    except Unavailable as why:
        skip(str(why))


def pipeline(folder: Path, spec: str) -> Pipeline:
    path = folder / "pipeline.yaml"
    path.write_text(spec, encoding="utf-8")
    found, report = pipeline_of(path)
    assert found is not None, report.diagnostics
    return found


def wait_for(there: Cluster, name: str, until: Any) -> dict[str, Any]:
    end = time.monotonic() + 120
    while not until(found := there.get("Workflow", name)):
        assert time.monotonic() < end, found.get("status")
        time.sleep(0.3)
    return found


def is_running(workflow: dict[str, Any], task: str) -> bool:
    nodes = workflow.get("status", {}).get("nodes", {}).values()
    return any(node["displayName"] == task and node["phase"] == "Running" for node in nodes)


@pytest.mark.parametrize("how", ["Stop", "Terminate"])
def test_a_run_that_was_ended_can_be_retried(there: Cluster, tmp_path: Path, how: str) -> None:
    spec = pipeline(tmp_path, STOPPED)
    secret = f"calls-{how.lower()}"
    with counting() as calls:
        there.create(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": secret}, "stringData": {"url": calls.url}},
            group=CORE,
        )
        (manifest,) = argo_run.submission(argo_run.Case(spec), how.lower())
        manifest = yaml.safe_load(yaml.safe_dump(manifest).replace("conformance-calls", secret))
        name = there.create(manifest)["metadata"]["name"]
        wait_for(there, name, lambda found: is_running(found, "b"))
        there.patch("Workflow", name, {"spec": {"shutdown": how}})
        ended = wait_for(there, name, lambda found: found["status"].get("phase") in ("Failed", "Error"))
        nodes = [node["displayName"] for node in ended["status"]["nodes"].values()]
        assert ("report" in nodes) == (how == "Stop"), "only `argo stop` runs the exit handler"
        (found,) = argo_run.retried(there, 120, argo_run.Case(spec), {"name": name}, [argo_run.Retry()])
        assert found["phase"] == "Succeeded", found
        trace = argo_run.read_trace(spec, found)
        assert {task["state"] for task in trace["tasks"].values()} == {"succeeded"}
        assert calls.of("stopped") == {"b": 2}


def test_a_failure_ends_a_cut_pipeline_as_failed(
    there: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = pipeline(tmp_path, CHAIN)
    monkeypatch.setattr(partition, "ROOM", 4)
    (found,) = argo_run.run_on(there, [argo_run.Case(spec)], tmp_path)
    assert found["phase"] == "Failed"
    states = {name: task["state"] for name, task in argo_run.read_trace(spec, found)["tasks"].items()}
    assert states == {"t0": "failed"} | dict.fromkeys((f"t{at}" for at in range(1, 8)), "upstream_failed")
