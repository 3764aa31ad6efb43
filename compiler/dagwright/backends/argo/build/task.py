"""The call of a task in its DAG, and the templates that it needs."""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.arguments import argument, arguments, artifacts, parameter, text_argument
from dagwright.backends.argo.build.container import leaf
from dagwright.backends.argo.build.fan_out import Call, loop
from dagwright.ir.model import Task
from dagwright.printing.yaml import Data


@dataclass(frozen=True, slots=True)
class Called:
    """A task of a DAG, and its templates."""

    call: dict[str, Data]
    templates: tuple[dict[str, Data], ...]


def called(plan: Plan, task: Task, entry: str) -> Called:
    """The call of a task; `entry` is the `depends` of the DAG's roots."""
    made = leaf(plan, task)
    if task.fan_out is None:
        values = [parameter(name, argument(plan, task, expr)) for name, expr in made.arguments]
        values += [parameter(name, text_argument(plan, task, text)) for name, text in made.texts]
        templates = (made.template,) if made.template is not None else ()
        call = Call({"template": made.name, **arguments(values, artifacts(plan, task))}, templates)
    else:
        call = loop(plan, task, made)
    depends = conditions.depends(plan, task, entry)
    when = call.when or conditions.when(plan, task)
    fields: dict[str, Data] = {
        "name": names.kebab(task.name),
        "template": call.fields["template"],
        **({"depends": depends} if depends else {}),
        **({"when": when} if when is not None else {}),
        **{key: value for key, value in call.fields.items() if key != "template"},
    }
    return Called(fields, call.templates)
