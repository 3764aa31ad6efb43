"""A whole DAG file: the settings of the DAG, one block per task, the edges, and the used parts of the runtime."""

from __future__ import annotations

import builtins
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache

from dagwright.backends.airflow.callbacks import Callbacks
from dagwright.backends.airflow.settings import NO_START_DATE_SINCE, OF_OPERATORS, settings
from dagwright.backends.airflow.shape import BARRIER, RESULT, Shape, airflow_rule, edges, in_order, in_pod, shape_of
from dagwright.backends.airflow.tasks import MARGIN, TaskPrinter, duration, rows
from dagwright.ir.expr import Const, RunField, RunRef, walk
from dagwright.ir.model import Matrix, Overlap, Param, Pipeline, Task, expressions
from dagwright.ir.types import Type
from dagwright.meaning.values import Number
from dagwright.printing.code import Tree, call, constant, listed, name, operation, reads
from dagwright.printing.inline import Import, Inlined, cut, inline, module_sources, statements
from dagwright.printing.python import Code, docstring, expression, frame, variable

_MODULES = (
    "dagwright.meaning.values",
    "dagwright.meaning.rules",
    "dagwright.meaning.environment",
    "dagwright.runtime.processes",
    "dagwright.runtime.step",
    "dagwright.runtime.artifacts",
    "dagwright.backends.airflow.runtime",
    "dagwright.backends.airflow.pods",
)
_COMPAT = "airflow.providers.common.compat.sdk"
_IMPORTS = {
    "DAG": Import(_COMPAT, "DAG", "DAG"),
    "Param": Import(_COMPAT, "Param", "Param"),
    "TaskGroup": Import(_COMPAT, "TaskGroup", "TaskGroup"),
    "datetime": Import("datetime", "datetime", "datetime"),
    "timedelta": Import("datetime", "timedelta", "timedelta"),
    "timezone": Import("datetime", "timezone", "timezone"),
    "k8s": Import("kubernetes.client", "models", "k8s"),
    "os": Import("os", None, "os"),
}
# Names that the compatibility layer does not have: the module in Airflow 3, and the module in Airflow 2.
_MOVED = {
    "CronTriggerTimetable": ("airflow.sdk", "airflow.timetables.trigger"),
    "EmptyOperator": ("airflow.providers.standard.operators.empty", "airflow.operators.empty"),
}
_FRAME_NAMES = ("dag", "number", "matrix", "item", "items", "run", "all_done")
_JSON_TYPES = {Type.STRING: "string", Type.INTEGER: "integer", Type.NUMBER: "number", Type.BOOLEAN: "boolean"}
# The indentation of the holes in a block with a task group.
_DEPTHS = {"group": 1, "rows": 2, "row": 0, "call": 3, "list": 2, "partial": 2, "expand": 2}
_NO_BLOCK: dict[str, Code | None] = dict.fromkeys(_DEPTHS)
MAX_TAG = 100
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _names(trees: Iterable[Tree]) -> tuple[set[str], set[str]]:
    """The names and attributes that trees read."""
    words = [found.split(".") for found in set(reads(trees))]
    return {first for first, *_ in words if first}, {attribute for _, *rest in words for attribute in rest}


@cache
def _all_names() -> frozenset[str]:
    """All names that a generated file can bind or read, besides those of its own tasks."""
    cuts = [cut(source) for source in module_sources(_MODULES).values()]
    own = {defined for found in cuts for piece in found.pieces for defined in piece.defines}
    imported = {found.bound for module in cuts for found in module.imports}
    settings = {"WORK_FOLDER", "ARTIFACTS", "ARTIFACTS_CLAIM", "PASS_ENV"}
    return frozenset({*own, *imported, *settings, *_IMPORTS, *_MOVED, *_FRAME_NAMES, *dir(builtins)})


