"""References in expr-lang expressions: each one is an expression for its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import assert_never

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts, output_type
from dagwright.backends.argo.exprlang.escape import HELD_DEFAULT, has_tag
from dagwright.backends.argo.exprlang.values import canonical_json, quote, spelled, spelled_each
from dagwright.ir.expr import (
    ArtifactRef,
    Const,
    Expr,
    InPath,
    ItemRef,
    MatrixRef,
    Op,
    OutPath,
    OutputRef,
    ParamRef,
    RunField,
    RunRef,
    StatusRef,
)
from dagwright.ir.model import Output, Task
from dagwright.ir.types import Type

ABSENT = "-"  # an absent output among texts in base64, which are never equal to this
_RFC3339 = "2006-01-02T15:04:05Z"
_STATES = (
    "{'Succeeded': 'succeeded', 'Failed': 'failed', 'Error': 'failed', 'Skipped': 'skipped', "
    "'Omitted': 'upstream_failed'}"
)


@dataclass(frozen=True)
class References:
    """The references of one task, printed for the DAG of the task.

    `passed` has the expressions for values that are passed into the DAG of an instance.
    """

    facts: Facts
    task: Task
    passed: Mapping[Expr, str] = field(default_factory=dict)

    def spell(self, expr: Expr) -> str:
        """An expr-lang expression for the text of a reference."""
        if expr in self.passed and not isinstance(expr, OutputRef):
            return self.passed[expr]
        match expr:
            case Const():
                return quote(expr.text)
            case ParamRef():
                return self.facts.param(expr.name)
            case RunRef():
                return self.run(expr.name)
            case StatusRef():
                return f"{_STATES}[{self.phase(expr.task)}]"
            case OutputRef():
                return self.output(expr)
            case InPath():
                return quote(in_path(self.task, expr.input))
            case OutPath():
                return quote(out_path(self.task, expr.output))
            case MatrixRef() | ItemRef() | ArtifactRef() | Op():
                raise AssertionError("not a reference")
            case _:
                assert_never(expr)

    def run(self, field: RunField) -> str:
        """An expression for `run.…`."""
        # `workflow.scheduledTime` would be a missing variable, which hides errors of the whole expression.
        scheduled = "date(get(workflow, 'scheduledTime') ?? workflow.creationTimestamp.RFC3339)"
        match field:
            case RunField.ID:
                return "workflow.name"
            case RunField.SCHEDULED_AT:
                return f"{scheduled}.UTC().Format('{_RFC3339}')"
            case RunField.DATE:
                schedule = self.facts.pipeline.schedule
                zone = schedule.timezone if schedule is not None else "UTC"
                return f"{scheduled}.In(timezone({quote(zone)})).Format('2006-01-02')"
            case RunField.STATUS:
                return "(workflow.status == 'Succeeded' ? 'succeeded' : 'failed')"
            case _:
                assert_never(field)

    def output(self, ref: OutputRef, *, checked: bool = False) -> str:
        """The text of an output; if absent, its default (or an empty text, for a task that will be skipped)."""
        return self.or_else(ref, quote(ref.default.text) if ref.default is not None else "''", checked=checked)

    def or_else(self, ref: OutputRef, other: str, *, checked: bool = False) -> str:
        """The text of an output, `checked` against its type, or `other` if it is absent."""
        there = self.passed.get(ref)
        if there is None:
            there = self.present(ref, checked=checked)
        elif checked:
            there = spelled(there, ref.type)
        if self.facts.certain(self.task, ref.task):
            return there
        return f"({self.is_there(ref)} ? {there} : {other})"

    def is_there(self, ref: Expr) -> str:
        """An expression: does the output exist?"""
        assert isinstance(ref, OutputRef)
        if self.facts.certain(self.task, ref.task):
            return "true"
        if ref in self.passed:
            return f"{self.passed[ref].removeprefix('fromBase64(').removesuffix(')')} != '{ABSENT}'"
        return self.succeeded(ref)

    def succeeded(self, ref: OutputRef) -> str:
        """An expression: did the output's task succeed?"""
        return f"{self.phase(ref.task)} == 'Succeeded'"

    def phase(self, task: str) -> str:
        """The phase of another task; for a task of another part, as stored by that part."""
        if not self.facts.is_elsewhere(self.task, task):
            return status(task)
        proxy = next(need.name for need in self.facts.needs(self.task) if task in need.tasks)
        state = f"split(split({states_of(self.facts, (task,))}, ';{names.kebab(task)}=')[1], ';')[0]"
        return f"(tasks['{proxy}'].status == '' ? '' : {state})"

    def present(self, ref: OutputRef, *, checked: bool = False) -> str:
        """The text of an output that exists, `checked` against its type."""
        raw = self.raw(ref)
        if not ref.fan_out:
            text = with_default(raw, self._declared(ref))
            return spelled(text, ref.type) if checked else text
        return list_text(raw, output_type(self.facts.pipeline.by_name[ref.task], ref.output), checked=checked)

    def _declared(self, ref: OutputRef) -> Output:
        """The output as its task declares it."""
        return next(output for output in self.facts.pipeline.by_name[ref.task].outputs if output.name == ref.output)

    def raw(self, ref: OutputRef) -> str:
        """Argo's value of an output that exists: for a fan-out, a list of texts."""
        if self.facts.certain(self.task, ref.task):
            return f"tasks['{names.kebab(ref.task)}'].outputs.parameters['{ref.output}']"
        # A path that begins with a call: Argo would swallow all errors of an expression with a path to nothing.
        return f"get(workflow, 'outputs').parameters['{names.global_output(ref.task, ref.output)}']"

    def collected(self, ref: OutputRef) -> str:
        """The list of texts of a fan-out's output; an empty list if it is absent (its reader is then skipped)."""
        raw = self.raw(ref)
        return raw if self.facts.certain(self.task, ref.task) else f"({self.succeeded(ref)} ? {raw} : '[]')"


