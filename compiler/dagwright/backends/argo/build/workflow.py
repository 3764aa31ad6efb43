"""The Workflow of a pipeline: its DAGs, the tasks of each, and their templates in reading order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.analysis.partition import Part
from dagwright.backends.argo.build.conditions import any_of, target
from dagwright.backends.argo.build.part import common_templates, part_task, proxy, states_task
from dagwright.backends.argo.build.setup import SetupTask, outputs_templates, param_setup
from dagwright.backends.argo.build.task import dag_task
from dagwright.backends.argo.model import Call, Dag, DagTask, Template, Workflow
from dagwright.ir.model import Task


class Tasks(NamedTuple):
    """Tasks of a DAG, and the templates that they call."""

    tasks: tuple[DagTask, ...] = ()
    templates: tuple[Template, ...] = ()


class Setup(NamedTuple):
    """The first tasks of a DAG in sequence, their templates, and the `depends` of the DAG's roots."""

    tasks: tuple[DagTask, ...]
    templates: tuple[Template, ...]
    entry: str


class Group(NamedTuple):
    """The contents of a DAG: its tasks, its target, and the templates that they call."""

    tasks: tuple[DagTask, ...]
    target: str | None
    templates: tuple[Template, ...]


def build(facts: Facts) -> Workflow:
    """The Workflow of a pipeline, before it is fitted into Argo's limits."""
    pipeline = facts.pipeline
    entrypoint = names.entrypoint(frozenset(names.kebab(task.name) for task in pipeline.all_tasks))
    setup = param_setup(facts)
    main = _main(facts, setup) if not pipeline.finally_tasks else _main_with_finally(facts, setup)
    templates = (Dag(entrypoint, main.tasks, target=main.target), *main.templates)
    return Workflow(pipeline, (*templates, *common_templates(templates)))


def _main(facts: Facts, setup: tuple[SetupTask, ...]) -> Group:
    """The DAG of all ordinary tasks."""
    if facts.partition.parts:
        first = _sequence(setup)
        parts = _parts(facts, facts.partition.top, first.entry)
        return Group((*first.tasks, *parts.tasks), parts.target, (*first.templates, *parts.templates))
    tasks = facts.pipeline.tasks
    first = _setup(facts, tasks, setup, "")
    ordinary = _tasks(facts, tasks, first.entry)
    return Group((*first.tasks, *ordinary.tasks), target(tasks), (*first.templates, *ordinary.templates))


def _main_with_finally(facts: Facts, setup: tuple[SetupTask, ...]) -> Group:
    """The DAG of the tasks of `finally`, which run after the DAG of all ordinary tasks."""
    tasks = facts.pipeline.finally_tasks
    ordinary = _main(facts, ())
    first = _setup(facts, tasks, setup, "--finally")
    last = _tasks(facts, tasks, any_of(names.TASKS, ["Succeeded", "Failed", "Errored"]))
    return Group(
        (*first.tasks, DagTask(names.TASKS, Call(names.TASKS), first.entry), *last.tasks),
        target(tasks, (names.TASKS,)),
        (
            *first.templates,
            Dag(names.TASKS, ordinary.tasks, target=ordinary.target),
            *ordinary.templates,
            *last.templates,
        ),
    )


def _parts(facts: Facts, parts: tuple[Part, ...], entry: str) -> Group:
    """The DAG of parts; each part is a target, since later parts run after it in any state."""
    templates = tuple(template for part in parts for template in _part(facts, part))
    return Group(tuple(part_task(part, entry) for part in parts), " ".join(part.name for part in parts), templates)


def _part(facts: Facts, part: Part) -> tuple[Template, ...]:
    """The DAG of a part, and the templates that it calls."""
    if part.within:
        within = _parts(facts, part.within, "")
        return (Dag(part.name, within.tasks, target=within.target), *within.templates)
    number = "--" + part.name.rpartition("--")[2]
    first = _setup(facts, part.tasks, (), number)
    proxies = (proxy(facts, need) for need in facts.proxies(part.tasks))
    ordinary = _tasks(facts, part.tasks, first.entry)
    exported = facts.exported(part.tasks)
    last = (states_task(part, exported),) if exported else ()
    targets = target(part.tasks, (names.STATES,) if exported else ())
    dag = Dag(part.name, (*first.tasks, *proxies, *ordinary.tasks, *last), target=targets)
    return (dag, *first.templates, *ordinary.templates)


def _setup(facts: Facts, tasks: tuple[Task, ...], setup: tuple[SetupTask, ...], suffix: str) -> Setup:
    """The first tasks of a DAG with these tasks; `suffix` makes the names of their templates unique."""
    templates = outputs_templates(facts, tasks, suffix)
    if templates or _waits(facts, tasks):
        call = Call(templates[0].name if templates else names.NO_POD)
        setup = (*setup, SetupTask(names.OUTPUTS, call, templates))
    return _sequence(setup)


def _waits(facts: Facts, tasks: tuple[Task, ...]) -> bool:
    """Whether a root among the tasks needs a task to wait for; in `finally` there already is one."""
    return any(not task.needs and task.name not in facts.finals and facts.waits(task) for task in tasks)


def _sequence(setup: Iterable[SetupTask]) -> Setup:
    """The first tasks of a DAG, each after the one before."""
    tasks: list[DagTask] = []
    templates: list[Template] = []
    entry = ""
    for task in setup:
        tasks.append(DagTask(task.name, task.call, entry))
        templates += task.templates
        entry = f"{task.name}.Succeeded"
    return Setup(tuple(tasks), tuple(templates), entry)


def _tasks(facts: Facts, tasks: Iterable[Task], entry: str) -> Tasks:
    """The DAG tasks of some tasks, with their templates."""
    dag_tasks: list[DagTask] = []
    templates: list[Template] = []
    for task in tasks:
        built, own = dag_task(facts, task, entry)
        dag_tasks.append(built)
        templates += own
    return Tasks(tuple(dag_tasks), tuple(templates))
