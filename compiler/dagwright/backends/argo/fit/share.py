"""The pass that shares templates among tasks that differ only in values; their calls pass these values as arguments.

Tasks of one component share a template; in a large pipeline, other tasks do so too. A template called by a single task
is not shared.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from operator import attrgetter

from dagwright.backends.argo import names
from dagwright.backends.argo.build.binding import named
from dagwright.backends.argo.model import (
    Argument,
    Call,
    Container,
    Dag,
    DagTask,
    Inputs,
    Template,
    Value,
    Variable,
    Workflow,
)
from dagwright.ir.expr import Const, Expr, InPath, OutPath, ParamRef, RunRef, Text

MANY_TASKS = 40  # in pipelines of this size, tasks without a component also share templates
MOST_VALUES = 50  # values passed by a call; if more differ, every task has its own template
MOST_HANDED_OVER = 1024  # characters of a passed value; longer values are part of a template

# All fields of a container that are printed, except its name and the values that a call can pass.
_REST = attrgetter(*(f.name for f in fields(Container) if f.compare and f.name not in ("name", "args", "env")))


@dataclass(frozen=True, slots=True)
class TemplateGroup:
    """The group of the containers that share a template: its name, and the values that calls pass.

    `words` (of `command` and `args`) and `env` give the input's name by position. The container `sample` provides
    everything else.
    """

    name: str
    sample: Container
    words: Mapping[int, str]
    env: Mapping[int, str]
    task_names_are_plain: bool  # without underscores, so that names in the manifest equal those of the language


def share(workflow: Workflow) -> Workflow:
    """The Workflow in which tasks that differ only in values share a template."""
    groups = _groups(workflow)
    containers = {template.name: template for template in workflow.templates if isinstance(template, Container)}

    def called(task: DagTask) -> DagTask:
        group = groups.get(task.call.template)
        if group is None:
            return task
        call = Call(group.name, _arguments(group, containers[task.call.template]), task.call.artifacts)
        return DagTask(task.name, call, task.depends, task.when)

    templates: list[Template] = []
    for template in workflow.templates:
        match template:
            case Dag():
                templates.append(replace(template, tasks=tuple(map(called, template.tasks))))
            case Container() if template.name in groups:
                group = groups[template.name]
                templates += [_shared(group)] if template is group.sample else []
            case Container() if template.task.fan_out is None:
                templates.append(named(template))
            case _:
                templates.append(template)
    return replace(workflow, templates=tuple(templates))


def _groups(workflow: Workflow) -> dict[str, TemplateGroup]:
    """The group of every container that shares its template, by the container's name."""
    tasks = workflow.pipeline.all_tasks
    place = {task.name: at for at, task in enumerate(tasks)}
    containers = [t for t in workflow.templates if isinstance(t, Container) and t.task.fan_out is None]
    alike: dict[Hashable, list[Container]] = {}
    for container in sorted(containers, key=lambda container: place[container.task.name]):
        if container.component is not None or len(tasks) >= MANY_TASKS:
            alike.setdefault(_rest(container), []).append(container)
    taken = {names.kebab(task.name) for task in tasks} | names.FIRST
    groups: dict[str, TemplateGroup] = {}
    for members in alike.values():
        if len(members) > 1:
            group = _group(members, taken)
            if len(group.words) + len(group.env) <= MOST_VALUES:
                groups.update((container.name, group) for container in members)
    return groups


def _rest(container: Container) -> Hashable:
    """The common rest of containers with one template: all that is printed, except passed values."""
    return (
        _REST(container),
        tuple(map(_common, container.args)),
        tuple((variable.name, _common(variable.value)) for variable in container.env),
    )


def _common(value: Value) -> Hashable:
    """The value if it must be part of the template; None if a call can pass it."""
    if isinstance(value, str) or sum(len(p) for p in value.pieces if isinstance(p, str)) > MOST_HANDED_OVER:
        return value
    return None


def _group(containers: Sequence[Container], templates: set[str]) -> TemplateGroup:
    sample = containers[0]
    inputs = {names.INDEX}
    words = {
        at: _free(f"arg_{at}", inputs)
        for at in range(len(_words(sample)))
        if _differs([_words(container)[at] for container in containers])
    }
    env = {
        at: _free(variable.name.lower(), inputs)
        for at, variable in enumerate(sample.env)
        if _differs([container.env[at].value for container in containers])
    }
    plain = all("_" not in container.task.name for container in containers)
    return TemplateGroup(_name(sample, templates), sample, words, env, plain)


def _name(sample: Container, taken: set[str]) -> str:
    """The component's name if it is free, else a name derived from the first task."""
    name = names.kebab(sample.component) if sample.component is not None else ""
    if not name or name in taken:
        name = names.helper(sample.name, "shared")
    taken.add(name)
    return name


def _free(first_choice: str, taken: set[str]) -> str:
    name, count = first_choice, 1
    while name in taken:
        count += 1
        name = f"{first_choice}_{count}"
    taken.add(name)
    return name


def _differs(values: Collection[Value]) -> bool:
    """Whether a value must be passed: it differs between tasks, or only the caller can compute it."""
    first = next(iter(values))
    return not all(map(_is_inline, _references(first))) or any(value != first for value in values)


def _references(value: Value) -> Iterator[Expr]:
    if isinstance(value, Text):
        yield from (piece for piece in value.pieces if not isinstance(piece, str))


def _is_inline(expr: Expr) -> bool:
    """Whether the template itself can insert the reference."""
    return isinstance(expr, Const | ParamRef | RunRef | InPath | OutPath)


def _arguments(group: TemplateGroup, container: Container) -> tuple[Argument, ...]:
    """The values of a container that its call passes."""
    words = _words(container)
    arguments = [Argument(name, words[at]) for at, name in group.words.items()]
    arguments += [Argument(name, container.env[at].value) for at, name in group.env.items()]
    return tuple(arguments)


def _words(container: Container) -> tuple[Value, ...]:
    return (*container.command, *container.args)


def _shared(group: TemplateGroup) -> Container:
    """The shared template, with inputs in the places of the passed values."""
    sample = group.sample
    words: list[Value] = [*_words(sample)]
    for at, name in group.words.items():
        words[at] = names.input_tag(name)
    env = [*sample.env]
    for at, name in group.env.items():
        env[at] = Variable(env[at].name, names.input_tag(name))
    program = len(sample.command)
    return replace(
        sample,
        name=group.name,
        task_name=names.CALLER if group.task_names_are_plain else sample.task_name,
        inputs=Inputs((*group.words.values(), *group.env.values()), sample.inputs.artifacts),
        command=tuple(words[:program]),
        args=tuple(words[program:]),
        env=tuple(env),
    )
