"""The local backend: one script that needs only Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dagwright.backends.backend import Artifact, Support
from dagwright.backends.features import Feature
from dagwright.backends.local.emit import script
from dagwright.backends.local.plan import make_plan
from dagwright.backends.local.support import SUPPORT
from dagwright.backends.processes import check_workdirs
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline


@dataclass(frozen=True, slots=True)
class LocalBackend:
    """The backend for local runs: the runner supports every feature, with one process per task."""

    name: str = "local"

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        return SUPPORT

    def check(self, pipeline: Pipeline, report: Report) -> None:
        check_workdirs(pipeline.all_tasks, report)

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        return (Artifact(f"local/{pipeline.identifier}.py", script(make_plan(pipeline))),)


BACKEND = LocalBackend()
