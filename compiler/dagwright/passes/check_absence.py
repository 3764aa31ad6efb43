"""Outputs that may be missing when their reader runs (E435), and `default()` around an output that never is (W436)."""

from __future__ import annotations

from collections.abc import Iterator

from dagwright.diagnostics.fix import Advice
from dagwright.diagnostics.model import Label, Report
from dagwright.expressions.rewrite import rewrite
from dagwright.ir.expr import Expr, Op, Operator, OutputRef
from dagwright.ir.graph import Outcomes, outcomes
from dagwright.ir.model import Pipeline, Task, expressions
from dagwright.ir.types import NOT_GIVEN, ExprType, ListType, Type
from dagwright.source.span import Span

_PLAIN = (Type.STRING, Type.INTEGER, Type.NUMBER, Type.BOOLEAN)
_OTHER_VALUE = ", or another value to use instead"
_ARTIFACT = (
    "read it in a task of its own that needs only `{}`, and runs only if that succeeded; a file cannot have a default"
)
_PAST = {"skipped": "been skipped", "failed": "failed"}


def check_absence(pipeline: Pipeline, report: Report) -> Pipeline:
    """Report reads of outputs that may be missing and have no default, and defaults that are never used."""
    for group in (pipeline.tasks, pipeline.finally_tasks):
        ends = outcomes(group)
        for task in group:
            if task.trigger_rule.runs_after_failure or task.trigger_rule.runs_after_skip:
                _check_task(task, ends, pipeline, report)
            else:
                _report_useless_defaults(task, report)
    return pipeline


def _check_task(task: Task, ends: Outcomes, pipeline: Pipeline, report: Report) -> None:
    for root in expressions(task):
        for ref, guarded in _reads(root):
            reason = _absent(task, ref.task, ends)
            if reason and not guarded and ref.default is None:
                name = f"tasks.{ref.task}.outputs.{ref.output}"
                instead = rewrite(ref.origin, name, f"default({name}, {_stand_in(ref.type)})", _OTHER_VALUE)
                _report(task, ref.task, name, ref.origin, reason, pipeline, report, help=instead)
            elif guarded and (not reason or ref.default is not None):
                _report_useless_default(ref, report)
    for given in task.inputs:
        reason = _absent(task, given.task, ends)
        if reason:
            name = f"tasks.{given.task}.outputs.{given.output}"
            _report(task, given.task, name, given.origin, reason, pipeline, report,
                    help=_ARTIFACT.format(given.task))  # fmt: skip


def _stand_in(kind: ExprType) -> str:
    """A value of a type, as an expression."""
    if isinstance(kind, ListType):
        return "[]"
    return NOT_GIVEN[kind].replace('"', "'") if kind in _PLAIN else "..."


def _reads(expr: Expr, guarded: bool = False) -> Iterator[tuple[OutputRef, bool]]:
    match expr:
        case OutputRef():
            yield expr, guarded
        case Op(operator=Operator.DEFAULT):
            yield from _reads(expr.args[0], guarded=True)
            yield from _reads(expr.args[1], guarded)
        case Op():
            for arg in expr.args:
                yield from _reads(arg, guarded)


def _absent(task: Task, producer: str, ends: Outcomes) -> str | None:
    """The reason why outputs of `producer` may be missing when `task` runs, or None if they never are."""
    if task.trigger_rule.runs_after_failure:
        return "failed"
    if task.trigger_rule.runs_after_skip and ends.can_skip(producer):
        return "skipped: " + " needs ".join(ends.skips[producer])
    return None


def _report(
    task: Task,
    producer: str,
    name: str,
    span: Span,
    reason: str,
    pipeline: Pipeline,
    report: Report,
    *,
    help: str | Advice,  # noqa: A002
) -> None:
    kind, _, chain = reason.partition(": ")
    cause = chain.rsplit(" needs ", 1)[-1] if chain else producer
    source = pipeline.by_name[cause]
    group = kind == "failed" and pipeline.by_name[producer].fan_out is not None
    why = "this decides it" if chain and source.when is not None else f"`{cause}`"
    report.error(
        "E435",
        f"`{name.removeprefix('tasks.')}` may be absent here" if len(name) > 50 else f"`{name}` may be absent here",
        span,
        label=f"{'an instance of ' if group else ''}`{producer}` may have {_PAST[kind]}",
        secondary=[Label(source.origin_of("when"), why)] if chain else [],
        notes=[
            f"`{task.name}` has `trigger_rule: {task.trigger_rule.value}`, so it runs anyway",
            *(["if one instance fails, the outputs of all instances are missing"] if group else []),
            *([f"the path: {task.name} needs {chain}, which can be skipped"] if chain else []),
        ],
        help=help,
    )


def _report_useless_defaults(task: Task, report: Report) -> None:
    for root in expressions(task):
        if isinstance(root, Op):
            for ref, guarded in _reads(root):
                if guarded:
                    _report_useless_default(ref, report)


def _report_useless_default(ref: OutputRef, report: Report) -> None:
    why = "it has a default of its own" if ref.default is not None else "this task only runs after it succeeded"
    report.warning(
        "W436",
        f"`{ref.task}.{ref.output}` is never absent here, so `default()` does nothing",
        ref.origin,
        label=why,
        help=f"write `tasks.{ref.task}.outputs.{ref.output}` alone",
    )
