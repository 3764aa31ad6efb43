"""Runs manifests on a real Argo Workflows and converts the results to traces.

The engine is the testbed, see `argo_testbed.py`. `testbed run FILE…` submits every Workflow of the files, and prints
one JSON object for each as it ends.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.backend import BACKEND
from dagwright.backends.argo.exprlang.escape import HELD_DEFAULT
from dagwright.backends.argo.fit.objects import library_prefix
from dagwright.ir.model import Pipeline, Task
from dagwright.ir.types import Type
from dagwright.meaning.values import trace_value
from dagwright.printing.yaml import documents
from dagwright.runtime.artifacts import artifact_digest
from engines import argo_testbed
from engines.argo_artifacts import keep_artifacts
from engines.argo_cluster import Cluster, cluster
from engines.missing import Unavailable
from engines.processes import owned, stop

START = 300  # seconds for the cluster itself, on a busy machine

STATES = {
    "Succeeded": "succeeded",  # for a Retry or TaskGroup node: the last attempt, or all instances
    "Failed": "failed",  # the container returned a failure, also at its deadline
    "Error": "failed",  # an error in the controller: an expression failed, or an output is missing
    "Skipped": "skipped",  # `when` was false
    "Omitted": "upstream_failed",  # `depends` was false
}

# A param without a value is an error before the first node.
_NO_VALUE = re.compile(r"invalid spec: spec\.arguments\.\w+\.value or ")


@dataclass(frozen=True)
class Retry:
    """A retry of a run that has ended: of what failed, or with a task (or one instance of it) selected."""

    task: str = ""
    index: int | None = None


@dataclass(frozen=True)
class Case:
    """A run to perform: a pipeline, the given params, and the secrets of the cluster."""

    pipeline: Pipeline
    params: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def testbed() -> Path | None:
    """The testbed's program, built if needed; None if it is not available."""
    try:
        return argo_testbed.program()
    except Unavailable:
        return None


def run(cases: Sequence[Case], folder: Path, *, timeout: int = 120, parallel: int = 8) -> list[dict[str, Any]]:
    """The outcome of each case, in order, all on one cluster. `folder` receives all files."""
    tries = run_with_retries(cases, [()] * len(cases), folder, timeout=timeout, parallel=parallel)
    return [found for (found,) in tries]


def run_with_retries(
    cases: Sequence[Case], retries: Sequence[Sequence[Retry]], folder: Path, *, timeout: int = 120, parallel: int = 8
) -> list[list[dict[str, Any]]]:
    """The outcomes of each case: the run first, then its retries, one after the other."""
    store = folder / "store"
    with cluster(folder / "cluster") as there:
        found = run_on(there, cases, folder, timeout=timeout, parallel=parallel)
        with ThreadPoolExecutor(parallel) as pool:
            tried = pool.map(partial(retried, there, timeout), cases, found, retries)
            tries = [[first, *others] for first, others in zip(found, tried, strict=True)]
        keep_artifacts(there, store)
    return [[outcome | {"store": str(store)} for outcome in outcomes] for outcomes in tries]


def retried(
    there: Cluster, timeout: int, case: Case, first: dict[str, Any], retries: Sequence[Retry]
) -> list[dict[str, Any]]:
    """The outcomes of the retries of a run, made by the function of Argo that `argo retry` calls."""
    outcomes: list[dict[str, Any]] = []
    for retry in retries:
        last = outcomes[-1] if outcomes else first
        command = [str(argo_testbed.program()), "retry", "--timeout", f"{timeout}s"]
        if retry.task:
            command += ["--selector", f"id={_id_of(case.pipeline, retry, last)}"]
        environment = os.environ | {"KUBECONFIG": str(there.kubeconfig)}
        printed, complaints = _ended([*command, first["name"]], environment, timeout + 30)
        outcomes.append(json.loads(printed) if printed else {"error": complaints})
    return outcomes


def _id_of(pipeline: Pipeline, retry: Retry, outcome: Mapping[str, Any]) -> str:
    """The id of the node of a task, or of the pod of one instance."""
    nodes = Nodes(outcome)
    path = paths_of(pipeline)[retry.task]
    if retry.index is not None:
        path = nodes.innermost(dict(nodes.instances(path))[retry.index])
    found: str = nodes.by_path[path]["id"]
    return found


