"""Fan-outs: a loop in the DAG itself where that says everything, else a DAG of its own around the loop.

Argo knows no status of a loop, a loop whose instances were all skipped has succeeded, and only a DAG bounds how many
instances run at once; so a loop whose status matters, that may be skipped, or that is bounded, gets its own DAG.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import assert_never

from dagwright.backends.argo import decide, names
from dagwright.backends.argo.arguments import (
    argument,
    arguments,
    artifacts,
    guarded,
    parameter,
    passed,
    passed_artifacts,
)
from dagwright.backends.argo.escape import data, literal, quoted, tag
from dagwright.backends.argo.failing import of_instance
from dagwright.backends.argo.leaf import Leaf
from dagwright.backends.argo.plan import Plan, output_type
from dagwright.backends.argo.references import References
from dagwright.backends.argo.texts import text_of
from dagwright.ir.expr import Const, Expr, ItemRef, MatrixRef, OutputRef
from dagwright.ir.model import ForEach, ForEachItems, Matrix, Task
from dagwright.ir.types import Type
from dagwright.printing.yaml import Data

ITEMS = "items"
MOST_INSTANCES = 1000

# Text that stands in a map of `withItems` as it is: Argo inserts other text escaped.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+ -]*").fullmatch


@dataclass(frozen=True, slots=True)
class Call:
    """The fields of a DAG task, the templates behind it, and its `when` where that is not the common one."""

    fields: dict[str, Data]
    templates: tuple[dict[str, Data], ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Instances:
    """How a loop makes its instances: its own keys, the tag of the index, and the text of each axis."""

    keys: dict[str, Data]
    index: str
    axes: dict[str, str]

    def value(self, expr: Expr) -> str:
        """The argument for a reference to an axis or to the element."""
        match expr:
            case MatrixRef():
                return self.axes[expr.axis]
            case ItemRef():
                return self.axes["item"]
            case _:
                raise AssertionError("an expression of an instance was let through")


def loop(plan: Plan, task: Task, made: Leaf) -> Call:
    """The call of a fan-out."""
    match task.fan_out:
        case Matrix():
            return _static(plan, task, made, task.fan_out.axes, task.fan_out.rows)
        case ForEachItems() if not task.fan_out.items:
            return Call({"template": names.NO_POD}, (), when="false")
        case ForEachItems():
            return _static(plan, task, made, ("item",), tuple((item,) for item in task.fan_out.items))
        case ForEach():
            return _dynamic(plan, task, made, task.fan_out)
        case None:
            raise AssertionError("no fan-out")
        case _:
            assert_never(task.fan_out)


def has_own_dag(plan: Plan, task: Task) -> bool:
    """Whether the loop stands in a DAG of its own."""
    return (
        isinstance(task.fan_out, ForEach)
        or task.max_parallel is not None
        or task.name in plan.watched
        or plan.conditional(task)
    )


def _static(
    plan: Plan, task: Task, made: Leaf, axes: tuple[str, ...], rows: tuple[tuple[Const, ...], ...]
) -> Call:
    instances = _listed(axes, rows)
    inner, templates = _instance(plan, task, made)
    if has_own_dag(plan, task):
        return _own_dag(plan, task, made, instances, inner, templates, [])
    values = [parameter(names.INDEX, instances.index)]
    for name, expr in made.arguments:
        shown = instances.value(expr) if of_instance(expr) else argument(plan, task, expr)
        values.append(parameter(name, shown))
    return Call({"template": inner, **instances.keys, **arguments(values, artifacts(task))}, templates)


def _listed(axes: tuple[str, ...], rows: tuple[tuple[Const, ...], ...]) -> Instances:
    """Instances that are known now: readable items, or a counted loop over lists of escaped text."""
    if names.INDEX not in axes and all(_PLAIN(value.text) for row in rows for value in row):
        items: list[Data] = [
            {names.INDEX: str(at), **{axis: value.text for axis, value in zip(axes, row, strict=True)}}
            for at, row in enumerate(rows)
        ]
        shown = {axis: "{{item." + axis + "}}" for axis in axes}
        return Instances({"withItems": items}, "{{item." + names.INDEX + "}}", shown)
    columns = zip(axes, zip(*rows, strict=True), strict=True)
    chosen = {
        axis: tag(
            "["
            + ", ".join(quoted(literal(value.text, after_tag=True, before_tag=True)) for value in column)
            + "][int(item)]"
        )
        for axis, column in columns
    }
    return Instances({"withSequence": {"count": str(len(rows))}}, "{{item}}", chosen)


def _dynamic(plan: Plan, task: Task, made: Leaf, fan_out: ForEach) -> Call:
    """A list made at run time: the caller turns it into a list of texts and says whether it is empty."""
    found = source_list(plan, task, fan_out)
    text = "#" if isinstance(fan_out.source, OutputRef) and fan_out.source.fan_out else _ELEMENT_TEXT
    checked = (
        f"map([{found}], type(#) == 'array' && len(#) <= {MOST_INSTANCES} "
        f"? replace(toJSON(map(#, {text})), '{{', '\\\\u007b') "
        f": string(int('foreach needs a list of at most {MOST_INSTANCES} elements')))[0]"
    )
    items = parameter(ITEMS, tag(guarded(plan, task, fan_out.source, checked)))
    count = f"{INPUT_LIST} startsWith '[' ? string(len(fromJSON({INPUT_LIST}))) : '0'"
    chosen = data(f"fromJSON({INPUT_LIST})[int(item)]")
    instances = Instances({"withSequence": {"count": tag(count)}}, "{{item}}", {"item": tag(chosen)})
    inner, templates = _instance(plan, task, made)
    call = _own_dag(plan, task, made, instances, inner, templates, [items])
    runs = decide.runs(plan, task)
    filled = f"toJSON({found}) != '[]'"
    return Call(call.fields, call.templates, when=tag(f"({runs}) && {filled}" if runs is not None else filled))


INPUT_LIST = f"inputs.parameters.{ITEMS}"
_ELEMENT_TEXT = "type(#) == 'string' ? # : sprig.toRawJson(#)"


def source_list(plan: Plan, task: Task, fan_out: ForEach) -> str:
    """The list of a `foreach`: of the texts where it comes from a fan-out, else of the elements."""
    references = References(plan, task)
    source = fan_out.source
    if isinstance(source, OutputRef) and source.fan_out:
        raw = references.collected(source)
        marked = output_type(plan.pipeline.by_name[source.task], source.output) in (Type.STRING, Type.JSON)
        return f"map(fromJSON({raw}), #[1:])" if marked else f"fromJSON({raw})"
    return f"fromJSON({text_of(source, references)})"


def _instance(plan: Plan, task: Task, made: Leaf) -> tuple[str, tuple[dict[str, Data], ...]]:
    """The template of one instance: the task's own, or a DAG around it that marks its texts for a list."""
    name = str(made.template["name"])
    if not any((task.name, output.name) in plan.listed for output in task.outputs):
        return name, (made.template,)
    outputs: list[Data] = []
    for output in task.outputs:
        raw = f"tasks['{names.RUN}'].outputs.parameters['{output.name}']"
        if (task.name, output.name) in plan.listed:
            outputs.append({"name": output.name, "valueFrom": {"expression": f"'s' + {raw}"}})
        elif (task.name, output.name) in plan.listed_outputs:
            outputs.append({"name": output.name, "valueFrom": {"expression": raw}})
    around: dict[str, Data] = {
        "name": names.helper(task.name, "one"),
        **({"inputs": _without_paths(made.template["inputs"])} if "inputs" in made.template else {}),
        "outputs": {"parameters": outputs},
        "dag": {
            "failFast": False,
            "tasks": [
                {
                    "name": names.RUN,
                    "template": name,
                    **arguments(
                        [passed(names.INDEX), *(passed(arg) for arg, _ in made.arguments)], passed_artifacts(task)
                    ),
                }
            ],
        },
    }
    return str(around["name"]), (around, made.template)


