"""Params (W438) and outputs (W437) that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from dagwright.diagnostics.model import Report
from dagwright.ir.expr import Expr, Op, OutputRef, ParamRef
from dagwright.ir.model import Output, Pipeline, Task, expressions
from dagwright.source.span import Span


def check_unused(pipeline: Pipeline, report: Report) -> Pipeline:
    """Warn about unused params and outputs. Outputs of a final task are results, so they are never reported.

    Alerts and clean-ups (tasks that run after a failure) do not count as tasks that continue from another.
    """
    params, outputs = set[str](), set[tuple[str, str]]()
    needed: set[str] = set()
    for task in pipeline.all_tasks:
        if not task.trigger_rule.runs_after_failure:
            needed.update(task.needs)
        outputs.update((given.task, given.output) for given in task.inputs)
        for root in expressions(task):
            for ref in _references(root):
                if isinstance(ref, ParamRef):
                    params.add(ref.name)
                else:
                    outputs.add((ref.task, ref.output))
    for param in pipeline.params:
        if param.name not in params:
            report.warning(
                "W438",
                f"the param `{param.name}` is never read",
                param.origin,
                label="read by no task",
                help=f"remove it, or write `${{{{ params.{param.name} }}}}`",
            )
    for task, output in _unread(pipeline, needed, outputs):
        report.warning(
            "W437",
            f"the output `{output.name}` of `{task.name}` is never read",
            output.origin,
            label="read by no task",
            help=f"remove it, or read it as `${{{{ tasks.{task.name}.outputs.{output.name} }}}}`",
        )
    return pipeline


def _unread(pipeline: Pipeline, needed: set[str], read: set[tuple[str, str]]) -> Iterator[tuple[Task, Output]]:
    """Unused outputs, one per place of the spec: tasks of one component share the component's declaration."""
    unused: dict[Span, tuple[Task, Output]] = {}
    used = set[Span]()
    for task in pipeline.all_tasks:
        is_result = task.name not in needed or any((task.name, output.name) in read for output in task.outputs)
        for output in task.outputs:
            if is_result:
                used.add(output.origin)
            else:
                unused.setdefault(output.origin, (task, output))
    return (found for place, found in unused.items() if place not in used)


def _references(expr: Expr) -> Iterator[ParamRef | OutputRef]:
    match expr:
        case ParamRef() | OutputRef():
            yield expr
        case Op():
            for arg in expr.args:
                yield from _references(arg)