def run_on(
    there: Cluster, cases: Sequence[Case], folder: Path, *, timeout: int = 120, parallel: int = 8
) -> list[dict[str, Any]]:
    """The outcome of each case on a given cluster, whose artifacts are not kept."""
    files = [folder / f"{at:03}-{case.pipeline.name}.yaml" for at, case in enumerate(cases)]
    for at, (case, file) in enumerate(zip(cases, files, strict=True)):
        file.write_text(documents(submission(case, str(at))), encoding="utf-8")
    shared = folder / "shared.yaml"
    shared.write_text(documents(_secrets(cases)), encoding="utf-8")
    submit = [str(argo_testbed.program()), "run", "--timeout", f"{timeout}s", str(shared), *map(str, files)]
    environment = {"KUBECONFIG": str(there.kubeconfig), "TESTBED_PARALLEL": str(parallel)}
    limit = START + timeout * (1 + len(cases) // parallel)
    printed, complaints = _ended(submit, os.environ | environment, limit)
    by_file: dict[str, list[dict[str, Any]]] = {}
    for line in printed.splitlines():
        outcome = json.loads(line)
        by_file.setdefault(outcome["file"], []).append(outcome)
    return [_one(by_file.get(str(file), []), complaints) for file in files]


def _ended(command: Sequence[str], environment: Mapping[str, str], limit: int) -> tuple[str, str]:
    """The output of a command, which is ended after a time limit."""
    pipe = subprocess.PIPE
    with owned(command, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            return process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            stop([process.pid])
            printed, complaints = process.communicate()
    return printed, f"not ended after {limit} s; {complaints}"


def _one(outcomes: list[dict[str, Any]], stderr: str) -> dict[str, Any]:
    """The outcome of one file: the outcome of its Workflow, or the first refusal."""
    refused = [outcome for outcome in outcomes if outcome.get("error")]
    if refused or not outcomes:
        return refused[0] if refused else {"error": "nothing came back: " + stderr[-2000:]}
    return outcomes[-1]


def _secrets(cases: Iterable[Case]) -> list[Any]:
    merged: dict[str, dict[str, str]] = {}
    for case in cases:
        for name, entries in case.secrets.items():
            merged.setdefault(name, {}).update(entries)
    return [
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": entries}
        for name, entries in merged.items()
    ]


def submission(case: Case, suffix: str) -> list[Any]:
    """The objects to submit: the manifest with other params, names of templates, and namespace.

    A Workflow calls the template of a schedule once; its CronWorkflow is created suspended.
    """
    text = BACKEND.emit(case.pipeline)[0].text
    libraries = library_prefix(case.pipeline)
    *further, last = yaml.safe_load_all(text.replace(libraries, f"{libraries}-{suffix}"))
    own = 1 if last["kind"] == "CronWorkflow" else 0
    shared, objects = further[: len(further) - own], [*further[len(further) - own :], last]
    for found in [*shared, *objects]:
        found["metadata"].pop("namespace", None)
    given = {name: text_of(value) for name, value in case.params.items()}
    if len(objects) == 1:
        (workflow,) = objects
        declared = workflow["spec"].get("arguments", {}).get("parameters", [])
        for parameter in declared:
            if parameter["name"] in given:
                parameter["value"] = given[parameter["name"]]
        return [*shared, workflow]
    template, caller = objects
    name = f"{case.pipeline.name}-{suffix}"
    template["metadata"]["name"] = name
    scheduled = []
    if caller["kind"] == "CronWorkflow":
        caller["metadata"]["name"] = name
        caller["spec"]["suspend"] = True
        caller["spec"]["workflowSpec"]["workflowTemplateRef"]["name"] = name
        scheduled = [caller]
    workflow = {
        "apiVersion": template["apiVersion"],
        "kind": "Workflow",
        "metadata": {"generateName": f"{name}-"},
        "spec": {
            "workflowTemplateRef": {"name": name},
            "arguments": {"parameters": [{"name": n, "value": v} for n, v in given.items()]},
        },
    }
    return [*shared, template, *scheduled, workflow]


def text_of(value: Any) -> str:
    """The text of a param for the command line of `argo submit`."""
    return value if isinstance(value, str) else json.dumps(value)


# Reading back


class Nodes:
    """The nodes of a Workflow by their path below it; the root's path is empty."""

    def __init__(self, outcome: Mapping[str, Any]) -> None:
        root = outcome.get("name", "")
        self.store = Path(outcome.get("store", ""))
        self.by_id: dict[str, dict[str, Any]] = outcome.get("nodes") or {}
        self.by_path = {node["name"][len(root) :].removeprefix("."): node for node in self.by_id.values()}

    def get(self, path: str) -> dict[str, Any] | None:
        return self.by_path.get(path)

    def innermost(self, path: str) -> str:
        """The path of the container of an instance, which may be in a DAG of its own."""
        return f"{path}.run" if f"{path}.run" in self.by_path else path

    def attempts(self, path: str) -> int:
        """The number of started containers for the node at a path."""
        node = self.by_path[path]
        if node["type"] == "Retry":
            return sum(1 for at in range(len(self.by_path)) if f"{path}({at})" in self.by_path)
        return 1 if node["type"] == "Pod" else 0

    def instances(self, path: str) -> Iterator[tuple[int, str]]:
        """The index and path of every instance of a fan-out."""
        group = next((p for p in (path, f"{path}.each", f"{path}.all.each") if self.is_group(p)), None)
        if group is None:
            return
        for child in self.by_path[group].get("children", ()):
            node = self.by_id[child]
            found = re.match(re.escape(group) + r"\((\d+):", node["name"].partition(".")[2])
            if found:
                yield int(found[1]), node["name"].partition(".")[2]

    def is_group(self, path: str) -> bool:
        node = self.by_path.get(path)
        return node is not None and node["type"] == "TaskGroup"


def read_trace(pipeline: Pipeline, outcome: Mapping[str, Any]) -> dict[str, Any]:
    """The trace of a run; the folder passed to `run` must still exist."""
    nodes = Nodes(outcome)
    tasks = paths_of(pipeline)
    gate = nodes.get("params")
    stopped = gate is not None and gate["phase"] == "Error"
    stopped = stopped or _NO_VALUE.match(outcome.get("message", "")) is not None
    if stopped or (outcome.get("phase") == "Error" and not any(nodes.get(path) for path in tasks.values())):
        return {"status": "refused"}
    return {
        "status": "succeeded" if outcome.get("phase") == "Succeeded" else "failed",
        "tasks": {name: _task(pipeline.by_name[name], path, nodes) for name, path in tasks.items() if nodes.get(path)},
    }


def paths_of(pipeline: Pipeline) -> dict[str, str]:
    """The path of every task in the tree of nodes; the tasks of `finally` are below the node of the exit handler."""
    parts = Facts(pipeline).partition.paths
    found = {task.name: parts.get(task.name, task.name.replace("_", "-")) for task in pipeline.tasks}
    return found | {task.name: "onExit." + task.name.replace("_", "-") for task in pipeline.finally_tasks}


def _task(task: Task, path: str, nodes: Nodes) -> dict[str, Any]:
    state = STATES.get(nodes.by_path[path]["phase"], nodes.by_path[path]["phase"])
    if task.fan_out is None:
        return _ran(task, path, nodes, state)
    instances = [
        _ran(task, nodes.innermost(at), nodes, STATES.get(nodes.by_path[at]["phase"], "?"))
        for _, at in sorted(nodes.instances(path))
    ]
    return {"state": state, "instances": instances}


def _ran(task: Task, path: str, nodes: Nodes, state: str) -> dict[str, Any]:
    found: dict[str, Any] = {"state": state, "attempts": nodes.attempts(path), "outputs": {}}
    if state == "succeeded":
        types = {output.name: output.type for output in task.outputs}
        defaults = {output.name: output.default.text for output in task.outputs if output.default is not None}
        for parameter in nodes.by_path[path].get("outputs", {}).get("parameters", ()):
            if parameter["name"] in types:
                text = parameter.get("value", parameter.get("valueFrom", {}).get("default"))
                text = defaults[parameter["name"]] if text == HELD_DEFAULT else text
                found["outputs"][parameter["name"]] = trace_value(text, types[parameter["name"]].value)
        for artifact in nodes.by_path[path].get("outputs", {}).get("artifacts", ()):
            if artifact["name"] in types:
                kept = nodes.store / artifact["s3"]["key"]
                found["outputs"][artifact["name"]] = {"sha256": _digest(kept, types[artifact["name"]])}
    return found


def _digest(kept: Path, kind: Type) -> str | None:
    """The digest of a stored artifact, from the file itself, or from the contents of a directory's archive."""
    if not kept.exists():
        return None
    if kind is Type.FILE or kept.is_dir():
        return artifact_digest(str(kept))
    with tempfile.TemporaryDirectory() as scratch, tarfile.open(kept) as archive:
        archive.extractall(scratch, filter="tar")
        (directory,) = Path(scratch).iterdir()
        return artifact_digest(str(directory))


def times_of(pipeline: Pipeline, outcome: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    """The start and end of each pod, by `task` or `task[index]`, in seconds (Argo stores whole seconds)."""
    nodes = Nodes(outcome)
    found = {}
    paths = paths_of(pipeline)
    for task in pipeline.all_tasks:
        path = paths[task.name]
        if nodes.get(path) is None:
            continue
        parts = {task.name: path} if task.fan_out is None else _instance_paths(task, path, nodes)
        for name, part in parts.items():
            node = nodes.by_path[part]
            if nodes.attempts(part) and node.get("finishedAt"):
                found[name] = (_seconds(node["startedAt"]), _seconds(node["finishedAt"]))
    return found


def _instance_paths(task: Task, path: str, nodes: Nodes) -> dict[str, str]:
    found = {f"{task.name}[{index}]": at for index, at in nodes.instances(path)}
    return {name: nodes.innermost(at) for name, at in found.items()}


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
