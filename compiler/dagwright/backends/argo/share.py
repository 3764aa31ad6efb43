"""Which tasks share a template: those that differ only in values, which their calls hand over.

Tasks of one component do; in a large pipeline others, too. A template that one task alone would call stays its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.ir.expr import Const, Expr, InPath, OutPath, ParamRef, RunField, RunRef, Text
from dagwright.ir.model import Command, Task

MANY_TASKS = 40  # from here on tasks without a component share templates, too
MOST_VALUES = 50  # values that a call hands over; where more differ, every task has its own template
MOST_HANDED_OVER = 1024  # characters of a value; longer ones are part of a template


@dataclass(frozen=True, slots=True)
class Kind:
    """Tasks of one template: its name, the task that the rest is taken from, and the places that differ.

    `argv` and `env` give the argument's name by position; `plain` says that no task's name holds an underscore.
    """

    name: str
    like: Task
    argv: Mapping[int, str]
    env: Mapping[int, str]
    plain: bool


def kinds(tasks: Sequence[Task], outside: Callable[[Task], Hashable]) -> dict[str, Kind]:
    """The kind of every task that shares its template. `outside` is what a template says of a task's readers."""
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
    """The component's name where it is free, else one made of the first task's."""
    name = names.kebab(first.component) if first.component is not None else ""
    if not name or name in taken:
        name = names.helper(first.name, "shared")
    taken.add(name)
    return name


def _shape(task: Task) -> Hashable:
    """What tasks of one template have in common."""
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
    """A text that is too long to be handed over."""
    size = sum(len(piece) for piece in text.pieces if isinstance(piece, str))
    return text if size > MOST_HANDED_OVER else None


def _kind(group: Sequence[Task], templates: set[str]) -> Kind:
    like = group[0]
    taken = {names.INDEX}
    argv: dict[int, str] = {}
    if isinstance(like.action, Command):
        # Position 0 is the program, which all have in common.
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
    """Whether a text has to be handed over: it is not the same everywhere, or can be computed only by the caller."""
    first = next(iter(texts))
    return not all(map(_is_inline, _references(first.pieces))) or any(text != first for text in texts)


def _references(pieces: Iterable[str | Expr]) -> Iterable[Expr]:
    return (piece for piece in pieces if not isinstance(piece, str))


def _is_inline(expr: Expr) -> bool:
    """Whether a template itself can insert the reference."""
    match expr:
        case RunRef(name=field):
            return field is not RunField.STATUS
        case _:
            return isinstance(expr, Const | ParamRef | InPath | OutPath)
