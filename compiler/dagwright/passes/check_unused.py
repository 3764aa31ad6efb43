"""Params (W438) and outputs (W437) that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from dagwright.diagnostics.model import Report
from dagwright.ir.expr import Expr, Op, OutputRef, ParamRef
from dagwright.ir.model import Pipeline, expressions


def check_unused(pipeline: Pipeline, report: Report) -> Pipeline:
    """An output counts as a result, and not as unused, where no other task needs its task."""
    params, outputs = set[str](), set[tuple[str, str]]()
    needed: set[str] = set()
    for task in pipeline.all_tasks:
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
    for task in pipeline.all_tasks:
        if task.name not in needed or any((task.name, o.name) in outputs for o in task.outputs):
            continue
        for output in task.outputs:
            report.warning(
                "W437",
                f"the output `{output.name}` of `{task.name}` is never read",
                output.origin,
                label="read by no task",
                help=f"remove it, or read it as `${{{{ tasks.{task.name}.outputs.{output.name} }}}}`",
            )
    return pipeline


def _references(expr: Expr) -> Iterator[ParamRef | OutputRef]:
    match expr:
        case ParamRef() | OutputRef():
            yield expr
        case Op():
            for arg in expr.args:
                yield from _references(arg)
