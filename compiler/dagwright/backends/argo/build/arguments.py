"""The arguments of a DAG's call to the template of a task."""

from __future__ import annotations

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.container import carried_key, gathered_key
from dagwright.backends.argo.exprlang.escape import data, literal, tag
from dagwright.backends.argo.exprlang.references import References
from dagwright.backends.argo.exprlang.texts import HARMLESS, merged, text_of
from dagwright.ir.expr import Expr, Op, OutputRef, ParamRef, RunRef, StatusRef, Text
from dagwright.ir.model import ArtifactInput, Task
from dagwright.printing.yaml import Data


def parameter(name: str, value: str) -> dict[str, Data]:
    """One argument."""
    return {"name": name, "value": value}


def passed(name: str) -> dict[str, Data]:
    """An argument passed on unchanged."""
    return parameter(name, "{{inputs.parameters." + name + "}}")


def argument(plan: Plan, task: Task, expr: Expr) -> str:
    """The value of an argument: the text of an expression, escaped for env, command and args."""
    spelt = guarded(plan, task, expr, text_of(expr, References(plan, task)))
    return tag(spelt if isinstance(expr, StatusRef | RunRef) else data(spelt))


def guarded(plan: Plan, task: Task, expr: Expr, spelt: str) -> str:
    """The expression with a guard: not evaluated before the task is due, nor if the task is skipped.

    Argo resolves the arguments of a task even if its `when` is false; an error would fail the task.
    """
    if conditions.is_early(expr):
        spelt = f"({conditions.status_of_scope(plan, task)} == '' ? '' : ({spelt}))"
    if isinstance(expr, Op) or (isinstance(expr, OutputRef) and expr.fan_out):
        return skipped_or(plan, task, spelt)
    return spelt


def skipped_or(plan: Plan, task: Task, spelt: str) -> str:
    """An expression that is evaluated only if the task is not skipped."""
    runs = conditions.runs(plan, task)
    return f"(({runs}) ? ({spelt}) : '')" if runs is not None else spelt


def text_argument(plan: Plan, task: Task, text: Text) -> str:
    """The value of an argument: a whole text with its references, escaped for env, command and args."""
    pieces = list(merged(text, task))
    shown: list[str] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            shown.append(literal(piece, after_tag=at > 0, before_tag=at + 1 < len(pieces)))
        elif isinstance(piece, ParamRef) and piece.type in HARMLESS:
            shown.append("{{workflow.parameters." + piece.name + "}}")
        else:
            shown.append(argument(plan, task, piece))
    return "".join(shown)


def artifacts(plan: Plan, task: Task) -> list[dict[str, Data]]:
    """The artifacts that a task reads: an output of another task, or the outputs of all instances of a fan-out."""
    return [{"name": names.artifact(given.name), **_source(plan, task, given)} for given in task.inputs]


def _source(plan: Plan, task: Task, given: ArtifactInput) -> dict[str, Data]:
    if given.fan_out:
        return {"s3": {"key": gathered_key(given.task, given.output)}}
    if plan.is_away(task, given.task):
        return {"s3": {"key": carried_key(given.task, given.output)}}
    return {"from": f"{{{{tasks.{names.kebab(given.task)}.outputs.artifacts.{given.output}}}}}"}


def passed_artifacts(task: Task) -> list[dict[str, Data]]:
    """The artifacts that a DAG around the task passes on."""
    return [
        {"name": names.artifact(given.name), "from": "{{inputs.artifacts." + names.artifact(given.name) + "}}"}
        for given in task.inputs
    ]


def arguments(parameters: list[dict[str, Data]], given: list[dict[str, Data]]) -> dict[str, Data]:
    """The `arguments` of a call, or {} if there are none."""
    found: dict[str, Data] = {}
    if parameters:
        found["parameters"] = parameters
    if given:
        found["artifacts"] = given
    return {"arguments": found} if found else {}
