"""The first tasks, which have no pods: one checks the params, one makes absent outputs readable."""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.backends.argo.exprlang.values import fail, marked, quote
from dagwright.ir.model import Param, Task
from dagwright.ir.types import Type
from dagwright.printing.yaml import Data

ENDS_AT_ONCE: dict[str, Data] = {"suspend": {"duration": "0s"}}
NO_POD_TEMPLATE: dict[str, Data] = {"name": names.NO_POD, **ENDS_AT_ONCE}

_INTEGER = "'^-?(0|[1-9][0-9]*)$'"
_NUMBER = "'^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$'"


def check(param: Param, value: str) -> str | None:
    """An expression: does a param have its type, within its bounds? None if any text is valid."""
    return " && ".join(_conditions(param, value)) or None


def _conditions(param: Param, value: str) -> list[str]:
    found: list[str] = []
    number = value
    match param.type:
        case Type.INTEGER:
            number = f"int({value})"
            found.append(f"{value} matches {_INTEGER} && {number} == {number}")
        case Type.NUMBER:
            number = f"float({value})"
            found.append(f"{value} matches {_NUMBER}")
        case Type.BOOLEAN:
            found.append(f"{value} in ['true', 'false']")
        case Type.JSON:
            found.append(f"toJSON({marked(value)}) != ''")
        case _:
            pass
    if param.minimum is not None:
        found.append(f"{number} >= {param.minimum!r}")
    if param.maximum is not None:
        found.append(f"{number} <= {param.maximum!r}")
    if param.min_length is not None:
        found.append(f"len({value}) >= {param.min_length}")
    if param.max_length is not None:
        found.append(f"len({value}) <= {param.max_length}")
    if param.enum:
        numeric = param.type in (Type.INTEGER, Type.NUMBER)
        shown = [repr(choice.value) if numeric else quote(choice.text) for choice in param.enum]
        found.append(f"{number if numeric else value} in [{', '.join(shown)}]")
    return found


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
    said = f"{param.name} must be {param.type.value}" + "".join(f", {bound}" for bound in bounds)
    return said[:400]


@dataclass(frozen=True, slots=True)
class Start:
    """A first task: its call and its templates."""

    call: dict[str, Data]
    templates: tuple[dict[str, Data], ...]


def param_starts(plan: Plan) -> tuple[Start, ...]:
    """The tasks that store params, and that refuse a run with params that violate their declarations, if needed."""
    checked = _checks(plan)
    if not plan.kept:
        return (checked,) if checked is not None else ()
    return (_keeper(plan), checked) if checked is not None else (_keeper(plan),)


def _checks(plan: Plan) -> Start | None:
    """A task whose arguments are the checks of params; a failed check ends the run."""
    name = names.INPUTS if plan.kept else names.PARAMS
    verdicts = [
        (param.name, tag(f"{spelt} ? 'ok' : {fail(_demand(param))}"))
        for param in plan.pipeline.params
        if (spelt := check(param, plan.param(param.name))) is not None
    ]
    if not verdicts:
        return None
    parameters: list[Data] = [{"name": param, "value": value} for param, value in verdicts]
    template: dict[str, Data] = {
        "name": name,
        "inputs": {"parameters": [{"name": param} for param, _ in verdicts]},
        **ENDS_AT_ONCE,
    }
    return Start({"name": name, "template": name, "arguments": {"parameters": parameters}}, (template,))


def _keeper(plan: Plan) -> Start:
    """A task that ends immediately, with the params as outputs of the whole workflow.

    Argo replaces tags in inserted texts again, so the texts are in base64. The task is inside another DAG, because Argo
    publishes a `globalName` from outputs of a DAG's tasks.
    """
    kept = [param.name for param in plan.pipeline.params if param.name in plan.kept]
    inner = f"{names.PARAMS}--kept"
    inputs: dict[str, Data] = {"parameters": [{"name": name} for name in kept]}
    handed: list[Data] = [{"name": name, "value": "{{inputs.parameters." + name + "}}"} for name in kept]
    outer: dict[str, Data] = {
        "name": names.PARAMS,
        "inputs": inputs,
        "dag": {"tasks": [{"name": "kept", "template": inner, "arguments": {"parameters": handed}}]},
    }
    keeps: dict[str, Data] = {
        "name": inner,
        "inputs": inputs,
        "outputs": {
            "parameters": [
                {
                    "name": name,
                    "globalName": names.kept_param(name),
                    "valueFrom": {"supplied": {}, "default": tag(f"fromBase64(inputs.parameters.{name})")},
                }
                for name in kept
            ]
        },
        **ENDS_AT_ONCE,
    }
    encoded: list[Data] = [{"name": name, "value": tag(f"toBase64(workflow.parameters['{name}'])")} for name in kept]
    call: dict[str, Data] = {"name": names.PARAMS, "template": names.PARAMS, "arguments": {"parameters": encoded}}
    return Start(call, (outer, keeps))


def outputs_templates(plan: Plan, tasks: tuple[Task, ...], suffix: str) -> list[dict[str, Data]]:
    """The templates that set outputs that may be absent to an empty text, until their tasks write them.

    The templates are nested because Argo publishes a `globalName` from outputs of a DAG's tasks.
    """
    published = list(plan.published_of(tasks))
    if not published:
        return []
    empty: list[Data] = [
        {
            "name": (name := names.global_output(task, output)),
            "globalName": name,
            "valueFrom": {"expression": "''"},
        }
        for task, output in published
    ]
    outer, inner = names.OUTPUTS + suffix, f"{names.OUTPUTS}{suffix}--empty"
    return [
        {"name": outer, "dag": {"tasks": [{"name": "empty", "template": inner}]}},
        {
            "name": inner,
            "outputs": {"parameters": empty},
            "dag": {"tasks": [{"name": "empty", "template": names.NO_POD}]},
        },
    ]
