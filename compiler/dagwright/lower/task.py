"""One task of the spec as one task of the IR: merged body, typed texts, inferred needs."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import timedelta

from dagwright.diagnostics.model import Report
from dagwright.expressions.compile import compile_expression, compile_text
from dagwright.expressions.scope import Scope
from dagwright.ir.data import Entry, Fields
from dagwright.ir.expr import ArtifactRef, Expr, InPath, Op, OutputRef, StatusRef, Text
from dagwright.ir.model import (
    Action,
    ArtifactInput,
    Command,
    EnvVar,
    FanOut,
    ForEach,
    ForEachItems,
    Matrix,
    Output,
    Resources,
    Retry,
    Script,
    Secret,
    Task,
    TriggerRule,
)
from dagwright.ir.types import ListType, Type, type_name
from dagwright.lower.component_inputs import bind_components, text_as_expr
from dagwright.lower.components import Component
from dagwright.lower.data import freeze
from dagwright.lower.fan_out import lower_foreach, lower_matrix
from dagwright.lower.foreign_text import (
    report_shell_in_command,
    report_shell_in_env,
    report_templates,
    report_templates_in_script,
)
from dagwright.lower.merge import Body, Field
from dagwright.lower.names import child, items, number, optional_text, text
from dagwright.lower.outputs import lower_outputs
from dagwright.lower.scalars import duration
from dagwright.lower.scripts import check_script
from dagwright.lower.texts import flatten
from dagwright.lower.variables import report_doubled
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_DEFAULT_INTERPRETER = ("sh", "-euc")
# Helps for a condition that is not boolean, by its type.
_CONDITIONS = {
    Type.STRING: "compare it, as in `x == 'yes'`",
    ListType(Type.BOOLEAN): "write `not (false in x)` if all must be true, or `true in x` if one is enough",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A task with a merged body and known outputs, before its expressions are compiled."""

    key: Scalar
    node: Mapping
    chain: tuple[Component, ...]
    body: Body
    outputs: tuple[Output, ...]

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def fan_out(self) -> bool:
        return "matrix" in self.body.fields or "foreach" in self.body.fields


@dataclass(slots=True)
class Artifacts:
    """The artifact inputs of one task, collected while its texts are compiled."""

    producers: Map[str, Draft]
    bound: dict[str, ArtifactInput] = field(default_factory=dict)

    def bind(self, name: str, ref: ArtifactRef) -> InPath:
        """The path of an artifact under an input's name; each name is bound once."""
        output = next(o for o in self.producers[ref.task].outputs if o.name == ref.output)
        self.bound.setdefault(
            name,
            ArtifactInput(name, ref.task, ref.output, ref.type, output.filename, ref.fan_out, origin=ref.origin),
        )
        return InPath(name, Type.DIRECTORY if ref.fan_out else ref.type, origin=ref.origin)

    def direct(self, ref: ArtifactRef) -> InPath:
        return self.bind(f"{ref.task}.{ref.output}", ref)

    def text(self, value: Text) -> Text:
        """The text, with every direct reference to an artifact bound to an input."""
        if not any(isinstance(piece, ArtifactRef) for piece in value.pieces):
            return value
        pieces = tuple(self.direct(p) if isinstance(p, ArtifactRef) else p for p in value.pieces)
        return replace(value, pieces=pieces)


def draft(key: Scalar, node: Mapping, chain: Iterable[Component], body: Body, report: Report) -> Draft:
    """The draft of a task: the first step, with everything that readers of its outputs need."""
    declared = body.fields.get("outputs")
    outputs = lower_outputs(declared.node if declared else None, key.text, report)
    return Draft(key, node, tuple(chain), body, outputs)


def lower_task(draft: Draft, scope: Scope, drafts: Map[str, Draft], report: Report) -> Task:
    """The task of a draft: the second step. `scope` has the names for its texts, without its matrix and outputs."""
    return _Lowering(draft, scope, Artifacts(drafts), report).task()


