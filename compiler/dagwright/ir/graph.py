"""The pipeline as a graph: orders, leaves and possible final states. All linear in nodes and edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dagwright.ir.model import ForEach, ForEachItems, Task
from dagwright.meaning.rules import RUN


def topological(tasks: Iterable[Task]) -> list[Task]:
    """Tasks in topological order: each after its needs, else in the author's order. Tasks of a cycle are left out."""
    tasks = list(tasks)
    by_name = {task.name: task for task in tasks}
    waiting = {task.name: sum(need in by_name for need in task.needs) for task in tasks}
    readers: dict[str, list[Task]] = {name: [] for name in by_name}
    for task in tasks:
        for need in task.needs:
            if need in readers:
                readers[need].append(task)
    ready = [task for task in tasks if not waiting[task.name]]
    order: list[Task] = []
    while ready:
        order += ready
        following: list[Task] = []
        for task in ready:
            for reader in readers[task.name]:
                waiting[reader.name] -= 1
                if not waiting[reader.name]:
                    following.append(reader)
        ready = following
    return order


def leaves(tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks that no other needs, in the author's order."""
    tasks = tuple(tasks)
    needed = {need for task in tasks for need in task.needs}
    return tuple(task for task in tasks if task.name not in needed)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """For each task that can be skipped, the chain of task names from the task to the cause."""

    skips: Mapping[str, tuple[str, ...]]

    def can_skip(self, name: str) -> bool:
        return name in self.skips


def outcomes(tasks: Iterable[Task]) -> Outcomes:
    """The tasks that can end as `skipped`. Every task can end as `failed`, so failure is not recorded."""
    skips: dict[str, tuple[str, ...]] = {}
    for task in topological(tasks):
        chain = _skip(task, skips)
        if chain is not None:
            skips[task.name] = chain
    return Outcomes(skips)


def _skip(task: Task, skips: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    rule = task.trigger_rule.row
    own = task.when is not None or rule.otherwise != RUN
    empty = isinstance(task.fan_out, ForEach) or (isinstance(task.fan_out, ForEachItems) and not task.fan_out.items)
    if own or empty:
        return (task.name,)
    by_need = [skips[need] for need in task.needs if need in skips]
    decides = rule.all_skipped if len(by_need) == len(task.needs) else rule.skipped
    return (task.name, *by_need[0]) if by_need and decides != RUN else None