def _without_paths(inputs: Data) -> Data:
    """The inputs of a DAG: those of a container without their places in it."""
    assert isinstance(inputs, dict)
    found = dict(inputs)
    if "artifacts" in found:
        found["artifacts"] = [{"name": given["name"]} for given in found["artifacts"]]
    return found


def _own_dag(
    plan: Plan,
    task: Task,
    made: Leaf,
    instances: Instances,
    inner: str,
    templates: tuple[dict[str, Data], ...],
    extra: list[dict[str, Data]],
) -> Call:
    """The loop in a DAG of its own, which takes what is the same for all instances."""
    shared = [(name, expr) for name, expr in made.arguments if not of_instance(expr)]
    values = [*extra, *(parameter(name, argument(plan, task, expr)) for name, expr in shared)]
    inputs: dict[str, Data] = {}
    if values:
        inputs["parameters"] = [{"name": value["name"]} for value in values]
    if task.inputs:
        inputs["artifacts"] = [{"name": names.artifact(given.name)} for given in task.inputs]
    item_values = [parameter(names.INDEX, instances.index)]
    for name, expr in made.arguments:
        item_values.append(parameter(name, instances.value(expr)) if of_instance(expr) else passed(name))
    around: dict[str, Data] = {
        "name": names.helper(task.name, names.EACH),
        **({"inputs": inputs} if inputs else {}),
        **_lists(plan, task),
        **({"parallelism": task.max_parallel} if task.max_parallel is not None else {}),
        "dag": {
            "failFast": False,
            "tasks": [
                {
                    "name": names.EACH,
                    "template": inner,
                    **instances.keys,
                    **arguments(item_values, passed_artifacts(task)),
                }
            ],
        },
    }
    call = {"template": around["name"], **arguments(values, artifacts(task))}
    if not any((task.name, output.name) in plan.published for output in task.outputs):
        return Call(call, (around, *templates))
    group = _publisher(task, around, [str(value["name"]) for value in values])
    return Call({**call, "template": group["name"]}, (group, around, *templates))


def _publisher(task: Task, around: dict[str, Data], parameters: list[str]) -> dict[str, Data]:
    """One more DAG: Argo takes over `globalName` from the outputs of a DAG's tasks, not from its own."""
    return {
        "name": names.helper(task.name, "all"),
        **({"inputs": around["inputs"]} if "inputs" in around else {}),
        "dag": {
            "failFast": False,
            "tasks": [
                {
                    "name": "all",
                    "template": around["name"],
                    **arguments([passed(name) for name in parameters], passed_artifacts(task)),
                }
            ],
        },
    }


def _lists(plan: Plan, task: Task) -> dict[str, Data]:
    """The outputs of the loop's DAG: what Argo collected from the instances."""
    outputs: list[Data] = [
        {
            "name": output.name,
            "valueFrom": {"parameter": f"{{{{tasks.{names.EACH}.outputs.parameters.{output.name}}}}}"},
            **(
                {"globalName": names.global_output(task.name, output.name)}
                if (task.name, output.name) in plan.published
                else {}
            ),
        }
        for output in task.outputs
        if (task.name, output.name) in plan.listed_outputs
    ]
    return {"outputs": {"parameters": outputs}} if outputs else {}
