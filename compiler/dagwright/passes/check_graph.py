"""Needs that do not exist (E301) or are not allowed (E304), and cycles (E302)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from heapq import nsmallest

from dagwright.diagnostics.fix import Advice, replace, reword
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.ir.graph import topological
from dagwright.ir.model import Pipeline, Task
from dagwright.source.span import Span

_LISTED = 12  # task names listed in a message


def check_graph(pipeline: Pipeline, report: Report) -> Pipeline:
    """Report needs and cycles that keep the tasks from being a DAG."""
    for group, others in (
        (pipeline.tasks, pipeline.finally_tasks),
        (pipeline.finally_tasks, pipeline.tasks),
    ):
        _check_needs(group, {t.name for t in others}, report)
        _check_cycles(group, report)
    return pipeline


def _check_needs(tasks: Sequence[Task], others: set[str], report: Report) -> None:
    known = {task.name for task in tasks}
    guess_of = cache(lambda need: suggest(need, known))
    first = nsmallest(_LISTED + 1, known)
    for task in tasks:
        for need in task.needs:
            if need in known:
                continue
            span = task.origin_of(f"needs.{need}")
            if need in others:
                report.error(
                    "E304",
                    f"`{task.name}` cannot need `{need}`: one of the two is in `finally`",
                    span,
                    label="on the other side of `finally`",
                    notes=["tasks of `finally` start after all others have ended, and may need only each other"],
                    help=f"remove it, or move `{task.name}` beside `{need}`",
                )
                continue
            guess, listed = guess_of(need), [name for name in first if name != task.name][:_LISTED]
            report.error(
                "E301",
                f"`{task.name}` needs `{need}`, which is not a task of this pipeline",
                span,
                label="not a task",
                notes=["tasks: " + ", ".join(listed) + (" …" if len(known) > _LISTED + 1 else "")] if listed else [],
                help=_instead(span, need, guess, known),
            )


def _instead(span: Span, need: str, guess: str | None, known: Collection[str]) -> str | Advice:
    """The help for a need that is not a task: names joined with commas or blanks, or a misspelled name."""
    names = re.split(r"(?:[\s,]|&&)+", need.strip())
    if len(names) > 1 and all(name in known for name in names):
        return replace(f"write `needs: [{', '.join(names)}]`", span, f"[{', '.join(names)}]")
    if guess is not None:
        return reword(span, need, guess)
    if not need.isidentifier():
        return "list the tasks, as in `needs: [a, b]`; `trigger_rule` or `when` say how they must have ended"
    return f"define a task `{need}`, or remove it from `needs`"


def _check_cycles(tasks: Sequence[Task], report: Report) -> None:
    """Report each cycle once, walking only the tasks that the topological order leaves out."""
    ordered = {task.name for task in topological(tasks)}
    left = {task.name: task for task in tasks if task.name not in ordered}
    done: set[str] = set()
    for start in left:
        cycle = _cycle_from(start, left, done)
        if cycle:
            _report_cycle([left[name] for name in cycle], report)


def _cycle_from(start: str, left: dict[str, Task], done: set[str]) -> list[str] | None:
    """A cycle, found by following first needs inside the `left` tasks until a name repeats."""
    path: list[str] = []
    at: dict[str, int] = {}
    name = start
    while name not in at:
        if name in done:
            done.update(path)
            return None
        at[name] = len(path)
        path.append(name)
        name = next(need for need in left[name].needs if need in left)
    done.update(path)
    return path[at[name] :]


def _report_cycle(cycle: list[Task], report: Report) -> None:
    if len(cycle) == 1:
        task = cycle[0]
        report.error(
            "E302",
            f"`{task.name}` waits for itself, so it can never start",
            task.origin_of(f"needs.{task.name}"),
            label="its own name",
            help=f"remove `{task.name}` from its own needs and references",
        )
        return
    edges = [(task, cycle[(i + 1) % len(cycle)]) for i, task in enumerate(cycle)]
    labels = [
        Label(task.origin_of(f"needs.{need.name}"), f"`{task.name}` waits for `{need.name}`") for task, need in edges
    ]
    names = [task.name for task in cycle]
    shown = names if len(names) <= 12 else [*names[:10], "…", names[-1]]
    count = "two" if len(cycle) == 2 else str(len(cycle))
    report.error(
        "E302",
        f"these {count} tasks wait for each other, so none can start",
        labels[0].span,
        label=labels[0].text,
        secondary=labels[1:9],
        notes=["cycle: " + " needs ".join([*shown, names[0]])],
        help=f"remove one of the {count} needs marked above" if len(cycle) <= 9 else "remove one need of the cycle",
    )
