"""Unique names of pipelines: engines and generated files could not distinguish two pipelines with one name."""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.diagnostics.model import Label, Report
from dagwright.ir.model import Pipeline


class Names:
    """The pipeline names of one command, per target."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], Pipeline] = {}

    def take(self, pipeline: Pipeline, targets: Iterable[str], report: Report) -> None:
        """Register the name of a pipeline for its targets; E506 with both places if another pipeline has it."""
        for target in targets:
            other = self._taken.setdefault((target, pipeline.name), pipeline)
            if other is not pipeline:
                report.error(
                    "E506",
                    "two pipelines have the same name",
                    pipeline.origin,
                    label=f"`{pipeline.name}` again",
                    secondary=[Label(other.origin, "first here")],
                    notes=[f"both would be the same file for {target}"],
                    help="give one of the two pipelines another `name`",
                )
                return
