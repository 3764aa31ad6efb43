"""The task of a DAG, and the templates that it needs."""

from __future__ import annotations

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.arguments import artifacts
from dagwright.backends.argo.build.container import container
from dagwright.backends.argo.build.fan_out import fan_out
from dagwright.backends.argo.model import Call, DagTask, Template
from dagwright.ir.model import Task


def dag_task(facts: Facts, task: Task, entry: str) -> tuple[DagTask, tuple[Template, ...]]:
    """The DAG task of a task, and its templates; `entry` is the `depends` of the DAG's roots."""
    template = container(facts, task)
    name = names.kebab(task.name)
    depends = conditions.depends(facts, task, entry)
    if task.fan_out is None:
        call = Call(template.name, artifacts=artifacts(facts, task))
        return DagTask(name, call, depends, conditions.when(facts, task)), (template,)
    loop = fan_out(facts, task, template)
    return DagTask(name, loop.call, depends, loop.when or conditions.when(facts, task)), loop.templates
