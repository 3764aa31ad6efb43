"""The pods that the Argo controller makes for pipelines in which every task succeeds and writes given outputs.

On the testbed, a small program replaces the commands: it writes the outputs, and the controller continues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagwright.ir.model import Pipeline

from .argo_cluster import CORE, cluster
from .argo_run import Case, run_on

Outputs = Mapping[str, Mapping[str, str]]  # task → output → its text; any text for an artifact

STAND_IN = """#!/usr/bin/env python3
import os, pathlib
for kind, filename, text in {outputs!r}[os.environ["DW_PIPELINE"]][os.environ["DW_TASK"]]:
    path = pathlib.Path(os.environ["DW_OUT"], filename)
    if kind == "directory":
        path.mkdir()
        path = path / "part"
    path.write_bytes(text.encode())
"""


@dataclass(frozen=True)
class Run:
    """One run: its name, creation time (RFC 3339) and final state, and all pods as stored by the API server."""

    name: str
    created: str
    phase: str
    pods: Sequence[Mapping[str, Any]]


def pods_of(
    pipelines: Sequence[Pipeline], params: Sequence[Mapping[str, Any]], outputs: Sequence[Outputs], folder: Path
) -> list[Run]:
    """A run of every pipeline with its params and outputs. `folder` receives all files. Raises Unavailable."""
    cases = [Case(*both, secrets_of(both[0])) for both in zip(pipelines, params, strict=True)]
    with cluster(folder / "cluster", stand_in(pipelines, outputs, folder / "stand-in")) as there:
        outcomes = run_on(there, cases, folder, timeout=240)
        workflows = {found["metadata"]["name"]: found for found in there.list("Workflow")}
        pods = there.list("Pod", CORE)
    runs = []
    for outcome in outcomes:
        assert "error" not in outcome, outcome["error"]
        name = outcome["name"]
        own = [pod for pod in pods if pod["metadata"]["labels"]["workflows.argoproj.io/workflow"] == name]
        runs.append(Run(name, workflows[name]["metadata"]["creationTimestamp"], outcome["phase"], own))
    return runs


def secrets_of(pipeline: Pipeline) -> dict[str, dict[str, str]]:
    """All secrets that tasks read, with a text for each key."""
    found: dict[str, dict[str, str]] = {}
    for task in pipeline.all_tasks:
        for secret in task.secrets:
            found.setdefault(secret.name, {})[secret.key] = "hidden"
    return found


def stand_in(pipelines: Sequence[Pipeline], outputs: Sequence[Outputs], file: Path) -> Path:
    """Write the program, which finds the outputs of a task by the names in its environment."""
    known = {
        pipeline.name: {
            task.name: [(o.type.value, o.filename, texts[task.name][o.name]) for o in task.outputs]
            for task in pipeline.all_tasks
        }
        for pipeline, texts in zip(pipelines, outputs, strict=True)
    }
    file.write_text(STAND_IN.format(outputs=known), encoding="utf-8")
    file.chmod(0o755)
    return file
