"""The arguments of a DAG's call to the template of a task."""

from __future__ import annotations

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.container import carried_key, gathered_key
from dagwright.backends.argo.exprlang.escape import data, literal, tag
from dagwright.backends.argo.exprlang.references import References
from dagwright.backends.argo.exprlang.texts import HARMLESS, merged, text_of
from dagwright.backends.argo.exprlang.values import is_checked
from dagwright.backends.argo.model import Argument, ArtifactArgument
from dagwright.ir.expr import Expr, Op, OutputRef, ParamRef, RunRef, StatusRef, Text
from dagwright.ir.model import ArtifactInput, Task


def passed(name: str) -> Argument:
    """An argument passed on unchanged."""
    return Argument(name, names.input_tag(name))


def argument(facts: Facts, task: Task, expr: Expr) -> str:
    """The value of an argument: the text of an expression, escaped for env, command and args."""
    expression = guarded(facts, task, expr, text_of(expr, References(facts, task)))
    harmless = isinstance(expr, StatusRef | RunRef) or (isinstance(expr, OutputRef) and expr.type in HARMLESS)
    return tag(expression if harmless else data(expression))


def guarded(facts: Facts, task: Task, expr: Expr, expression: str) -> str:
    """The expression with a guard: not evaluated before the task is due, nor if the task is skipped.

    Argo resolves the arguments of a task even if its `when` is false; an error would fail the task.
    """
    if conditions.is_early(expr):
        expression = f"({conditions.status_of_scope(facts, task)} == '' ? '' : ({expression}))"
    if isinstance(expr, Op) or (isinstance(expr, OutputRef) and (expr.fan_out or is_checked(expr.type))):
        return skipped_or(facts, task, expression)
    return expression


def skipped_or(facts: Facts, task: Task, expression: str) -> str:
    """An expression that is evaluated only if the task is not skipped."""
    runs = conditions.runs(facts, task)
    return f"(({runs}) ? ({expression}) : '')" if runs is not None else expression


def text_argument(facts: Facts, task: Task, text: Text) -> str:
    """The value of an argument: a whole text with its references, escaped for env, command and args."""
    pieces = list(merged(text, task))
    words: list[str] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            words.append(literal(piece, after_tag=at > 0, before_tag=at + 1 < len(pieces)))
        elif isinstance(piece, ParamRef) and piece.type in HARMLESS:
            words.append(facts.param_tag(piece.name))
        else:
            words.append(argument(facts, task, piece))
    return "".join(words)


def artifacts(facts: Facts, task: Task) -> tuple[ArtifactArgument, ...]:
    """The artifacts that a task reads: an output of another task, or the outputs of all instances of a fan-out."""
    return tuple(_artifact(facts, task, artifact) for artifact in task.inputs)


def _artifact(facts: Facts, task: Task, artifact: ArtifactInput) -> ArtifactArgument:
    name = names.artifact(artifact.name)
    if artifact.fan_out:
        return ArtifactArgument(name, key=gathered_key(artifact.task, artifact.output))
    if facts.is_elsewhere(task, artifact.task):
        return ArtifactArgument(name, key=carried_key(artifact.task, artifact.output))
    return ArtifactArgument(name, f"{{{{tasks.{names.kebab(artifact.task)}.outputs.artifacts.{artifact.output}}}}}")


def passed_artifacts(task: Task) -> tuple[ArtifactArgument, ...]:
    """The artifacts that a DAG around the task passes on."""
    artifacts = [names.artifact(artifact.name) for artifact in task.inputs]
    return tuple(ArtifactArgument(name, "{{inputs.artifacts." + name + "}}") for name in artifacts)
