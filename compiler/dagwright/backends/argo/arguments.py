"""The arguments with which a DAG calls the template of a task."""

from __future__ import annotations

from dagwright.backends.argo import decide, names
from dagwright.backends.argo.escape import data, tag
from dagwright.backends.argo.leaf import gathered_key
from dagwright.backends.argo.plan import Plan
from dagwright.backends.argo.references import References
from dagwright.backends.argo.texts import text_of
from dagwright.ir.expr import Expr, Op, OutputRef, RunRef, StatusRef
from dagwright.ir.model import Task
from dagwright.printing.yaml import Data


def parameter(name: str, value: str) -> dict[str, Data]:
    """One argument."""
    return {"name": name, "value": value}


def passed(name: str) -> dict[str, Data]:
    """An argument handed on as it came."""
    return parameter(name, "{{inputs.parameters." + name + "}}")


def argument(plan: Plan, task: Task, expr: Expr) -> str:
    """The value of an argument: the text of an expression, escaped for env, command and args."""
    spelt = guarded(plan, task, expr, text_of(expr, References(plan, task)))
    return tag(spelt if isinstance(expr, StatusRef | RunRef) else data(spelt))


def guarded(plan: Plan, task: Task, expr: Expr, spelt: str) -> str:
    """Keep an expression from being evaluated before the task's turn, and where the task is skipped.

    Argo resolves the arguments of a task also where its `when` is false; an error would fail the task.
    """
    if decide.is_early(expr):
        spelt = f"({decide.status_of_scope(plan, task)} == '' ? '' : ({spelt}))"
    if isinstance(expr, Op) or (isinstance(expr, OutputRef) and expr.fan_out):
        return skipped_or(plan, task, spelt)
    return spelt


def skipped_or(plan: Plan, task: Task, spelt: str) -> str:
    """An expression that is evaluated only where the task is not skipped."""
    runs = decide.runs(plan, task)
    return f"(({runs}) ? ({spelt}) : '')" if runs is not None else spelt


def artifacts(task: Task) -> list[dict[str, Data]]:
    """The artifacts that a task reads: an output of another task, or all that the instances of a fan-out wrote."""
    return [
        {
            "name": names.artifact(given.name),
            **(
                {"s3": {"key": gathered_key(given.task, given.output)}}
                if given.fan_out
                else {"from": f"{{{{tasks.{names.kebab(given.task)}.outputs.artifacts.{given.output}}}}}"}
            ),
        }
        for given in task.inputs
    ]


def passed_artifacts(task: Task) -> list[dict[str, Data]]:
    """The artifacts that a DAG around the task hands on."""
    return [
        {"name": names.artifact(given.name), "from": "{{inputs.artifacts." + names.artifact(given.name) + "}}"}
        for given in task.inputs
    ]


def arguments(parameters: list[dict[str, Data]], given: list[dict[str, Data]]) -> dict[str, Data]:
    """The `arguments` of a call, where there are any."""
    found: dict[str, Data] = {}
    if parameters:
        found["parameters"] = parameters
    if given:
        found["artifacts"] = given
    return {"arguments": found} if found else {}