class DagPrinter:
    """The printer of one pipeline: first all blocks as syntax trees, then the imports and runtime, then the text."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.target = settings(pipeline)
        self.callbacks = Callbacks(pipeline, _all_names())
        self.tasks = TaskPrinter(pipeline, self.callbacks)
        self.edges = edges(pipeline)
        self.order = [*in_order(pipeline.tasks), *in_order(pipeline.finally_tasks)]

    def print(self) -> str:
        """The text of the file."""
        dag = self._dag()
        blocks = [(task, self._block(task)) for task in self.order]
        barrier = self._barrier()
        settings = self._settings()
        trees = [dag, *(tree for _, block in blocks for tree in block.values()), *settings.values()]
        trees += [tree for tree in (barrier, self._result()) if tree is not None]
        used, methods = _names(trees)
        inlined = inline(module_sources(_MODULES), {"DAG", *used}, methods, settings, self._rows())
        callbacks = list(self.callbacks.imports.values())
        taken = {*inlined.names, *used, *_FRAME_NAMES, *settings, *_IMPORTS, *(found.bound for found in callbacks)}
        variables = {task.name: variable(task.name, taken) for task in self.order}
        imports = [*inlined.imports, *(_IMPORTS[n] for n in sorted({"DAG", *used} & _IMPORTS.keys())), *callbacks]
        return frame("airflow/dag.py.j2", {
            "docstring": docstring(self._docstring()),
            "imports": list(_import_lines(imports)),
            "moved": list(self._moved(used)),
            "settings": [Code(f"{key} = {expression(tree, prefix=len(key) + 3)}") for key, tree in settings.items()],
            "runtime": inlined.body,
            "dag": expression(dag, prefix=5),
            "blocks": [self._printed(task, block, variables) for task, block in blocks],
            "barrier": [] if barrier is None else [expression(barrier, indent=1, prefix=15)],
            "edges": [expression(tree, indent=1, prefix=4) for tree in self._edge_trees(variables)],
            "result": self._result_edge(variables),
        })  # fmt: skip

    # ---- the DAG ---------------------------------------------------------------------------------------------------

    def _docstring(self) -> str:
        pipeline = self.pipeline
        first = pipeline.description or f"The pipeline {pipeline.name}."
        return f"{first}\n\nCompiled from the spec with the sha256 {pipeline.digest}.\n"

    def _dag(self) -> Tree:
        pipeline, schedule = self.pipeline, self.pipeline.schedule
        found: dict[str, object] = {"dag_id": pipeline.name}
        if pipeline.description:
            found["description"] = pipeline.description
        found["doc_md"] = name("__doc__")
        found["schedule"] = (
            None if schedule is None else call("CronTriggerTimetable", schedule.cron, timezone=schedule.timezone)
        )
        if schedule is not None and schedule.start is not None:
            found["start_date"] = _moment(schedule.start)
        elif self.target.version < NO_START_DATE_SINCE:
            found["start_date"] = _moment(LONG_AGO)
        found["catchup"] = schedule is not None and schedule.catchup
        forbid = schedule is not None and schedule.overlap is Overlap.FORBID
        found["max_active_runs"] = 1 if forbid else 16
        if self.target.max_active_tasks is not None:
            found["max_active_tasks"] = self.target.max_active_tasks
        if pipeline.params:
            found["params"] = {param.name: _param(param) for param in pipeline.params}
        found |= {f"{event}_callback": self.callbacks.read(path) for event, path in self.target.callbacks}
        if self.target.dag_display_name is not None:
            found["dag_display_name"] = self.target.dag_display_name
        if self.target.owner_links:
            found["owner_links"] = dict(self.target.owner_links)
        defaults = {"owner": pipeline.owner, **{key: getattr(self.target, key) for key in OF_OPERATORS}}
        given = {key: value for key, value in defaults.items() if value is not None}
        if given:
            found["default_args"] = given
        labels = [f"{key}:{value}"[:MAX_TAG] for key, value in pipeline.labels]
        tags = list(dict.fromkeys([*self.target.tags, *labels]))
        if tags:
            found["tags"] = tags
        return call("DAG", **found)

    def _settings(self) -> dict[str, Tree]:
        """The constants that the inlined runtime reads."""
        found: dict[str, Tree] = {}
        operators = {self.tasks.operator(task) for task in self.order}
        if operators & {"ProcessTask", "ArtifactTask"}:
            here = call("os.path.dirname", call("os.path.abspath", name("__file__")))
            folder = self.target.workdir
            found["WORK_FOLDER"] = here if folder is None else call("os.path.join", here, folder)
        if "ArtifactTask" in operators:
            home = call("os.environ.get", "AIRFLOW_HOME", call("os.path.expanduser", "~/airflow"))
            path = self.target.artifacts_path
            found["ARTIFACTS"] = call("os.path.join", home, "dagwright-artifacts") if path is None else constant(path)
        if "ContainerArtifactTask" in operators:
            found["ARTIFACTS_CLAIM"] = constant(self.target.artifacts_volume_claim)
        if self.target.pass_env and operators & {"ProcessTask", "ArtifactTask"}:
            found["PASS_ENV"] = constant(list(self.target.pass_env))
        return found

    def _rows(self) -> dict[str, set[str]]:
        """The rows of the runtime's tables that the pipeline uses, by the name of the table."""
        guarded = [task for task in self.order if task.name in self.tasks.guarded]
        conditions = {"rule": bool(guarded), "when": any(task.when is not None for task in self.order)}
        return {
            "READERS": {output.type.value for task in self.order for output in task.outputs},
            "CONDITIONS": {name for name, is_used in conditions.items() if is_used},
            "SKIPS_UNLESS": {task.trigger_rule.value for task in guarded},
        }

    # ---- tasks -----------------------------------------------------------------------------------------------------

    def _block(self, task: Task) -> dict[str, Tree]:
        """The trees of one block, by the holes of its frame."""
        operator, shape = self.tasks.operator(task), shape_of(task)
        group = call("TaskGroup", group_id=task.name)
        match shape:
            case Shape.SINGLE:
                return {"call": call(operator, **self.tasks.keywords(task, constant(task.name)))}
            case Shape.EMPTY:
                return {"call": self._fan_out(task, task.name)}
            case Shape.UNROLLED:
                row = "matrix" if isinstance(task.fan_out, Matrix) else "item"
                keywords = self.tasks.keywords(task, call("str", name("number")))
                shown = call("instance_name", task.name, name(row))
                own = {row: name(row), "index": name("number")}
                return {
                    "group": group,
                    "row": name(row),
                    "rows": call("enumerate", rows(task)),
                    "call": call(operator, task_id=keywords.pop("task_id"), task_display_name=shown, **own, **keywords),
                }
            case Shape.MAPPED | Shape.RUNTIME:
                keywords = self.tasks.keywords(task, constant("each"))
                keywords["map_index_template"] = name(
                    "MATRIX_NAME" if isinstance(task.fan_out, Matrix) else "ITEM_NAME"
                )
                if shape is Shape.RUNTIME:
                    # The first operator has the rule and the condition; the instances only follow it.
                    keywords["trigger_rule"] = "none_failed"
                block = {"group": group, "partial": call(f"{operator}.partial", **keywords)}
                if shape is Shape.RUNTIME:
                    return {
                        **block,
                        "list": self._fan_out(task, "items"),
                        "expand": call("expand", item=name("items.output")),
                    }
                if isinstance(task.fan_out, Matrix):
                    return {**block, "expand": call("expand_kwargs", [{"matrix": row} for row in rows(task)])}
                return {**block, "expand": call("expand", item=rows(task))}

    def _fan_out(self, task: Task, task_id: str) -> Tree:
        """The operator that decides whether a fan-out runs."""
        found: dict[str, object] = {"task_id": task_id, "step": self.tasks.start(task)}
        if shape_of(task) is Shape.RUNTIME:
            found["items"] = self.tasks.items(task)
        found |= self.tasks.own(task)
        found |= {"trigger_rule": airflow_rule(task), "retries": 0, "execution_timeout": duration(MARGIN)}
        return call("FanOut", **found, doc_md=f"Dagwright: decides whether `{task.name}` runs, and lists its items.")

    def _printed(self, task: Task, block: Mapping[str, Tree], variables: Mapping[str, str]) -> dict[str, Code | None]:
        """The text of one block, by the holes of its frame."""
        variable = variables[task.name]
        found = {**_NO_BLOCK, "variable": expression(name(variable))}
        for hole, tree in block.items():
            if "group" in block:
                indent = _DEPTHS[hole]
                found[hole] = expression(tree, indent, prefix=4 * indent + 8)
            else:
                found[hole] = expression(tree, 1, prefix=len(variable) + 7)
        return found

    # ---- edges -----------------------------------------------------------------------------------------------------

    def _barrier(self) -> Tree | None:
        """The operator between the ordinary tasks and those of `finally`, or None."""
        if not self.pipeline.finally_tasks:
            return None
        asked = any(
            isinstance(part, RunRef) and part.name is RunField.STATUS
            for task in self.pipeline.finally_tasks
            for root in expressions(task)
            for part in walk(root)
        )
        if not asked:
            return _helper("EmptyOperator", BARRIER, "all_done", "waits for all tasks before those of `finally`.")
        ids = self.tasks.ids(self.pipeline.tasks)
        about = "waits for all tasks before those of `finally`, and computes `run.status`."
        return _helper("MainStatus", BARRIER, "all_done", about, tasks=ids, retries=0)

    def _result(self) -> Tree | None:
        """A last operator that fails after failures that Airflow, which checks only the leaves, would miss; or None."""
        about = "fails if a task has failed, so that the run fails even if later tasks have succeeded."
        return _helper("EmptyOperator", RESULT, "none_failed", about) if self.edges.result else None

    def _edge_trees(self, variables: Mapping[str, str]) -> Iterator[Tree]:
        for task in self.pipeline.tasks:
            if self.edges.upstream[task.name]:
                yield _edge([variables[n] for n in self.edges.upstream[task.name]], name(variables[task.name]))
        if self.edges.barrier:
            yield _edge([variables[n] for n in self.edges.barrier], name("all_done"))
        for task in self.pipeline.finally_tasks:
            needs = [variables[n] for n in self.edges.upstream[task.name]] or ["all_done"]
            yield _edge(needs, name(variables[task.name]))

    def _result_edge(self, variables: Mapping[str, str]) -> list[Code]:
        """The two sides of the edge to the operator for the result."""
        result = self._result()
        if result is None:
            return []
        ends = expression(_joined([variables[n] for n in self.edges.result]), indent=1, prefix=4)
        return [ends, expression(result, indent=1, prefix=len(ends.text) + 8)]

    # ---- imports ---------------------------------------------------------------------------------------------------

    def _moved(self, used: Iterable[str]) -> Iterator[Code]:
        for key in sorted(_MOVED.keys() & set(used)):
            now, before = _MOVED[key]
            if self.target.version >= (3, 0):
                yield Code(f"from {now} import {key}")
            else:
                yield Code(
                    f"try:\n    from {now} import {key}\n"
                    f"except ImportError:  # Airflow 2\n    from {before} import {key}"
                )


