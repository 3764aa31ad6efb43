"""The pass that prints texts in Argo's syntax; values that a template cannot compute become its inputs."""

from __future__ import annotations

from dataclasses import replace

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.build.arguments import argument, text_argument
from dagwright.backends.argo.build.binding import ContainerTemplate, bind
from dagwright.backends.argo.model import Argument, Call, Container, Dag, DagTask, Template, Value, Workflow
from dagwright.ir.model import Task


def bind_inputs(facts: Facts, workflow: Workflow) -> Workflow:
    """The Workflow in Argo's syntax. The templates of fan-outs already are."""
    tasks = {names.kebab(task.name): task for task in workflow.pipeline.all_tasks}
    bound = {
        template.name: bind(facts, template)
        for template in workflow.templates
        if isinstance(template, Container) and template.task.fan_out is None
    }

    def called(task: DagTask) -> DagTask:
        template = bound.get(task.call.template)
        if template is None:
            return task
        arguments = _arguments(facts, tasks[task.name], task.call, template)
        return DagTask(task.name, Call(task.call.template, arguments, task.call.artifacts), task.depends, task.when)

    def in_argo(template: Template) -> Template:
        match template:
            case Dag():
                return replace(template, tasks=tuple(map(called, template.tasks)))
            case Container() if template.name in bound:
                return bound[template.name].container
            case _:
                return template

    return replace(workflow, templates=tuple(map(in_argo, workflow.templates)))


def _arguments(facts: Facts, task: Task, call: Call, template: ContainerTemplate) -> tuple[Argument, ...]:
    """The arguments of a task's call: those of the call, then those that the template needs besides."""
    passed = (Argument(a.name, _text(facts, task, a.value)) for a in call.arguments)
    return (*passed, *(Argument(name, argument(facts, task, expr)) for name, expr in template.arguments))


def _text(facts: Facts, task: Task, value: Value) -> str:
    return value if isinstance(value, str) else text_argument(facts, task, value)
