"""Airflow's KubernetesPodOperator as an engine: every task is a pod on the testbed's API server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dagwright.backends.airflow.backend import BACKEND
from dagwright.ir.model import Pipeline
from engines import airflow, airflow_pods

from .engine import Job, Outcome
from .on_airflow import outcome_of

TIMEOUT = 240


class AirflowPods:
    """One process with `dag.test()` and one cluster for all jobs."""

    title = "Airflow 3.3.2, pods"
    target = "airflow"
    attempts_count_on = True

    def missing(self) -> str:
        return airflow_pods.missing()

    def place(self, pipeline: Pipeline) -> Pipeline:
        return airflow_pods.place(pipeline)

    def run(self, jobs: Sequence[Job], scratch: Path) -> list[Outcome]:
        secrets: dict[str, dict[str, str]] = {}
        for job in jobs:
            for name, entries in job.secrets.items():
                secrets.setdefault(name, {}).update(entries)
        cases = [airflow.Case(BACKEND.emit(job.pipeline)[0].text, job.params, {}, job.folder, TIMEOUT) for job in jobs]
        return [outcome_of(found) for found in airflow_pods.run(cases, secrets)]


AIRFLOW_PODS = AirflowPods()