def _helper(operator: str, task_id: str, rule: str, about: str, **keywords: object) -> Tree:
    """An operator that is not a task of the spec."""
    keywords |= {"execution_timeout": duration(MARGIN), "doc_md": f"Dagwright: {about}"}
    return call(operator, task_id=task_id, trigger_rule=rule, **keywords)


def _edge(upstream: list[str], downstream: Tree) -> Tree:
    return operation(_joined(upstream), ">>", downstream)


def _joined(variables: list[str]) -> Tree:
    return name(variables[0]) if len(variables) == 1 else listed(map(name, variables))


def _moment(value: datetime) -> Tree:
    utc = value.astimezone(UTC)
    clock = [utc.hour, utc.minute, utc.second]
    while clock and clock[-1] == 0:
        clock.pop()
    return call("datetime", utc.year, utc.month, utc.day, *clock, tzinfo=name("timezone.utc"))


def _param(param: Param) -> Tree:
    """`Param(0.8, type="number", …)`, with the keywords of JSON Schema."""
    found: dict[str, object] = {}
    if param.type in _JSON_TYPES:
        found["type"] = _JSON_TYPES[param.type]
    bounds = {
        "minimum": param.minimum,
        "maximum": param.maximum,
        "minLength": param.min_length,
        "maxLength": param.max_length,
    }
    found |= {key: value for key, value in bounds.items() if value is not None}
    if param.enum:
        found["enum"] = [value.value for value in param.enum]
    if param.description:
        found["description"] = param.description
    return call("Param", *(() if param.default is None else (_plain(param.default),)), **found)


def _plain(default: Const) -> Tree:
    """A default as plain data, which Airflow keeps as JSON."""
    if default.type is Type.NUMBER and isinstance(whole := json.loads(default.text), int) and whole != default.value:
        return constant(whole)  # a double would lose digits
    return constant(_data(default.value))


def _data(value: object) -> object:
    match value:
        case Number(text=text):
            return json.loads(text)
        case list():
            return [_data(item) for item in value]
        case dict():
            return {key: _data(item) for key, item in value.items()}
    return value


def _import_lines(imports: Iterable[Import]) -> Iterator[Code]:
    """Import statements in two groups, the standard library first, with a blank line between."""
    unique = list(dict.fromkeys(imports))
    standard = [i for i in unique if i.module.partition(".")[0] in sys.stdlib_module_names]
    others = [i for i in unique if i not in standard]
    yield from statements(standard)
    if standard and others:
        yield Code("")
    yield from statements(others)


__all__ = ["DagPrinter", "Inlined", "in_pod"]
