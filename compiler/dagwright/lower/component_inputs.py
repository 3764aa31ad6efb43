"""Values of a component's `inputs.x`: the values of `with`, typed, and read in the scope in which they are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dagwright.diagnostics.fix import reword
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.expressions.compile import compile_text
from dagwright.expressions.convert import coerce
from dagwright.expressions.scope import Scope
from dagwright.ir.expr import ArtifactRef, Const, Expr, InPath, Op, Operator, OutPath, Text
from dagwright.ir.types import Type, type_name
from dagwright.lower.components import Component
from dagwright.lower.names import child, entries, text
from dagwright.lower.scalars import constant
from dagwright.source.tree import Mapping, Node, Scalar

if TYPE_CHECKING:
    from dagwright.lower.task import Artifacts, Draft


@dataclass(frozen=True, slots=True)
class Declared:
    """An input that a component declares."""

    key: Scalar
    type: Type
    default: Node | None


def bind_components(own: Scope, draft: Draft, artifacts: Artifacts, report: Report) -> list[Scope]:
    """The scope of every level: the task's own, then one per component, with its inputs replaced by their values."""
    frames = [own]
    given = draft.node.values.get("with")
    uses = draft.node.values.get("uses")
    for component in draft.chain:
        outer = frames[-1]
        inputs = _Binder(component, outer, draft, artifacts, report).bind(given, uses)
        frames.append(
            replace(
                own,
                vars=own.vars if component.body.source is draft.node.source else None,
                params={},
                tasks={},
                unreadable={},
                matrix=None,
                item=None,
                inputs=inputs,
                where=f"component `{component.name}`",
            )
        )
        given, uses = component.body.values.get("with"), component.body.values.get("uses")
    return frames


@dataclass(frozen=True, slots=True)
class _Binder:
    component: Component
    outer: Scope
    draft: Draft
    artifacts: Artifacts
    report: Report

    def bind(self, given: Node | None, uses: Node | None) -> dict[str, Expr | None]:
        declared = {key.text: _declared(key, node) for key, node in entries(self.component.body.values.get("inputs"))}
        values = given.values if isinstance(given, Mapping) else {}
        if isinstance(given, Mapping):
            self.report_unknown(given, declared)
        bound: dict[str, Expr | None] = {}  # None: wrong and reported
        for name, wanted in declared.items():
            node = values.get(name)
            if node is not None:
                value = self.value(name, node, wanted)
            elif wanted.default is not None:
                value = self.default(name, wanted.default, wanted.type)
            else:
                self.report_missing(name, wanted, given or uses)
                value = None
            bound[name] = value
        return bound

    def value(self, name: str, node: Node, wanted: Declared) -> Expr | None:
        what = f"input `{name}` of `{self.component.name}`"
        if isinstance(node, Scalar) and "${{" in node.text:
            scope = replace(self.outer, where=f"`with.{name}` of task `{self.draft.name}`")
            found = compile_text(node.text, node.part, scope, self.report)
            return None if found is None else self.reference(text_as_expr(found), node, name, wanted, what)
        if wanted.type.is_artifact:
            self.report.error(
                "E433",
                f"{what} takes a {wanted.type.value}, so only a reference to one",
                node.span,
                label="not a reference",
                help="write `${{ tasks.<task>.outputs.<output> }}`",
            )
            return None
        return constant(node, wanted.type, self.report, what=what, spelt=isinstance(node, Scalar))

    def default(self, name: str, node: Node, kind: Type) -> Expr | None:
        what = f"the default of input `{name}`"
        return constant(node, kind, self.report, what=what, spelt=isinstance(node, Scalar))

    def reference(self, expr: Expr, node: Node, name: str, wanted: Declared, what: str) -> Expr | None:
        if wanted.type.is_artifact:
            return self.artifact(expr, node, name, wanted, what)
        if isinstance(expr, ArtifactRef | InPath):
            self.report.error(
                "E433",
                f"{what} takes {type_name(wanted.type)}, and this is a {type_name(expr.type)}",
                node.span,
                label="an artifact",
                help=f"declare the input as `{name}: {type_name(expr.type)}`",
            )
            return None
        found = coerce(expr, wanted.type)
        if found is None:
            self.report.error(
                "E433",
                f"{what} takes {type_name(wanted.type)}, and this is {type_name(expr.type)}",
                node.span,
                label=f"of type {type_name(expr.type)}",
                secondary=[Label(wanted.key.span, "declared here")],
                help=f"cast it: `{wanted.type.value}(...)`",
            )
        return found

    def artifact(self, expr: Expr, node: Node, name: str, wanted: Declared, what: str) -> Expr | None:
        match expr:
            case ArtifactRef() if (Type.DIRECTORY if expr.fan_out else expr.type) is wanted.type:
                return self.artifacts.bind(name, expr)
            case InPath() if expr.type is wanted.type:
                return expr
        actual = Type.DIRECTORY if isinstance(expr, ArtifactRef) and expr.fan_out else expr.type
        self.report.error(
            "E433",
            f"{what} takes a {wanted.type.value}, and this is {type_name(actual)}",
            node.span,
            label=f"of type {type_name(actual)}",
            secondary=[Label(wanted.key.span, "declared here")],
            help="give it an artifact of that type, or change the declaration",
        )
        return None

    def report_unknown(self, given: Mapping, declared: dict[str, Declared]) -> None:
        for name, key in given.keys.items():
            if name in declared:
                continue
            guess = suggest(name, declared)
            self.report.error(
                "E253",
                f"the component `{self.component.name}` has no input `{name}`",
                key.span,
                label="not an input",
                secondary=[Label(self.component.key.span, "the component")],
                notes=["inputs: " + ", ".join(declared)] if declared else ["it declares no `inputs:`"],
                help=reword(key.span, name, guess)
                if guess and guess not in given.values
                else f"remove it, or declare `inputs: {{{name}: string}}` in the component",
            )

    def report_missing(self, name: str, wanted: Declared, at: Node | None) -> None:
        self.report.error(
            "E434",
            f"input `{name}` of the component `{self.component.name}` is not given",
            at.span if at is not None else self.draft.key.span,
            label=f"`{name}` is missing",
            secondary=[Label(wanted.key.span, "declared here, without a default")],
            help=f"add `with: {{{name}: ...}}`, or give the input a default",
        )


def _declared(key: Scalar, node: Node) -> Declared:
    if isinstance(node, Scalar):
        return Declared(key, Type(node.text), None)
    return Declared(key, Type(text(child(node, "type"))), child(node, "default"))


def text_as_expr(value: Text) -> Expr:
    """A text as one expression: the reference if the text is a single reference, else a string."""
    match value.pieces:
        case ():
            return Const(Type.STRING, "", "", origin=value.origin)
        case (str() as only,):
            return Const(Type.STRING, only, only, origin=value.origin)
        case (only_ref,) if not isinstance(only_ref, str):
            return only_ref
    parts = tuple(
        Const(Type.STRING, piece, piece)
        if isinstance(piece, str)
        else piece
        if piece.type is Type.STRING and not isinstance(piece, InPath | OutPath)
        else Op(Operator.TEXT, (piece,), Type.STRING, origin=piece.origin)
        for piece in value.pieces
    )
    return Op(Operator.CONCAT, parts, Type.STRING, origin=value.origin)
