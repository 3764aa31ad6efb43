"""Fan-outs: a loop in the DAG of the task if that is enough, else a separate DAG around the loop.

Argo has no status for a loop, treats a loop with only skipped instances as succeeded, and limits parallel instances
only per DAG. So a loop gets its own DAG if its status is read, if it may be skipped, or if `max_parallel` is set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.arguments import argument, artifacts, passed, passed_artifacts
from dagwright.backends.argo.build.binding import ContainerTemplate, bind, named
from dagwright.backends.argo.build.instance import Instance, computed, instance
from dagwright.backends.argo.build.items import ITEMS, Instances, counted, fixed, source
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.backends.argo.model import (
    Argument,
    Call,
    Container,
    Dag,
    DagTask,
    InputArtifact,
    Inputs,
    OutputParameter,
    Outputs,
    TaskOutput,
    Template,
)
from dagwright.ir.model import ForEach, ForEachItems, Matrix, Task
from dagwright.ir.types import Type

_ALL = "all"  # the only task of the DAG around the DAG of a loop


@dataclass(frozen=True, slots=True)
class FanOut:
    """The call of a fan-out, its templates, and its `when` if that is not the usual one."""

    call: Call
    templates: tuple[Template, ...]
    when: str | None = None


def fan_out(facts: Facts, task: Task, container: Container) -> FanOut:
    """The fan-out of a task."""
    match task.fan_out:
        case Matrix(axes=axes, rows=rows):
            return _fixed(facts, task, container, fixed(axes, rows))
        case ForEachItems(items=()):
            return FanOut(Call(names.NO_POD), (), when="false")
        case ForEachItems(items=items):
            return _fixed(facts, task, container, fixed(("item",), tuple((item,) for item in items)))
        case ForEach():
            return _dynamic(facts, task, container, task.fan_out)
        case None:
            raise AssertionError("no fan-out")
        case _:
            assert_never(task.fan_out)


def has_own_dag(facts: Facts, task: Task) -> bool:
    """Whether the loop needs its own DAG."""
    return (
        isinstance(task.fan_out, ForEach)
        or task.max_parallel is not None
        or task.name in facts.watched
        or facts.conditional(task)
    )


def _bound(facts: Facts, container: Container) -> ContainerTemplate:
    return bind(facts, named(container))


def _fixed(facts: Facts, task: Task, container: Container, instances: Instances) -> FanOut:
    inner = instance(facts, task, _bound(facts, container), instances)
    outside = _outside(facts, task, inner)
    if has_own_dag(facts, task):
        return _own_dag(facts, task, instances, inner, outside)
    call = Call(inner.template, (*inner.own, *outside), artifacts(facts, task), instances.loop)
    return FanOut(call, inner.templates)


def _dynamic(facts: Facts, task: Task, container: Container, source_list: ForEach) -> FanOut:
    """The call of a fan-out over a run-time list: the caller checks the list, and skips the task if it is empty."""
    template = _bound(facts, container)
    as_json = source_list.element is Type.JSON and bool(computed(template))
    instances = counted(as_json=as_json)
    inner = instance(facts, task, template, instances)
    items = source(facts, task, source_list, as_json=as_json)
    outside = (Argument(ITEMS, items.items), *_outside(facts, task, inner))
    runs = conditions.runs(facts, task)
    when = f"({runs}) && {items.filled}" if runs is not None else items.filled
    return replace(_own_dag(facts, task, instances, inner, outside), when=tag(when))


def _outside(facts: Facts, task: Task, inner: Instance) -> tuple[Argument, ...]:
    """The arguments shared by all instances, with their values in the DAG of the task."""
    return (*(Argument(name, argument(facts, task, expr)) for name, expr in inner.shared), *inner.raw)


def _own_dag(facts: Facts, task: Task, instances: Instances, inner: Instance, outside: tuple[Argument, ...]) -> FanOut:
    """The call of a separate DAG with the loop, which takes the arguments shared by all instances."""
    inputs = Inputs(
        tuple(shared.name for shared in outside),
        tuple(InputArtifact(names.artifact(artifact.name)) for artifact in task.inputs),
    )
    arguments = (*inner.own, *(passed(shared.name) for shared in outside if shared.name != ITEMS))
    published = {o.name for o in task.outputs if (task.name, o.name) in facts.published}
    around = Dag(
        names.helper(task.name, names.EACH),
        (DagTask(names.EACH, Call(inner.template, arguments, passed_artifacts(task), instances.loop)),),
        inputs,
        _lists(facts, task, names.EACH, published),
        task.max_parallel,
    )
    templates = (around, *inner.templates)
    if published:
        templates = (_publisher(facts, task, around), *templates)
    return FanOut(Call(templates[0].name, outside, artifacts(facts, task)), templates)


def _publisher(facts: Facts, task: Task, around: Dag) -> Dag:
    """Another DAG around the DAG of a loop: Argo publishes a `globalName` only from outputs of a DAG's tasks."""
    call = Call(around.name, tuple(map(passed, around.inputs.parameters)), passed_artifacts(task))
    return Dag(names.helper(task.name, _ALL), (DagTask(_ALL, call),), around.inputs, _lists(facts, task, _ALL, set()))


def _lists(facts: Facts, task: Task, inner: str, published: set[str]) -> Outputs:
    """The outputs of a DAG around a loop: the values that Argo collects from the instances of the DAG task `inner`."""
    return Outputs(
        tuple(
            OutputParameter(
                output.name,
                TaskOutput(f"{{{{tasks.{inner}.outputs.parameters.{output.name}}}}}"),
                names.global_output(task.name, output.name) if output.name in published else None,
            )
            for output in task.outputs
            if (task.name, output.name) in facts.listed_outputs
        )
    )
