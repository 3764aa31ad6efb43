"""Fan-outs: a loop in the DAG of the task if that is enough, else a separate DAG around the loop.

Argo has no status for a loop, treats a loop with only skipped instances as succeeded, and limits parallel instances
only per DAG. So a loop gets its own DAG if its status is read, if it may be skipped, or if `max_parallel` is set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.arguments import (
    argument,
    arguments,
    artifacts,
    parameter,
    passed,
    passed_artifacts,
)
from dagwright.backends.argo.build.container import Leaf
from dagwright.backends.argo.build.instance import Instance, computed, instance
from dagwright.backends.argo.build.items import ITEMS, Instances, counted, fixed, source
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.ir.model import ForEach, ForEachItems, Matrix, Task
from dagwright.ir.types import Type
from dagwright.printing.yaml import Data


@dataclass(frozen=True, slots=True)
class Call:
    """The fields of a DAG task, its templates, and its `when` if that is not the usual one."""

    fields: dict[str, Data]
    templates: tuple[dict[str, Data], ...]
    when: str | None = None


def loop(plan: Plan, task: Task, made: Leaf) -> Call:
    """The call of a fan-out."""
    match task.fan_out:
        case Matrix(axes=axes, rows=rows):
            return _fixed(plan, task, made, fixed(axes, rows))
        case ForEachItems(items=()):
            return Call({"template": names.NO_POD}, (), when="false")
        case ForEachItems(items=items):
            return _fixed(plan, task, made, fixed(("item",), tuple((item,) for item in items)))
        case ForEach():
            return _dynamic(plan, task, made, task.fan_out)
        case None:
            raise AssertionError("no fan-out")
        case _:
            assert_never(task.fan_out)


def has_own_dag(plan: Plan, task: Task) -> bool:
    """Whether the loop needs its own DAG."""
    return (
        isinstance(task.fan_out, ForEach)
        or task.max_parallel is not None
        or task.name in plan.watched
        or plan.conditional(task)
    )


def _fixed(plan: Plan, task: Task, made: Leaf, instances: Instances) -> Call:
    inner = instance(plan, task, made, instances)
    outside = _outside(plan, task, inner)
    if has_own_dag(plan, task):
        return _own_dag(plan, task, instances, inner, outside)
    values = [parameter(name, value) for name, value in (*inner.own, *outside)]
    return Call(
        {"template": inner.template, **instances.keys, **arguments(values, artifacts(plan, task))}, inner.templates
    )


def _dynamic(plan: Plan, task: Task, made: Leaf, fan_out: ForEach) -> Call:
    """The call of a fan-out over a run-time list: the caller checks the list, and skips the task if it is empty."""
    as_json = fan_out.element is Type.JSON and bool(computed(made))
    instances = counted(as_json=as_json)
    inner = instance(plan, task, made, instances)
    listed = source(plan, task, fan_out, as_json=as_json)
    call = _own_dag(plan, task, instances, inner, ((ITEMS, listed.items), *_outside(plan, task, inner)))
    runs = conditions.runs(plan, task)
    when = f"({runs}) && {listed.filled}" if runs is not None else listed.filled
    return Call(call.fields, call.templates, when=tag(when))


def _outside(plan: Plan, task: Task, inner: Instance) -> tuple[tuple[str, str], ...]:
    """The arguments shared by all instances, with their values in the DAG of the task."""
    return (*((name, argument(plan, task, expr)) for name, expr in inner.shared), *inner.raw)


def _own_dag(
    plan: Plan, task: Task, instances: Instances, inner: Instance, outside: tuple[tuple[str, str], ...]
) -> Call:
    """The call of a separate DAG with the loop, which takes the arguments shared by all instances."""
    taken = [name for name, _ in outside]
    inputs: dict[str, Data] = {
        **({"parameters": [{"name": name} for name in taken]} if taken else {}),
        **({"artifacts": [{"name": names.artifact(i.name)} for i in task.inputs]} if task.inputs else {}),
    }
    values = [parameter(name, value) for name, value in inner.own]
    values += [passed(name) for name in taken if name != ITEMS]
    published = {o.name for o in task.outputs if (task.name, o.name) in plan.published}
    around: dict[str, Data] = {
        "name": names.helper(task.name, names.EACH),
        **({"inputs": inputs} if inputs else {}),
        **_lists(plan, task, names.EACH, published),
        **({"parallelism": task.max_parallel} if task.max_parallel is not None else {}),
        "dag": {
            "failFast": False,
            "tasks": [
                {
                    "name": names.EACH,
                    "template": inner.template,
                    **instances.keys,
                    **arguments(values, passed_artifacts(task)),
                }
            ],
        },
    }
    given = arguments([parameter(name, value) for name, value in outside], artifacts(plan, task))
    if not published:
        return Call({"template": around["name"], **given}, (around, *inner.templates))
    group = _publisher(plan, task, around, taken)
    return Call({"template": group["name"], **given}, (group, around, *inner.templates))


def _publisher(plan: Plan, task: Task, around: dict[str, Data], taken: list[str]) -> dict[str, Data]:
    """Another DAG around the DAG of a loop: Argo publishes a `globalName` only from outputs of a DAG's tasks."""
    call: dict[str, Data] = {
        "name": "all",
        "template": around["name"],
        **arguments([passed(name) for name in taken], passed_artifacts(task)),
    }
    return {
        "name": names.helper(task.name, "all"),
        **({"inputs": around["inputs"]} if "inputs" in around else {}),
        **_lists(plan, task, "all", set()),
        "dag": {"failFast": False, "tasks": [call]},
    }


def _lists(plan: Plan, task: Task, of: str, published: set[str]) -> dict[str, Data]:
    """The outputs of a DAG around a loop: the values that Argo collects from the instances."""
    outputs: list[Data] = [
        {
            "name": output.name,
            "valueFrom": {"parameter": f"{{{{tasks.{of}.outputs.parameters.{output.name}}}}}"},
            **({"globalName": names.global_output(task.name, output.name)} if output.name in published else {}),
        }
        for output in task.outputs
        if (task.name, output.name) in plan.listed_outputs
    ]
    return {"outputs": {"parameters": outputs}} if outputs else {}
