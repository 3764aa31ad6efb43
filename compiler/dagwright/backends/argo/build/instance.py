"""The DAG of one fan-out instance, for instances that need more than a container.

This DAG marks the texts that become a list, and computes the values that differ between instances: an error in the
loop would fail the whole fan-out; an error in this DAG fails only its instance.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.evaluation import of_instance
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.build.arguments import passed, passed_artifacts
from dagwright.backends.argo.build.binding import ContainerTemplate
from dagwright.backends.argo.build.items import Instances, axis
from dagwright.backends.argo.exprlang.escape import data, tag
from dagwright.backends.argo.exprlang.references import ABSENT, References, with_default
from dagwright.backends.argo.exprlang.texts import text_of
from dagwright.backends.argo.exprlang.values import is_checked
from dagwright.backends.argo.model import (
    Argument,
    Call,
    Dag,
    DagTask,
    Expression,
    InputArtifact,
    Inputs,
    OutputParameter,
    Outputs,
    Template,
)
from dagwright.ir.expr import Expr, ItemRef, MatrixRef, Op, OutputRef, StatusRef, is_bare, walk
from dagwright.ir.model import Task

START = "start"


@dataclass(frozen=True, slots=True)
class Instance:
    """The target of a loop's call: the template, all templates that it calls, and its arguments.

    `shared` are expressions for the task's own DAG, `raw` its values in base64, `own` values from the loop.
    """

    template: str
    templates: tuple[Template, ...]
    shared: tuple[tuple[str, Expr], ...]
    raw: tuple[Argument, ...]
    own: tuple[Argument, ...]


def computed(template: ContainerTemplate) -> tuple[tuple[str, Expr], ...]:
    """The arguments that each instance computes, so that an evaluation error fails only its own instance."""
    return tuple(
        (name, expr)
        for name, expr in template.arguments
        if (isinstance(expr, Op) and (of_instance(expr) or not is_bare(expr))) or _is_checked_output(expr)
    )


def _is_checked_output(expr: Expr) -> bool:
    """Whether the expression inserts an output of which the text may be wrong."""
    ref = expr.args[0] if isinstance(expr, Op) and is_bare(expr) else expr
    return isinstance(ref, OutputRef) and is_checked(ref.type)


def instance(facts: Facts, task: Task, template: ContainerTemplate, instances: Instances) -> Instance:
    """The container alone, or a DAG around it."""
    different = computed(template)
    shared = tuple(pair for pair in template.arguments if pair not in different and not of_instance(pair[1]))
    own = [Argument(names.INDEX, instances.index)]
    own += [
        Argument(name, instances.escaped[axis(expr)])
        for name, expr in template.arguments
        if isinstance(expr, MatrixRef | ItemRef)
    ]
    container = template.container
    marks = any((task.name, output.name) in facts.listed for output in task.outputs)
    if not different and not marks:
        return Instance(container.name, (container,), shared, (), tuple(own))
    texts, raw = _from_outside(facts, task, different, instances)
    extra = instances.extra if different else ()
    inputs = [names.INDEX, *(name for name, _ in shared), *(argument.name for argument in (*own[1:], *raw, *extra))]
    around = Dag(
        names.helper(task.name, "one"),
        _tasks(task, template, different, References(facts, task, texts)),
        Inputs(tuple(inputs), tuple(InputArtifact(names.artifact(artifact.name)) for artifact in task.inputs)),
        _outputs(facts, task),
    )
    return Instance(around.name, (around, container), shared, raw, (*own, *extra))


def _from_outside(
    facts: Facts, task: Task, different: tuple[tuple[str, Expr], ...], instances: Instances
) -> tuple[dict[Expr, str], tuple[Argument, ...]]:
    """Expressions, inside the DAG of an instance, for values from outside, and the arguments that pass these values."""
    texts: dict[Expr, str] = {}
    raw: list[Argument] = []
    outside = References(facts, task)
    for _, expr in different:
        for part in walk(expr):
            if isinstance(part, MatrixRef | ItemRef):
                texts[part] = instances.raw[axis(part)]
            elif part not in texts and _is_outside(part):
                name = f"raw-{len(raw) + 1}"
                texts[part] = f"fromBase64(inputs.parameters['{name}'])"
                raw.append(Argument(name, tag(_encoded(part, outside))))
    return texts, tuple(raw)


def _is_outside(expr: Expr) -> bool:
    return isinstance(expr, OutputRef | StatusRef)


def _encoded(expr: Expr, outside: References) -> str:
    if isinstance(expr, OutputRef):
        text = f"toBase64({outside.present(expr)})"
        if outside.facts.certain(outside.task, expr.task):
            return text
        return f"{outside.succeeded(expr)} ? {text} : '{ABSENT}'"
    return f"toBase64({outside.spell(expr)})"


def _tasks(
    task: Task, template: ContainerTemplate, different: tuple[tuple[str, Expr], ...], references: References
) -> tuple[DagTask, ...]:
    """The container's call; if arguments are computed, after a task without a pod.

    Argo evaluates an expression that names this task only after the task, and not with unresolved arguments.
    """
    computes = dict(different)
    arguments = [passed(names.INDEX)]
    for name, _ in template.arguments:
        if name in computes:
            text = text_of(computes[name], references)
            arguments.append(Argument(name, tag(data(f"(tasks['{START}'].status == '' ? '' : {text})"))))
        else:
            arguments.append(passed(name))
    call = Call(template.container.name, tuple(arguments), passed_artifacts(task))
    if not computes:
        return (DagTask(names.RUN, call),)
    return (DagTask(START, Call(names.NO_POD)), DagTask(names.RUN, call, f"{START}.Succeeded"))


def _outputs(facts: Facts, task: Task) -> Outputs:
    """The outputs read as lists; a mark before each text keeps Argo from parsing the text as data."""
    parameters: list[OutputParameter] = []
    for output in task.outputs:
        text = with_default(f"tasks['{names.RUN}'].outputs.parameters['{output.name}']", output)
        if (task.name, output.name) in facts.listed:
            parameters.append(OutputParameter(output.name, Expression(f"'s' + {text}")))
        elif (task.name, output.name) in facts.listed_outputs:
            parameters.append(OutputParameter(output.name, Expression(text)))
    return Outputs(tuple(parameters))
