"""Trigger rules of tasks without needs (E303)."""

from __future__ import annotations

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline, TriggerRule


def check_rules(pipeline: Pipeline, report: Report) -> Pipeline:
    """Report trigger rules of tasks that have neither explicit nor inferred needs."""
    for task in pipeline.all_tasks:
        if task.trigger_rule is not TriggerRule.ALL_SUCCESS and not task.needs:
            report.error(
                "E303",
                f"`{task.name}` needs nothing, so its trigger rule has no effect",
                task.origin_of("trigger_rule"),
                label=f"`{task.trigger_rule.value}` of no needs",
                help="add `needs: [...]`, or remove `trigger_rule`",
            )
    return pipeline
