"""The Workflow of a pipeline: its DAGs, the tasks of each, and their templates in reading order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.analysis.partition import Part
from dagwright.backends.argo.build.conditions import target
from dagwright.backends.argo.build.part import common_templates, part_task, proxy, states_task
from dagwright.backends.argo.build.setup import SetupTask, entry_task, exit_setup, param_setup
from dagwright.backends.argo.build.task import dag_task
from dagwright.backends.argo.model import Dag, DagTask, Template, Workflow
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
    main = _main(facts, param_setup(facts))
    templates: tuple[Template, ...] = (Dag(entrypoint, main.tasks, target=main.target), *main.templates)
    on_exit = names.FINALLY if pipeline.finally_tasks else ""
    if on_exit:
        last = _group(facts, pipeline.finally_tasks, exit_setup(facts))
        templates = (*templates, Dag(on_exit, last.tasks, target=last.target), *last.templates)
    return Workflow(pipeline, (*templates, *common_templates(templates)), on_exit)


def _main(facts: Facts, setup: tuple[SetupTask, ...]) -> Group:
    """The DAG of all ordinary tasks."""
    if not facts.partition.parts:
        return _group(facts, facts.pipeline.tasks, setup)
    first = _sequence(setup)
    parts = _parts(facts, facts.partition.top, first.entry)
    targets = " ".join([*_groups(first), parts.target or ""])
    return Group((*first.tasks, *parts.tasks), targets, (*first.templates, *parts.templates))


def _group(facts: Facts, tasks: tuple[Task, ...], setup: tuple[SetupTask, ...]) -> Group:
    """The DAG of tasks that are not cut into parts."""
    first = _setup(facts, tasks, setup)
    ordinary = _tasks(facts, tasks, first.entry)
    targets = target(tasks, _groups(ordinary), _groups(first))
    return Group((*first.tasks, *ordinary.tasks), targets, (*first.templates, *ordinary.templates))


def _groups(tasks: Tasks | Setup) -> tuple[str, ...]:
    """The tasks that are DAGs or loops."""
    dags = {template.name for template in tasks.templates if isinstance(template, Dag)}
    return tuple(task.name for task in tasks.tasks if task.call.loop is not None or task.call.template in dags)


def _parts(facts: Facts, parts: tuple[Part, ...], entry: str) -> Group:
    """The DAG of parts; each part is a target, since later parts run after it in any state."""
    templates = tuple(template for part in parts for template in _part(facts, part))
    return Group(tuple(part_task(part, entry) for part in parts), " ".join(part.name for part in parts), templates)


def _part(facts: Facts, part: Part) -> tuple[Template, ...]:
    """The DAG of a part, and the templates that it calls."""
    if part.within:
        within = _parts(facts, part.within, "")
        return (Dag(part.name, within.tasks, target=within.target), *within.templates)
    first = _setup(facts, part.tasks, ())
    proxies = (task for need in facts.proxies(part.tasks) for task in proxy(facts, need))
    ordinary = _tasks(facts, part.tasks, first.entry)
    exported = facts.exported(part.tasks)
    last = (states_task(part, exported),) if exported else ()
    targets = target(part.tasks, _groups(ordinary), (names.STATES,) if exported else ())
    dag = Dag(part.name, (*first.tasks, *proxies, *ordinary.tasks, *last), target=targets)
    return (dag, *ordinary.templates)


def _setup(facts: Facts, tasks: tuple[Task, ...], setup: tuple[SetupTask, ...]) -> Setup:
    """The first tasks of a DAG with these tasks."""
    waits = any(not task.needs and facts.waits(task) for task in tasks)
    return _sequence((*setup, entry_task()) if waits else setup)


def _sequence(setup: Iterable[SetupTask]) -> Setup:
    """The first tasks of a DAG, each after the one before."""
    tasks: list[DagTask] = []
    templates: list[Template] = []
    entry = ""
    for task in setup:
        tasks.append(DagTask(task.name, task.call, entry, task.when))
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
