"""Airflow as an engine: `dag.test()` of all generated DAG files, in a few processes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from dagwright.backends.airflow.backend import BACKEND
from dagwright.backends.airflow.settings import Runtime, settings
from dagwright.ir.model import Pipeline
from engines import airflow
from engines.marked import TITLES

from .engine import Job, Outcome

PROCESSES = 2
TIMEOUT = 240


@dataclass(frozen=True)
class Airflow:
    """One version of Airflow, with every task as a process of the worker."""

    version: str
    title: str
    target: str = "airflow"
    attempts_count_on: bool = True

    def missing(self) -> str:
        try:
            airflow.python(self.version)
        except airflow.Unavailable as why:
            return str(why)
        return ""

    def place(self, pipeline: Pipeline) -> Pipeline:
        major, minor = map(int, self.version.split("."))
        target = replace(settings(pipeline), version=(major, minor), runtime=Runtime.PROCESS)
        return replace(pipeline, targets=pipeline.targets.replace("airflow", target))

    def run(self, jobs: Sequence[Job], scratch: Path) -> list[Outcome]:
        cases = [case_of(job) for job in jobs]
        parts = [cases[at::PROCESSES] for at in range(PROCESSES)]
        with ThreadPoolExecutor(PROCESSES) as pool:
            found = list(pool.map(lambda part: airflow.run(part, self.version) if part else [], parts))
        return [outcome_of(found[at % PROCESSES][at // PROCESSES]) for at in range(len(jobs))]


def case_of(job: Job) -> airflow.Case:
    """The job for the engine's own adapter; secrets become the variables that process tasks read."""
    secrets = {
        f"DW_SECRET_{name}_{key}".upper().replace("-", "_").replace(".", "_"): value
        for name, entries in job.secrets.items()
        for key, value in entries.items()
    }
    return airflow.Case(BACKEND.emit(job.pipeline)[0].text, job.params, secrets, job.folder, TIMEOUT)


def outcome_of(found: dict[str, Any]) -> Outcome:
    if found["status"] in ("timeout", "error"):
        return Outcome(problem=found.get("error", f"not ended after {TIMEOUT} s"))
    times = {
        name.replace(".", "[") + "]" if "." in name else name: (seconds(start), seconds(end))
        for name, (start, end) in found.get("times", {}).items()
        if not name.endswith((".items", ".all"))
    }
    return Outcome({"status": found["status"], "tasks": found.get("tasks", {})}, times)


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


AIRFLOW = Airflow("3.3", TITLES["airflow-3.3"])
AIRFLOW_2 = Airflow("2.11", TITLES["airflow-2.11"])
