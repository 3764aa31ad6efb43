"""Shared templates, for tasks that differ only in values; their calls pass these values as arguments.

Tasks of one component share a template; in a large pipeline, other tasks do so too. A template called by a single task
is not shared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.ir.expr import Const, Expr, InPath, OutPath, ParamRef, RunField, RunRef, Text
from dagwright.ir.model import Command, Task

MANY_TASKS = 40  # in pipelines of this size, tasks without a component also share templates
MOST_VALUES = 50  # values passed by a call; if more differ, every task has its own template
MOST_HANDED_OVER = 1024  # characters of a passed value; longer values are part of a template


@dataclass(frozen=True, slots=True)
class Kind:
    """Tasks with a shared template: its name, the task that provides the common rest, and the places that differ.

    `argv` and `env` give the argument's name by position; `plain` means that no task name contains an underscore.
    """

    name: str
    like: Task
    argv: Mapping[int, str]
    env: Mapping[int, str]
    plain: bool


def kinds(tasks: Sequence[Task], outside: Callable[[Task], Hashable]) -> dict[str, Kind]:
    """The kind of every task with a shared template. `outside` gives the part of a template that depends on readers."""
    alike: dict[Hashable, list[Task]] = {}
    for task in tasks:
        if task.fan_out is None and (task.component is not None or len(tasks) >= MANY_TASKS):
            alike.setdefault((_shape(task), outside(task)), []).append(task)
    taken = {names.kebab(task.name) for task in tasks} | names.FIRST
    found: dict[str, Kind] = {}
    for group in alike.values():
        kind = _kind(group, taken) if len(group) > 1 else None
        if kind is not None and len(kind.argv) + len(kind.env) <= MOST_VALUES:
            found.update((task.name, kind) for task in group)
    return found


def _name(first: Task, taken: set[str]) -> str:
    """The component's name if it is free, else a name derived from the first task."""
    name = names.kebab(first.component) if first.component is not None else ""
    if not name or name in taken:
        name = names.helper(first.name, "shared")
    taken.add(name)
    return name


def _shape(task: Task) -> Hashable:
    """The properties that all tasks of one template have in common."""
    action: Hashable = task.action
    if isinstance(task.action, Command):
        first, *rest = task.action.argv
        action = (first.pieces, *map(_long, rest))
    return (
        task.component,
        action,
        tuple((variable.name, _long(variable.value)) for variable in task.env),
        task.secrets,
        tuple((given.name, given.filename, given.fan_out) for given in task.inputs),
        tuple((o.name, o.type, o.filename, o.default and o.default.text) for o in task.outputs),
        (task.image, task.workdir, task.timeout, task.retry, task.resources),
        (task.description, task.labels),
    )


def _long(text: Text) -> Hashable:
    """The text if it is too long for an argument, else None."""
    size = sum(len(piece) for piece in text.pieces if isinstance(piece, str))
    return text if size > MOST_HANDED_OVER else None


def _kind(group: Sequence[Task], templates: set[str]) -> Kind:
    like = group[0]
    taken = {names.INDEX}
    argv: dict[int, str] = {}
    if isinstance(like.action, Command):
        # Position 0 is the program, which all tasks have in common.
        all_argv = [task.action.argv for task in group if isinstance(task.action, Command)]
        argv = {
            at: _free(f"arg_{at}", taken)
            for at in range(len(like.action.argv))
            if _differs([given[at] for given in all_argv])
        }
    env = {
        at: _free(variable.name.lower(), taken)
        for at, variable in enumerate(like.env)
        if _differs([task.env[at].value for task in group])
    }
    return Kind(_name(like, templates), like, argv, env, all("_" not in task.name for task in group))


def _free(wanted: str, taken: set[str]) -> str:
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}_{count}"
    taken.add(name)
    return name


def _differs(texts: Collection[Text]) -> bool:
    """Whether a text must be an argument: it differs between tasks, or only the caller can compute it."""
    first = next(iter(texts))
    return not all(map(_is_inline, _references(first.pieces))) or any(text != first for text in texts)


def _references(pieces: Iterable[str | Expr]) -> Iterable[Expr]:
    return (piece for piece in pieces if not isinstance(piece, str))


def _is_inline(expr: Expr) -> bool:
    """Whether the template itself can insert the reference."""
    match expr:
        case RunRef(name=field):
            return field is not RunField.STATUS
        case _:
            return isinstance(expr, Const | ParamRef | InPath | OutPath)
