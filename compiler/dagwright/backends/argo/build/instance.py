"""The DAG of one fan-out instance, for instances that need more than a container.

This DAG marks the texts that become a list, and computes the values that differ between instances: an error in the
loop would fail the whole fan-out; an error in this DAG fails only its instance.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.evaluation import of_instance
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.build.arguments import arguments, parameter, passed, passed_artifacts
from dagwright.backends.argo.build.container import Leaf
from dagwright.backends.argo.build.items import Instances, axis
from dagwright.backends.argo.exprlang.escape import data, tag
from dagwright.backends.argo.exprlang.references import ABSENT, References, with_default
from dagwright.backends.argo.exprlang.texts import text_of
from dagwright.backends.support import is_bare, walk
from dagwright.ir.expr import Expr, ItemRef, MatrixRef, Op, OutputRef, RunField, RunRef, StatusRef
from dagwright.ir.model import Task
from dagwright.printing.yaml import Data

START = "start"


@dataclass(frozen=True, slots=True)
class Instance:
    """The target of a loop's call: the template, all templates that it calls, and its arguments by name.

    `shared` are expressions for the task's own DAG, `raw` its values in base64, `own` values from the loop.
    """

    template: str
    templates: tuple[dict[str, Data], ...]
    shared: tuple[tuple[str, Expr], ...]
    raw: tuple[tuple[str, str], ...]
    own: tuple[tuple[str, str], ...]


def computed(made: Leaf) -> tuple[tuple[str, Expr], ...]:
    """The arguments that each instance computes, so that an evaluation error fails only its own instance."""
    return tuple(
        (name, expr)
        for name, expr in made.arguments
        if isinstance(expr, Op) and (of_instance(expr) or not is_bare(expr))
    )


def instance(plan: Plan, task: Task, made: Leaf, loop: Instances) -> Instance:
    """The container alone, or a DAG around it."""
    different = computed(made)
    shared = tuple((n, expr) for n, expr in made.arguments if (n, expr) not in different and not of_instance(expr))
    shown = tuple(
        (name, loop.shown[axis(expr)]) for name, expr in made.arguments if isinstance(expr, MatrixRef | ItemRef)
    )
    counted = (names.INDEX, loop.index)
    assert made.template is not None  # fan-outs do not share templates
    name = made.name
    marks = any((task.name, output.name) in plan.listed for output in task.outputs)
    if not different and not marks:
        return Instance(name, (made.template,), shared, (), (counted, *shown))
    handed, raw = _handed(plan, task, different, loop)
    extra = loop.extra if different else ()
    taken = [names.INDEX, *(n for n, _ in (*shared, *shown, *raw, *extra))]
    around: dict[str, Data] = {
        "name": names.helper(task.name, "one"),
        "inputs": {
            "parameters": [{"name": n} for n in taken],
            **({"artifacts": [{"name": names.artifact(i.name)} for i in task.inputs]} if task.inputs else {}),
        },
        **_outputs(plan, task),
        "dag": {"failFast": False, "tasks": _tasks(task, made, different, References(plan, task, handed))},
    }
    return Instance(str(around["name"]), (around, made.template), shared, raw, (counted, *shown, *extra))


def _handed(
    plan: Plan, task: Task, different: tuple[tuple[str, Expr], ...], loop: Instances
) -> tuple[dict[Expr, str], tuple[tuple[str, str], ...]]:
    """Expressions, inside the DAG of an instance, for values from outside, and the arguments that pass these values."""
    handed: dict[Expr, str] = {}
    raw: list[tuple[str, str]] = []
    outside = References(plan, task)
    for _, expr in different:
        for part in walk(expr):
            if isinstance(part, MatrixRef | ItemRef):
                handed[part] = loop.raw[axis(part)]
            elif part not in handed and _is_outside(part):
                name = f"raw-{len(raw) + 1}"
                handed[part] = f"fromBase64(inputs.parameters['{name}'])"
                raw.append((name, tag(_encoded(part, outside))))
    return handed, tuple(raw)


def _is_outside(expr: Expr) -> bool:
    return isinstance(expr, OutputRef | StatusRef) or (isinstance(expr, RunRef) and expr.name is RunField.STATUS)


def _encoded(expr: Expr, outside: References) -> str:
    if isinstance(expr, OutputRef):
        text = f"toBase64({outside.present(expr)})"
        if outside.plan.certain(outside.task, expr.task):
            return text
        return f"{outside.succeeded(expr)} ? {text} : '{ABSENT}'"
    return f"toBase64({outside.spell(expr)})"


def _tasks(
    task: Task, made: Leaf, different: tuple[tuple[str, Expr], ...], references: References
) -> list[dict[str, Data]]:
    """The container's call; if arguments are computed, after a task without a pod.

    Argo evaluates an expression that names this task only after the task, and not with unresolved arguments.
    """
    computes = dict(different)
    values = [passed(names.INDEX)]
    for name, _ in made.arguments:
        if name in computes:
            text = text_of(computes[name], references)
            values.append(parameter(name, tag(data(f"(tasks['{START}'].status == '' ? '' : {text})"))))
        else:
            values.append(passed(name))
    run: dict[str, Data] = {
        "name": names.RUN,
        "template": made.name,
        **({"depends": f"{START}.Succeeded"} if computes else {}),
        **arguments(values, passed_artifacts(task)),
    }
    return [{"name": START, "template": names.NO_POD}, run] if computes else [run]


def _outputs(plan: Plan, task: Task) -> dict[str, Data]:
    """The outputs read as lists; a mark before each text keeps Argo from parsing the text as data."""
    found: list[Data] = []
    for output in task.outputs:
        text = with_default(f"tasks['{names.RUN}'].outputs.parameters['{output.name}']", output)
        if (task.name, output.name) in plan.listed:
            found.append({"name": output.name, "valueFrom": {"expression": f"'s' + {text}"}})
        elif (task.name, output.name) in plan.listed_outputs:
            found.append({"name": output.name, "valueFrom": {"expression": text}})
    return {"outputs": {"parameters": found}} if found else {}
