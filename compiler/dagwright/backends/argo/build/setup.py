"""The first tasks, which have no pods: one checks the params, one makes absent outputs readable."""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.backends.argo.exprlang.values import fail, marked, quote
from dagwright.backends.argo.model import (
    Argument,
    Call,
    Dag,
    DagTask,
    Expression,
    Inputs,
    OutputParameter,
    Outputs,
    Supplied,
    Suspend,
    Template,
)
from dagwright.ir.model import Param, Task
from dagwright.ir.types import Type

_INTEGER = "'^-?(0|[1-9][0-9]*)$'"
_NUMBER = "'^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$'"


def check(param: Param, value: str) -> str | None:
    """An expression: does a param have its type, within its bounds? None if any text is valid."""
    return " && ".join(_conditions(param, value)) or None


def _conditions(param: Param, value: str) -> list[str]:
    conditions: list[str] = []
    number = value
    match param.type:
        case Type.INTEGER:
            number = f"int({value})"
            conditions.append(f"{value} matches {_INTEGER} && {number} == {number}")
        case Type.NUMBER:
            number = f"float({value})"
            conditions.append(f"{value} matches {_NUMBER}")
        case Type.BOOLEAN:
            conditions.append(f"{value} in ['true', 'false']")
        case Type.JSON:
            conditions.append(f"toJSON({marked(value)}) != ''")
        case _:
            pass
    if param.minimum is not None:
        conditions.append(f"{number} >= {param.minimum!r}")
    if param.maximum is not None:
        conditions.append(f"{number} <= {param.maximum!r}")
    if param.min_length is not None:
        conditions.append(f"len({value}) >= {param.min_length}")
    if param.max_length is not None:
        conditions.append(f"len({value}) <= {param.max_length}")
    if param.enum:
        numeric = param.type in (Type.INTEGER, Type.NUMBER)
        choices = [repr(choice.value) if numeric else quote(choice.text) for choice in param.enum]
        conditions.append(f"{number if numeric else value} in [{', '.join(choices)}]")
    return conditions


def _demand(param: Param) -> str:
    """The message for a param that violates its declaration."""
    bounds = [
        f"{word} {bound}"
        for word, bound in (
            ("at least", param.minimum),
            ("at most", param.maximum),
            ("of at least", f"{param.min_length} characters" if param.min_length is not None else None),
            ("of at most", f"{param.max_length} characters" if param.max_length is not None else None),
        )
        if bound is not None
    ]
    if param.enum:
        bounds.append("one of " + ", ".join(choice.text for choice in param.enum))
    demand = f"{param.name} must be {param.type.value}" + "".join(f", {bound}" for bound in bounds)
    return demand[:400]


@dataclass(frozen=True, slots=True)
class SetupTask:
    """A first task: its name, its call and its templates."""

    name: str
    call: Call
    templates: tuple[Template, ...]


def param_setup(facts: Facts) -> tuple[SetupTask, ...]:
    """The tasks that store params, and that refuse a run with params that violate their declarations, if needed."""
    checks = _checks(facts)
    pins = (_pins(facts),) if facts.pinned_params else ()
    return (*pins, checks) if checks is not None else pins


def _checks(facts: Facts) -> SetupTask | None:
    """A task whose arguments are the checks of params; a failed check ends the run."""
    name = names.INPUTS if facts.pinned_params else names.PARAMS
    checks = tuple(
        Argument(param.name, tag(f"{expression} ? 'ok' : {fail(_demand(param))}"))
        for param in facts.pipeline.params
        if (expression := check(param, facts.param(param.name))) is not None
    )
    if not checks:
        return None
    template = Suspend(name, Inputs(tuple(argument.name for argument in checks)))
    return SetupTask(name, Call(name, checks), (template,))


def _pins(facts: Facts) -> SetupTask:
    """A task that ends immediately, with the params as outputs of the whole workflow.

    Argo replaces tags in inserted texts again, so the texts are in base64. The task is inside another DAG, because Argo
    publishes a `globalName` from outputs of a DAG's tasks.
    """
    pinned = [param.name for param in facts.pipeline.params if param.name in facts.pinned_params]
    inputs = Inputs(tuple(pinned))
    inner = Suspend(
        f"{names.PARAMS}--kept",
        inputs,
        Outputs(
            tuple(
                OutputParameter(name, Supplied(tag(f"fromBase64(inputs.parameters.{name})")), names.pinned_param(name))
                for name in pinned
            )
        ),
    )
    outer = Dag(
        names.PARAMS,
        (DagTask("kept", Call(inner.name, tuple(Argument(name, names.input_tag(name)) for name in pinned))),),
        inputs,
        fail_fast=True,
    )
    encoded = tuple(Argument(name, tag(f"toBase64(workflow.parameters['{name}'])")) for name in pinned)
    return SetupTask(names.PARAMS, Call(names.PARAMS, encoded), (outer, inner))


def outputs_templates(facts: Facts, tasks: tuple[Task, ...], suffix: str) -> tuple[Template, ...]:
    """The templates that set outputs that may be absent to an empty text, until their tasks write them.

    The templates are nested because Argo publishes a `globalName` from outputs of a DAG's tasks.
    """
    published = [names.global_output(task, output) for task, output in facts.published_of(tasks)]
    if not published:
        return ()
    outer, inner = names.OUTPUTS + suffix, f"{names.OUTPUTS}{suffix}--empty"
    empty = tuple(OutputParameter(name, Expression("''"), name) for name in published)
    return (
        Dag(outer, (DagTask("empty", Call(inner)),), fail_fast=True),
        Dag(inner, (DagTask("empty", Call(names.NO_POD)),), outputs=Outputs(empty), fail_fast=True),
    )
