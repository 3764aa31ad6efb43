"""The first tasks, which have no pods: one stores and checks the params, one is there to wait for."""

from __future__ import annotations

from collections.abc import Callable
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
    Inputs,
    OutputParameter,
    Outputs,
    Supplied,
    Suspend,
    Template,
)
from dagwright.ir.model import Param
from dagwright.ir.types import Type

_INTEGER = "'^-?(0|[1-9][0-9]*)$'"
_GIVEN, _STORE = "given", "kept"  # the stored params, and the task that stores them
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
    when: str | None = None


def param_setup(facts: Facts) -> tuple[SetupTask, ...]:
    """The task that stores params, and that refuses a run with params that violate their declarations, if needed."""
    if facts.pinned_params:
        return (_kept(facts),)
    checks = _checks(facts, facts.param)
    if not checks:
        return ()
    return (SetupTask(names.PARAMS, Call(names.CHECK, checks), (_check_template(checks),)),)


def exit_setup(facts: Facts) -> tuple[SetupTask, ...]:
    """The first task of the exit handler: it is skipped if the run was refused, so that nothing runs.

    The output of the whole Workflow is missing then. If no param is stored, Argo itself ends a refused run at once.
    """
    if not facts.pinned_params:
        return ()
    return (SetupTask(names.PARAMS, Call(names.NO_POD), (), tag("get(workflow, 'outputs') != nil")),)


def entry_task() -> SetupTask:
    """A task that ends at once, for expressions that must wait for a task."""
    return SetupTask(names.ENTRY, Call(names.NO_POD), ())


def _checks(facts: Facts, param: Callable[[str], str]) -> tuple[Argument, ...]:
    """The checks of params as arguments of a task: a failed check is an error."""
    return tuple(
        Argument(declared.name, tag(f"{expression} ? 'ok' : {fail(_demand(declared))}"))
        for declared in facts.pipeline.params
        if (expression := check(declared, param(declared.name))) is not None
    )


def _check_template(checks: tuple[Argument, ...]) -> Suspend:
    return Suspend(names.CHECK, Inputs(tuple(argument.name for argument in checks)))


def _kept(facts: Facts) -> SetupTask:
    """A task that ends immediately, with the params as one output of the whole Workflow, after they are checked.

    Argo replaces tags in inserted texts again, so the texts are in base64. The task is inside another DAG, because Argo
    publishes a `globalName` from outputs of a DAG's tasks, once the DAG has succeeded.
    """
    checks = _checks(facts, lambda name: f"fromJSON(tasks.{_STORE}.outputs.parameters.{_GIVEN}).{name}")
    stored = [param.name for param in facts.pipeline.params if param.name in facts.pinned_params]
    of_map = ", ".join(["workflow.parameters", *map(quote, stored)])
    given = Argument(_GIVEN, tag(f"toBase64(toJSON(sprig.pick({of_map})))"))
    inputs = Inputs((_GIVEN,))
    text = Supplied(tag(f"fromBase64(inputs.parameters.{_GIVEN})"))
    store = Suspend(names.KEPT, inputs, Outputs((OutputParameter(_GIVEN, text, names.PARAMS),)))
    tasks = [DagTask(_STORE, Call(names.KEPT, (Argument(_GIVEN, names.input_tag(_GIVEN)),)))]
    templates: list[Template] = [store]
    if checks:
        tasks.append(DagTask("check", Call(names.CHECK, checks), f"{_STORE}.Succeeded"))
        templates.append(_check_template(checks))
    dag = Dag(names.PARAMS, tuple(tasks), inputs, fail_fast=True)
    return SetupTask(names.PARAMS, Call(names.PARAMS, (given,)), (dag, *templates))
