"""The pass that checks the schedule of a pipeline."""

from __future__ import annotations

from datetime import date

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline


def check_schedule(pipeline: Pipeline, report: Report, today: date | None = None) -> Pipeline:
    """Report errors and warnings about the schedule, as seen from `today`."""
    if pipeline.schedule is not None:
        from dagwright.passes.check_calendar import check_calendar  # imported only for pipelines with a schedule

        check_calendar(pipeline, pipeline.schedule, report, today or date.today())
    return pipeline
