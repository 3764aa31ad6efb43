"""References, texts and conditions as trees that read `run`, an instance of the inlined class `Run`."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import reduce

from dagwright.backends.airflow.expressions import Read, to_python, to_python_json, to_python_text
from dagwright.backends.airflow.shape import BARRIER, Shape, instances_of, shape_of
from dagwright.ir.expr import (
    ArtifactRef,
    Const,
    Expr,
    InPath,
    ItemRef,
    MatrixRef,
    Op,
    Operator,
    OutPath,
    OutputRef,
    ParamRef,
    RunField,
    RunRef,
    StatusRef,
    Text,
)
from dagwright.ir.model import Pipeline, Task
from dagwright.ir.types import ExprType, ListType, Type
from dagwright.meaning.values import canonical_json, to_json_value
from dagwright.printing.code import Tree, call, choice, constant, function_of, name, operation

_RUN = "run"
_CASTS = {Type.INTEGER: "to_integer", Type.JSON: "to_json_value"}


def ids(tasks: Iterable[str], pipeline: Pipeline, *, instances_only: bool = False) -> Tree:
    """The ids of the operators of these tasks: a list, or `instances("train", 3)` for a single fan-out."""
    parts: list[Tree] = []
    plain: list[object] = []
    for task in map(pipeline.by_name.__getitem__, tasks):
        match shape_of(task):
            case Shape.SINGLE | Shape.EMPTY:
                plain.append(task.name)
            case Shape.MAPPED:
                plain.append(f"{task.name}.each")
            case Shape.RUNTIME:
                plain += [f"{task.name}.each"] if instances_only else [f"{task.name}.items", f"{task.name}.each"]
            case Shape.UNROLLED:
                parts.append(call("instances", task.name, instances_of(task)))
    if plain or not parts:
        parts.insert(0, constant(plain))
    return _sum(parts)


def _sum(parts: Iterable[Tree]) -> Tree:
    return reduce(lambda left, right: operation(left, "+", right), parts)


class Reader:
    """The printer of the references of one task."""

    def __init__(self, task: Task, pipeline: Pipeline) -> None:
        self.task, self.pipeline = task, pipeline

    def text(self, text: Text) -> Tree:
        """A text of the spec: a string if it has no reference, else a function of the run."""
        literal = text.literal
        if literal is not None:
            return constant(literal)
        parts: list[Tree] = []
        fixed = ""  # literal text that is not yet a part
        for piece in text.pieces:
            if isinstance(piece, str | Const):
                fixed += piece if isinstance(piece, str) else piece.text
                continue
            if fixed:
                parts.append(constant(fixed))
                fixed = ""
            parts.append(self.inserted(piece))
        if not parts:
            return constant(fixed)
        return function_of(_RUN, _sum([*parts, constant(fixed)] if fixed else parts))

    def function(self, expr: Expr) -> Tree:
        """A function from the run to the value of an expression."""
        return function_of(_RUN, self.value(expr))

    def items(self, expr: Expr) -> Tree:
        """A function from the run to the items of a run-time fan-out."""
        if isinstance(expr, OutputRef) and expr.fan_out:
            return function_of(_RUN, self._checked_list(expr))
        value = self.value(expr) if expr.type is Type.JSON else call("parse_json", to_python_json(expr, self.read))
        return function_of(_RUN, call("as_items", value))

    # ---- the text that a reference inserts -------------------------------------------------------------------------

    def inserted(self, expr: Expr) -> Tree:
        """The inserted text of an expression; a bare reference inserts the text as written."""
        match expr:
            case Const():
                return constant(expr.text)
            case ParamRef(type=Type.JSON):  # its JSON, also for a string, as on the other engines
                return call("canonical_json", self.value(expr))
            case ParamRef(type=Type.NUMBER):  # its JSON: a double would lose digits of a whole number
                return call("canonical", call("run.param", expr.name))
            case ParamRef() | StatusRef() | RunRef() | InPath() | OutPath():
                return _canonical(self.value(expr), expr.type)
            case OutputRef(fan_out=True, type=ListType(element=element)):
                return call("list_text", self._checked_list(expr), element.value)
            case OutputRef():
                return _spelled(self._output(expr), expr.type)
            case MatrixRef():
                return call("run.matrix", expr.axis)
            case ItemRef():
                return call("run.item")
            case Op(operator=Operator.TEXT, args=(inner,)):
                return self.inserted(inner)
            case Op(operator=Operator.DEFAULT, args=(OutputRef() as ref, other)):
                if ref.default is not None:
                    return self.inserted(ref)
                return choice(self.inserted(ref), self._is_there(ref), self.inserted(other))
            case Op():
                return to_python_text(expr, self.read)
            case ArtifactRef():
                raise AssertionError("an artifact reference was left in the IR")

    def _output(self, ref: OutputRef) -> Tree:
        default = () if ref.default is None else (ref.default.text,)
        return call("run.output", ref.task, ref.output, *default)

    def _list(self, ref: OutputRef) -> Tree:
        return call("run.outputs", ids((ref.task,), self.pipeline, instances_only=True), ref.output)

    def _checked_list(self, ref: OutputRef) -> Tree:
        """The texts of all instances, checked against their type."""
        assert isinstance(ref.type, ListType)
        texts, element = self._list(ref), ref.type.element
        return texts if element is Type.STRING else call("list", call("map", _speller(element), texts))

    def _is_there(self, ref: OutputRef) -> Tree:
        if ref.fan_out:
            status = call("run.status", ids((ref.task,), self.pipeline))
            return operation(status, "==", constant("succeeded"))
        return call("run.has", ref.task, ref.output)

    # ---- values ----------------------------------------------------------------------------------------------------

    def value(self, expr: Expr) -> Tree:
        """The typed value of an expression."""
        if isinstance(expr, Op) and expr.operator is Operator.TEXT:
            return self.inserted(expr.args[0])
        return to_python(expr, self.read)

    @property
    def read(self) -> Read:
        """The functions that print the references of expressions."""
        return Read(self.reference, self.inserted, self.spelled)

    def reference(self, expr: Expr) -> Tree:
        """The typed value of a reference."""
        match expr:
            case ParamRef(type=Type.JSON) if (default := self._spelled_default(expr)) is not None:
                return call("run.json_param", expr.name, default)
            case ParamRef(type=Type.NUMBER):
                return call("run.number_param", expr.name)
            case ParamRef():
                read = call("run.param", expr.name)
                return call(_CASTS[expr.type], read) if expr.type in _CASTS else read
            case OutputRef(fan_out=True, type=ListType(element=element)):
                texts = self._list(expr)
                return texts if element is Type.STRING else call("list", call("map", _parser(element), texts))
            case OutputRef():
                return _parsed(self._output(expr), expr.type)
            case StatusRef():
                return call("run.status", ids((expr.task,), self.pipeline))
            case MatrixRef(type=Type.STRING):
                return call("run.matrix", expr.axis)
            case MatrixRef():
                return call("run.matrix_value", expr.axis, _parser(expr.type))
            case ItemRef(type=Type.STRING):
                return call("run.item")
            case ItemRef():
                return call("run.item_value", _parser(expr.type))
            case RunRef():
                return self._run(expr)
            case InPath():
                return call("run.input_path", self._input_path(expr))
            case OutPath():
                filename = next(o.filename for o in self.task.outputs if o.name == expr.output)
                return call("run.output_path", filename)
        raise AssertionError(f"no reference: {type(expr)}")

    def _spelled_default(self, ref: ParamRef) -> str | None:
        """The default of a number param whose text Airflow, which stores plain data, would change; else None."""
        default = next(param.default for param in self.pipeline.params if param.name == ref.name)
        if default is None or canonical_json(to_json_value(json.loads(default.text))) == default.text:
            return None
        return default.text

    def spelled(self, expr: Expr) -> Tree:
        """The text of a number, checked, or a list of such texts."""
        match expr:
            case OutputRef(fan_out=True):
                return self._checked_list(expr)
            case MatrixRef():
                return call("run.matrix_value", expr.axis, _speller(Type.NUMBER))
            case ItemRef():
                return call("run.item_value", _speller(Type.NUMBER))
        return self.inserted(expr)

    def _input_path(self, expr: InPath) -> str:
        given = next(given for given in self.task.inputs if given.name == expr.input)
        return given.name if given.fan_out else f"{given.name}/{given.filename}"

    def _run(self, expr: RunRef) -> Tree:
        schedule = self.pipeline.schedule
        match expr.name:
            case RunField.ID:
                return name("run.id")
            case RunField.SCHEDULED_AT:
                return call("run.scheduled_at")
            case RunField.DATE:
                return call("run.date", "UTC" if schedule is None else schedule.timezone)
            case RunField.STATUS:
                return call("run.returned", BARRIER)


def _parsed(text: Tree, kind: ExprType) -> Tree:
    assert isinstance(kind, Type)
    return text if kind is Type.STRING else call(_parser(kind).line, text)


def _spelled(text: Tree, kind: ExprType) -> Tree:
    assert isinstance(kind, Type)
    return text if kind is Type.STRING else call(_speller(kind).line, text)


def _speller(kind: Type) -> Tree:
    """The function that checks a text of a type and returns it."""
    return name(f"spelled_{kind.value}")


def _parser(kind: Type) -> Tree:
    """The function that parses a text of a type."""
    return name(f"parse_{kind.value}")


def _canonical(value: Tree, kind: ExprType) -> Tree:
    """The text of a value of a type."""
    return value if kind is Type.STRING or kind in (Type.FILE, Type.DIRECTORY) else call("canonical", value)
