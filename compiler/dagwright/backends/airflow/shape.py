"""The Airflow operators of a pipeline's tasks, and the edges that keep the execution model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import Enum, auto

from dagwright.backends.airflow.settings import Runtime, settings
from dagwright.ir.graph import outcomes, topological
from dagwright.ir.model import ForEach, ForEachItems, Matrix, Pipeline, Task
from dagwright.meaning.rules import RUN

RESULT = "run-result"  # task ids that no task can have, since names have no hyphens
BARRIER = "all-done"


class Shape(Enum):
    """The form of a task in Airflow."""

    SINGLE = auto()  # one operator
    UNROLLED = auto()  # a task group with one operator per instance: `train.0`, `train.1` …
    MAPPED = auto()  # one mapped operator over a literal list
    RUNTIME = auto()  # a task group of `items`, which returns the list, and `each`, mapped over the list
    EMPTY = auto()  # a fan-out over a literal empty list: the rule and the condition, without instances


def shape_of(task: Task) -> Shape:
    match task.fan_out:
        case None:
            return Shape.SINGLE
        case ForEach():
            return Shape.RUNTIME
        case Matrix(rows=()) | ForEachItems(items=()):
            return Shape.EMPTY
        case _:
            return Shape.UNROLLED if task.max_parallel is None else Shape.MAPPED


def instances_of(task: Task) -> int:
    """The number of instances, if known at compile time."""
    match task.fan_out:
        case Matrix(rows=rows):
            return len(rows)
        case ForEachItems(items=items):
            return len(items)
    raise AssertionError("only a fan-out over a literal list has a known number of instances")


def in_pod(task: Task, pipeline: Pipeline) -> bool:
    """Whether the task runs in its own pod."""
    runtime = settings(pipeline).runtime
    return runtime is Runtime.KUBERNETES or (runtime is Runtime.AUTO and task.image is not None)


def airflow_rule(task: Task) -> str:
    """Airflow's own trigger rule; the guard at the start of the task decides the rest.

    `all_success`, `one_failed` and similar rules are never used: they decide before all upstream tasks have ended.
    """
    return "all_done" if task.trigger_rule.runs_after_failure else "none_failed"


def guarded(pipeline: Pipeline) -> frozenset[str]:
    """The tasks that must check the states of their needs before they run."""
    skips = {name for tasks in (pipeline.tasks, pipeline.finally_tasks) for name in outcomes(tasks).skips}
    return frozenset(task.name for task in pipeline.all_tasks if task.needs and _may_skip(task, skips))


def _may_skip(task: Task, skips: Set[str]) -> bool:
    """Whether the rule of a task may skip it, if the tasks in `skips` may be skipped."""
    rule = task.trigger_rule.row
    return rule.otherwise != RUN or (rule.all_skipped != RUN and not skips.isdisjoint(task.needs))


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges between operators.

    `upstream` gives every task's needs, then other tasks that it must wait for; `barrier` lists the tasks before those
    of `finally`; `result` lists the tasks that decide the state of the run, if the leaves alone would miss a failure.
    """

    upstream: Mapping[str, tuple[str, ...]]
    barrier: tuple[str, ...]
    result: tuple[str, ...]


def edges(pipeline: Pipeline) -> Edges:
    upstream = {task.name: _upstream(task, pipeline.by_name) for task in pipeline.all_tasks}
    barrier = tuple(task.name for task in pipeline.tasks) if pipeline.finally_tasks else ()
    return Edges(upstream, barrier, _result(pipeline, upstream))


def _upstream(task: Task, by_name: Mapping[str, Task]) -> tuple[str, ...]:
    """The needs of a task; for a task that also runs after failures, all tasks that may still be running by then.

    A need with Airflow's rule `none_failed` is `upstream_failed` at the first failure, while its own other needs run.
    """
    found = dict.fromkeys(task.needs)
    if airflow_rule(task) == "all_done":
        pending, seen = list(task.needs), set(task.needs)
        while pending:
            need = by_name[pending.pop()]
            if airflow_rule(need) == "all_done":
                continue
            if len(need.needs) > 1 or any(by_name[n].fan_out is not None for n in need.needs):
                found |= dict.fromkeys(need.needs)
            pending += [name for name in need.needs if name not in seen]
            seen.update(need.needs)
    return tuple(found)


def _result(pipeline: Pipeline, upstream: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The tasks whose failure would be lost; empty if they are all leaves, which decide the state of Airflow's run."""
    passes_on = {need for t in pipeline.all_tasks if airflow_rule(t) == "none_failed" for need in t.needs}
    ends = tuple(task.name for task in pipeline.all_tasks if task.name not in passes_on)
    inner = {need for needs in upstream.values() for need in needs}
    if pipeline.finally_tasks or inner.intersection(ends):
        return ends
    return ()


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """The tasks, each after its needs, else in the author's order."""
    return topological(tasks)
