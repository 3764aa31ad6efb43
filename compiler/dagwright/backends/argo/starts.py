"""The first tasks, which make no pod: one checks the params, one makes absent outputs readable."""

from __future__ import annotations

from dagwright.backends.argo import names
from dagwright.backends.argo.escape import tag
from dagwright.backends.argo.plan import Plan
from dagwright.expressions.exprlang_values import fail, quote
from dagwright.ir.model import Param, Pipeline, Task
from dagwright.ir.types import Type
from dagwright.printing.yaml import Data

NO_POD_TEMPLATE: dict[str, Data] = {"name": names.NO_POD, "suspend": {"duration": "0s"}}

_INTEGER = "'^-?(0|[1-9][0-9]*)$'"
_NUMBER = "'^-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?$'"


def check(param: Param) -> str | None:
    """An expression that says whether a param has its type and keeps its bounds, or None where all text does."""
    value = f"workflow.parameters['{param.name}']"
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
            found.append(f"toJSON(fromJSON({value})) != ''")
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
    """What is said where a param does not keep its declaration."""
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


def params_gate(pipeline: Pipeline) -> dict[str, Data] | None:
    """The task that refuses a run whose params are not as declared, or None where nothing can be wrong."""
    checked = [(param, spelt) for param in pipeline.params if (spelt := check(param)) is not None]
    if not checked:
        return None
    return {
        "name": names.PARAMS,
        "template": names.PARAMS,
        "arguments": {
            "parameters": [
                {"name": param.name, "value": tag(f"{spelt} ? 'ok' : {fail(_demand(param))}")}
                for param, spelt in checked
            ]
        },
    }


def params_template(gate: dict[str, Data]) -> dict[str, Data]:
    """The template behind the gate: it takes the verdicts and ends."""
    given = gate["arguments"]
    assert isinstance(given, dict)
    return {
        "name": names.PARAMS,
        "inputs": {"parameters": [{"name": argument["name"]} for argument in given["parameters"]]},
        **{key: value for key, value in NO_POD_TEMPLATE.items() if key != "name"},
    }


def outputs_templates(plan: Plan, tasks: tuple[Task, ...], suffix: str) -> list[dict[str, Data]]:
    """The templates that give every output that may be absent an empty text, until its task has written it.

    They stand inside each other because Argo takes over `globalName` from the outputs of a DAG's tasks.
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
