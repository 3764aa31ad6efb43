"""The Airflow backend: fills the frames of `templates/airflow` with one pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from dagwright.backends.airflow.dag import DagPrinter
from dagwright.backends.airflow.settings import AirflowSettings, settings
from dagwright.backends.airflow.support import check, table
from dagwright.backends.backend import Artifact, Support
from dagwright.backends.features import Feature
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline

__all__ = ["BACKEND", "AirflowBackend"]


class AirflowBackend:
    """The backend for Airflow: one DAG file, `airflow/<identifier>.py`, which runs without Dagwright."""

    name = "airflow"

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        target = AirflowSettings() if pipeline is None else settings(pipeline)
        return table(target.version)

    def check(self, pipeline: Pipeline, report: Report) -> None:
        check(pipeline, report)

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        return (Artifact(f"airflow/{pipeline.identifier}.py", DagPrinter(pipeline).print()),)


BACKEND = AirflowBackend()
