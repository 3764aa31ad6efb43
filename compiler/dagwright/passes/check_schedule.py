"""The pass that checks a schedule, where a pipeline has one."""

from __future__ import annotations

from datetime import date

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline


def check_schedule(pipeline: Pipeline, report: Report, today: date | None = None) -> Pipeline:
    """Report what is wrong with the schedule, as seen from `today`."""
    if pipeline.schedule is not None:
        from dagwright.passes.check_calendar import check_calendar  # zones and calendars cost most pipelines nothing

        check_calendar(pipeline, pipeline.schedule, report, today or date.today())
    return pipeline
