"""A dry run as text: the order of tasks, the resolved params, and the commands as far as they are known."""

from __future__ import annotations

import shlex
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence

from dagwright.meaning.values import EvaluationError
from dagwright.runtime.evaluate import Bound, Scope, text
from dagwright.runtime.model import Plan, TaskPlan, Text
from dagwright.runtime.reading import Binding, expand
from dagwright.runtime.step import printable
from dagwright.runtime.wording import worded

_SHOWN_INSTANCES = 10
_SHOWN_TEXT = 200


class NotYetKnown(Exception):  # noqa: N818 - nothing is wrong
    """Raised for a value that is known only during a run."""


class PlannedScope(Scope):
    """The scope of an instance before the run."""

    def __init__(self, task: TaskPlan, params: Mapping[str, str], binding: Optional[Binding]) -> None:
        self.task, self.params, self.binding = task, params, binding

    def param(self, name: str) -> Bound:
        return self.params[name]

    def output(self, task: str, name: str) -> Optional[str]:
        raise NotYetKnown

    def outputs(self, task: str, name: str) -> Optional[Sequence[str]]:
        raise NotYetKnown

    def status(self, task: str) -> str:
        raise NotYetKnown

    def matrix(self, axis: str) -> Bound:
        if self.binding is None:
            raise NotYetKnown
        bound: Bound = self.binding[0][axis]
        return bound

    def item(self) -> Bound:
        if self.binding is None:
            raise NotYetKnown
        bound: Bound = self.binding[1]
        return bound

    def run(self, field: str) -> str:
        raise NotYetKnown

    def in_path(self, name: str) -> str:
        given = next(given for given in self.task.inputs if given.name == name)
        return f"$DW_IN/{name}" if given.fan_out else f"$DW_IN/{name}/{given.filename}"

    def out_path(self, name: str) -> str:
        return "$DW_OUT/" + next(str(o["filename"]) for o in self.task.outputs if o["name"] == name)


def waves_of(tasks: Iterable[TaskPlan]) -> List[List[TaskPlan]]:
    """The tasks in waves, by depth: tasks of a wave need only tasks of earlier waves."""
    waiting = list(tasks)
    by_name = {task.name: task for task in waiting}
    open_needs = {task.name: len(task.needs) for task in waiting}
    readers: Dict[str, List[TaskPlan]] = {name: [] for name in by_name}
    for task in waiting:
        for need in task.needs:
            readers[need].append(task)
    waves = []
    wave = [task for task in waiting if not task.needs]
    while wave:
        waves.append(wave)
        following = []
        for reader in (reader for task in wave for reader in readers[task.name]):
            open_needs[reader.name] -= 1
            if not open_needs[reader.name]:
                following.append(reader)
        wave = following
    return waves


def describe_run(plan: Plan, params: Mapping[str, str]) -> str:
    """The whole text of `--dry-run`."""
    lines = [f"pipeline {plan.name}"]
    lines += [f"param {name} = {_visible(value)}" for name, value in params.items()]
    for number, wave in enumerate(waves_of(plan.tasks), 1):
        lines.append(f"wave {number}")
        lines += [line for task in wave for line in _describe_task(task, params)]
    for number, wave in enumerate(waves_of(plan.finally_tasks), 1):
        lines.append("finally" if number == 1 else f"finally, wave {number}")
        lines += [line for task in wave for line in _describe_task(task, params)]
    return "\n".join(lines) + "\n"


def _describe_task(task: TaskPlan, params: Mapping[str, str]) -> List[str]:
    notes = [f"needs {', '.join(task.needs)}"] if task.needs else []
    if task.rule != "all_success":
        notes.append(task.rule)
    if task.when is not None:
        notes.append(_condition(task.when, PlannedScope(task, params, None)))
    bindings = _bindings(task, params)
    if task.fan_out is not None:
        notes.append("instances are made at run time" if bindings is None else f"{len(bindings)} instances")
    head = f"  {task.name}{': ' + '; '.join(notes) if notes else ''}"
    if bindings is None:
        return [head, f"    {_command(task, PlannedScope(task, params, None))}"]
    shown = [f"    {_command(task, PlannedScope(task, params, binding))}" for binding in bindings[:_SHOWN_INSTANCES]]
    if len(bindings) > _SHOWN_INSTANCES:
        shown.append(f"    and {len(bindings) - _SHOWN_INSTANCES} more")
    return [head, *shown]


def _condition(code: Any, scope: Scope) -> str:
    """A condition as written, with its value if that is already known."""
    try:
        found = f" ({text(code, scope)})"
    except NotYetKnown:
        found = ""
    except EvaluationError as error:
        found = f" (error: {error})"
    return f"when {worded(code)}{found}"


def known_instances(task: TaskPlan, params: Mapping[str, str]) -> Optional[int]:
    """The number of instances of a task: 1 without a fan-out, None if known only during a run."""
    bindings = _bindings(task, params)
    return None if bindings is None else len(bindings)


def _bindings(task: TaskPlan, params: Mapping[str, str]) -> Optional[List[Binding]]:
    try:
        return expand(task.fan_out, PlannedScope(task, params, None))
    except (NotYetKnown, EvaluationError):
        return None


def _command(task: TaskPlan, scope: Scope) -> str:
    argv = [_argument(element, scope) for element in task.argv]
    if task.is_script:
        argv[-1] = argv[-1].split("\n")[0] + (" ..." if "\n" in argv[-1].rstrip("\n") else "")
    return " ".join(_visible(shlex.quote(argument)) for argument in argv)


def _argument(element: Text, scope: Scope) -> str:
    if isinstance(element, str):
        return element
    return "".join(piece if isinstance(piece, str) else _insert(piece, scope) for piece in element)


def _insert(code: Any, scope: Scope) -> str:
    try:
        return text(code, scope)
    except NotYetKnown:
        return f"<{worded(code)}>"
    except EvaluationError as error:
        return f"<error: {error}>"


def _visible(shown: str) -> str:
    shown = printable(shown)
    return shown if len(shown) <= _SHOWN_TEXT else shown[:_SHOWN_TEXT] + "..."