class _Lowering:
    """The state of lowering one task: its frames (one scope per level) and the artifacts bound so far."""

    def __init__(self, draft: Draft, scope: Scope, artifacts: Artifacts, report: Report) -> None:
        self.draft, self.artifacts, self.report = draft, artifacts, report
        self.fields, self.maps = draft.body.fields, draft.body.maps
        self.before = scope  # the scope without matrix and outputs
        self.frames: list[Scope] = []

    def task(self) -> Task:
        fan_out = self.fan_out()
        self.frames = self.make_frames(fan_out)
        action = self.action()
        report_doubled(self.draft.node, self.maps.get("env", {}), self.node("secrets"), self.report)
        env = tuple(self.variable(name, found) for name, found in self.maps.get("env", {}).items())
        when = self.when()
        inputs = tuple(self.artifacts.bound.values())
        needs = self.needs(when, fan_out, action, env, inputs)
        key = self.draft.key
        return Task(
            name=key.text,
            action=action,
            needs=tuple(needs),
            trigger_rule=TriggerRule(self.word("trigger_rule", "all_success")),
            when=when,
            fan_out=fan_out,
            max_parallel=number(self.node("max_parallel")),
            inputs=inputs,
            outputs=self.draft.outputs,
            env=env,
            secrets=self.secrets(),
            image=optional_text(self.node("image")),
            workdir=optional_text(self.node("workdir")),
            retry=self.retry(),
            timeout=self.duration("timeout"),
            resources=self.resources(),
            description=self.word("description", ""),
            labels=tuple((name, text(f.node)) for name, f in self.maps.get("labels", {}).items()),
            targets=self.targets(),
            component=self.draft.chain[0].name if self.draft.chain else None,
            origin=key.span,
            origins=(
                *((name, f.node.span) for name, f in self.fields.items()),
                *((f"needs.{name}", span) for name, span in needs.items()),
                *((f"retry.{name}", f.node.span) for name, f in self.maps.get("retry", {}).items()),
            ),
        )

    def node(self, name: str) -> Node | None:
        found = self.fields.get(name)
        return found.node if found else None

    def word(self, name: str, default: str) -> str:
        return text(self.node(name), default)

    def duration(self, name: str) -> timedelta | None:
        node = self.node(name)
        return None if node is None else duration(node, self.report)

    def fan_out(self) -> FanOut | None:
        matrix, foreach = self.node("matrix"), self.node("foreach")
        if isinstance(matrix, Mapping):
            return lower_matrix(matrix, self.report)
        if foreach is not None:
            where = f"`foreach` of task `{self.draft.name}`"
            return lower_foreach(foreach, replace(self.before, where=where), self.report)
        return None

    def make_frames(self, fan_out: FanOut | None) -> list[Scope]:
        own = replace(
            self.before,
            outputs={o.name: o for o in self.draft.outputs},
            where=f"task `{self.draft.name}`",
        )
        match fan_out:
            case Matrix():
                kinds = [t.type for t in fan_out.rows[0]] if fan_out.rows else [Type.STRING] * len(fan_out.axes)
                types = {a: k for a, k in zip(fan_out.axes, kinds, strict=True) if isinstance(k, Type)}
                own = replace(own, matrix=types)
            case ForEach() | ForEachItems():
                own = replace(own, item=fan_out.element)
            case None if self.draft.fan_out:  # an invalid fan-out, already reported: do not report its readers too
                matrix = self.node("matrix")
                axes = set(matrix.values) - {"include", "exclude"} if isinstance(matrix, Mapping) else set()
                own = replace(own, matrix=dict.fromkeys(axes, Type.JSON)) if axes else replace(own, item=Type.JSON)
        inputs = self.inputs(own)
        own = own if inputs is None else replace(own, inputs=inputs)
        return bind_components(own, self.draft, self.artifacts, self.report)

    def inputs(self, scope: Scope) -> dict[str, Expr | None] | None:
        """The `inputs:` of a task without a component: names bound to references, with inferred types."""
        declared = self.draft.node.values.get("inputs")
        if not isinstance(declared, Mapping):
            return None
        bound: dict[str, Expr | None] = {}  # None: wrong and reported
        for name, node in declared.values.items():
            assert isinstance(node, Scalar)
            where = replace(scope, where=f"input `{name}` of task `{self.draft.name}`")
            value = compile_text(node.text, node.part, where, self.report)
            bound[name] = None if value is None else self.artifacts_bound(name, text_as_expr(value))
        return bound

    def artifacts_bound(self, name: str, expr: Expr) -> Expr:
        return self.artifacts.bind(name, expr) if isinstance(expr, ArtifactRef) else expr

    def text(self, node: Node, level: int) -> Text:
        """The text of a node; a plain scalar is used as written."""
        assert isinstance(node, Scalar)
        report_templates(node, self.frames[level], self.report)
        if "${{" not in node.text:
            return Text((node.text,), origin=node.span)
        found = compile_text(node.text, node.part, self.frames[level], self.report)
        return Text((), origin=node.span) if found is None else flatten(self.artifacts.text(found))

    def variable(self, name: str, found: Field) -> EnvVar:
        assert isinstance(found.node, Scalar)
        report_shell_in_env(found.node, self.report)
        return EnvVar(name, self.text(found.node, found.level), origin=found.key.span)

    def action(self) -> Action:
        if command := self.fields.get("command"):
            assert isinstance(command.node, Sequence)
            report_shell_in_command(command.key, command.node, self.report)
            return Command(tuple(self.text(n, command.level) for n in command.node.items))
        script = self.fields["script"]
        assert isinstance(script.node, Scalar)
        check_script(self.draft.name, script.key, script.node, self.report)
        report_templates_in_script(script.key, script.node, self.report)
        interpreter = tuple(text(item) for item in items(self.node("interpreter"))) or _DEFAULT_INTERPRETER
        return Script(interpreter, script.node.text, origin=script.node.span)

    def when(self) -> Expr | None:
        node = self.node("when")
        if not isinstance(node, Scalar):
            return None
        where = f"`when` of task `{self.draft.name}`"
        scope = replace(self.before, inputs=self.frames[0].inputs, where=where)
        if self.draft.fan_out:
            scope = replace(scope, where=where + ", which is decided once, before its instances exist", fan_out=True)
        expr = compile_expression(node.text, node.part, scope, self.report)
        if expr is None:
            return None
        if expr.type is not Type.BOOLEAN:
            self.report.error(
                "E431",
                f"`when` must be true or false, and this is {type_name(expr.type)}",
                node.span,
                label=f"of type {type_name(expr.type)}",
                help=_CONDITIONS.get(expr.type, "compare it, as in `x > 0`"),
            )
            return None
        return expr

    def needs(
        self,
        when: Expr | None,
        fan_out: FanOut | None,
        action: Action,
        env: tuple[EnvVar, ...],
        inputs: tuple[ArtifactInput, ...],
    ) -> dict[str, Span]:
        """Explicit needs, then the needs that references imply, each with its first place."""
        found: dict[str, Span] = {}
        declared = self.node("needs")
        for item in [declared] if isinstance(declared, Scalar) else items(declared):
            found.setdefault(text(item), item.span)
        for given in inputs:
            found.setdefault(given.task, given.origin)
        roots: list[Expr] = [when] if when is not None else []
        if isinstance(fan_out, ForEach):
            roots.append(fan_out.source)
        texts = [*(action.argv if isinstance(action, Command) else ()), *(v.value for v in env)]
        roots += [piece for t in texts for piece in t.pieces if not isinstance(piece, str)]
        for root in roots:
            _needs_of(root, found)
        return found

    def secrets(self) -> tuple[Secret, ...]:
        node = self.node("secrets")
        if not isinstance(node, Mapping):
            return ()
        return tuple(
            Secret(env, text(child(value, "name")), text(child(value, "key")), origin=node.keys[env].span)
            for env, value in node.values.items()
        )

    def retry(self) -> Retry:
        found = self.maps.get("retry")
        if not found:
            return Retry()
        zero = timedelta(0)
        longest = _optional(found.get("max_delay"), self.report)
        return Retry(
            limit=_number(found.get("limit"), 0),
            delay=_optional(found.get("delay"), self.report) or zero,
            factor=_number(found.get("factor"), 1),
            max_delay=longest,
            origin=self.fields["retry"].node.span,
        )

    def targets(self) -> tuple[tuple[str, Fields], ...]:
        """The settings of each target, merged by key."""
        found = []
        for name, merged in self.maps.items():
            target = name.partition(".")[2]
            if target:
                given = (Entry(key, freeze(f.node), f.key.span) for key, f in merged.items())
                found.append((target, Fields(tuple(given), self.fields["targets"].node.span)))
        return tuple(found)

    def resources(self) -> Resources | None:
        found = self.maps.get("resources")
        if not found:
            return None
        return Resources(
            cpu=optional_text(found["cpu"].node) if "cpu" in found else None,
            memory=optional_text(found["memory"].node) if "memory" in found else None,
            gpu=number(found["gpu"].node) if "gpu" in found else None,
            origin=self.fields["resources"].node.span,
        )


def _number(found: Field | None, default: int) -> int:
    value = number(found.node) if found else None
    return default if value is None else value


def _optional(found: Field | None, report: Report) -> timedelta | None:
    return duration(found.node, report) if found else None


def _needs_of(expr: Expr, found: dict[str, Span]) -> None:
    match expr:
        case OutputRef() | StatusRef():
            found.setdefault(expr.task, expr.origin)
        case Op():
            for arg in expr.args:
                _needs_of(arg, found)
