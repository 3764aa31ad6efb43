"""Comparisons of a status with a word that can never be equal at that place (W439)."""

from __future__ import annotations

from collections.abc import Iterator

from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.fix import reword
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.words import STATUS, synonym
from dagwright.ir.expr import Const, Expr, Op, Operator, RunField, RunRef, StatusRef
from dagwright.ir.model import Pipeline, Task, expressions
from dagwright.meaning.rules import RUN_STATES, STATES, states_before

_LONGEST = 30  # characters of a quoted word


def check_status(pipeline: Pipeline, report: Report) -> Pipeline:
    """Warn about conditions that can never hold, such as a failure that keeps the task itself from running."""
    for task in pipeline.all_tasks:
        for root in expressions(task):
            for ref, words in _compared(root):
                _check(task, ref, words, report)
    return pipeline


def _compared(expr: Expr) -> Iterator[tuple[StatusRef | RunRef, list[Const]]]:
    """Each compared status, with the constants on the other side."""
    match expr:
        case Op(operator=Operator.EQ | Operator.NE, args=(left, right)):
            for ref, other in ((left, right), (right, left)):
                if _is_status(ref) and isinstance(other, Const):
                    yield ref, [other]  # type: ignore[misc]
        case Op(operator=Operator.IN, args=(ref, Op(operator=Operator.LIST, args=items))) if _is_status(ref):
            yield ref, [item for item in items if isinstance(item, Const)]  # type: ignore[misc]
    if isinstance(expr, Op):
        for arg in expr.args:
            yield from _compared(arg)


def _is_status(expr: Expr) -> bool:
    return isinstance(expr, StatusRef) or (isinstance(expr, RunRef) and expr.name is RunField.STATUS)


def _check(task: Task, ref: StatusRef | RunRef, words: list[Const], report: Report) -> None:
    is_task = isinstance(ref, StatusRef)
    known = STATES if is_task else RUN_STATES
    possible = states_before(task.trigger_rule.value) if is_task else RUN_STATES
    name = f"tasks.{ref.task}.status" if isinstance(ref, StatusRef) else "run.status"
    for word in words:
        if word.text not in known:
            guess = synonym(STATUS, word.text)
            guess = guess if guess in known else suggest(word.text, known)
            report.warning(
                "W439",
                f"`{name}` is never `{echoed(word.text, _LONGEST)}`",
                word.origin,
                label="no status",
                notes=[f"a status is one of: {', '.join(known)}"],
                help=reword(word.origin, word.text, guess) if guess else "write one of them",
            )
    if words and all(word.text in known and word.text not in possible for word in words):
        report.warning(
            "W439",
            f"`{name}` is never `{words[0].text}` when this is evaluated",
            words[0].origin,
            label=f"by `{task.trigger_rule.value}`, `{task.name}` runs only where it is {' or '.join(possible)}",
            help=f"give `{task.name}` another rule: `trigger_rule: all_done` or `any_failed`",
        )