def with_default(raw: str, output: Output) -> str:
    """The text of an output from Argo's value: its default if Argo has the placeholder for a default with a tag."""
    if output.default is None or not has_tag(output.default.text):
        return raw
    return f"({raw} == {quote(HELD_DEFAULT)} ? {quote(output.default.text)} : {raw})"


def list_text(texts: str, element: Type, *, checked: bool) -> str:
    """The text of a fan-out's list, from the JSON list of its instances' texts that Argo collects.

    `checked` checks each text against its type.

    Argo parses texts that look like objects or lists as data, so instances put an `s` before their texts.
    """
    if element is Type.STRING:
        return f"'[' + join(map(fromJSON({texts}), {canonical_json('#[1:]', Type.STRING)}), ',') + ']'"
    if element is Type.JSON:
        return f"'[' + join(map(fromJSON({texts}), {spelled('#[1:]', element) if checked else '#[1:]'}), ',') + ']'"
    items = f"fromJSON({texts})"
    return f"'[' + join({spelled_each(items, element) if checked else items}, ',') + ']'"


def states_of(facts: Facts, tasks: Iterable[str]) -> str:
    """An expression for the states of tasks stored by other parts: text such as `;load=Succeeded;clean=Failed;`."""
    parts = dict.fromkeys(facts.partition.part_of[task] for task in tasks)
    return " + ".join(f"workflow.outputs.parameters['{part}']" for part in parts)


def status(task: str) -> str:
    """The phase of a task of the same DAG."""
    return f"tasks['{names.kebab(task)}'].status"


def in_path(task: Task, name: str) -> str:
    """The path of an artifact input."""
    artifact = next(artifact for artifact in task.inputs if artifact.name == name)
    return f"{names.IN_PATH}/{name}" if artifact.fan_out else f"{names.IN_PATH}/{name}/{artifact.filename}"


def out_path(task: Task, name: str) -> str:
    """The path of an output."""
    return f"{names.OUT_PATH}/{next(o.filename for o in task.outputs if o.name == name)}"
