"""The comparison of a run with a case: its trace, the order of its tasks, and the number of parallel instances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagwright.ir.model import Pipeline, Task

Times = Mapping[str, tuple[float, float]]


def differences(expected: Any, found: Any, path: str = "trace") -> list[str]:
    """The differences between the found and the expected trace; keys missing in the expectation are not compared."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            line
            for key, value in expected.items()
            for line in (
                differences(value, found[key], f"{path}.{key}") if key in found else [f"{path}.{key}: missing"]
            )
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [line for at, value in enumerate(expected) for line in differences(value, found[at], f"{path}[{at}]")]
    return [] if same(expected, found) else [f"{path}: expected {expected!r}, found {found!r}"]


def same(expected: Any, found: Any) -> bool:
    """Equality of JSON values: numbers by value, and a boolean is not a number."""
    return (isinstance(expected, bool) == isinstance(found, bool)) and bool(expected == found)


def disorder(pipeline: Pipeline, times: Times) -> list[str]:
    """Tasks that started before one of their ancestors had ended."""
    spans = {task.name: span_of(task, times) for task in pipeline.all_tasks}
    found = []
    for task in pipeline.all_tasks:
        span = spans[task.name]
        for name in ancestors(pipeline, task) if span is not None else ():
            other = spans[name]
            if span is not None and other is not None and other[1] > span[0]:
                found.append(f"{task.name} started {other[1] - span[0]:.3f} s before its ancestor {name} had ended")
    return found


def span_of(task: Task, times: Times) -> tuple[float, float] | None:
    """The start and end of a task; for a fan-out, the first start and the last end."""
    parts = [span for name, span in times.items() if name == task.name or name.startswith(f"{task.name}[")]
    return (min(start for start, _ in parts), max(end for _, end in parts)) if parts else None


def ancestors(pipeline: Pipeline, task: Task) -> set[str]:
    """All tasks that a task waits for, directly or not; a task of `finally` waits for all ordinary tasks."""
    waiting = list(task.needs)
    if task in pipeline.finally_tasks:
        waiting += [other.name for other in pipeline.tasks]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += pipeline.by_name[name].needs
    return seen


def crowding(pipeline: Pipeline, times: Times) -> list[str]:
    """Fan-outs with more parallel instances than `max_parallel` allows."""
    found = []
    for task in pipeline.all_tasks:
        if task.max_parallel is None:
            continue
        spans = [span for name, span in times.items() if name.startswith(f"{task.name}[")]
        most = max((sum(1 for a, b in spans if a <= start < b) for start, _ in spans), default=0)
        if most > task.max_parallel:
            found.append(f"{most} instances of {task.name} ran at once, and {task.max_parallel} may")
    return found
