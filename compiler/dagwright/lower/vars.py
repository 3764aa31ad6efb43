"""`vars`: values that are fixed at compile time, and the tree with its references to them replaced in constants.

Texts that may contain other references keep `${{ vars.x }}`: expressions read vars as constants, so the value of a var
is never parsed as an expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from dagwright.diagnostics.fix import reword
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.visible import visible
from dagwright.expressions.compile import reference_ranges
from dagwright.ir.expr import Const
from dagwright.ir.model import Param
from dagwright.ir.types import Type
from dagwright.lower.constants import NEVER, REFERENCES
from dagwright.lower.names import child, entries, text
from dagwright.lower.scalars import constant
from dagwright.lower.settings import bounds_of, lower_declaration
from dagwright.meaning.bounds import broken_bound
from dagwright.meaning.values import EvaluationError, Number, canonical_json, parse
from dagwright.reading.messages import over_budget
from dagwright.schema.rules import Rule, root_rule
from dagwright.schema.validate import validate
from dagwright.source.scalars import core_value
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_NOTHING: Map[str, str] = MappingProxyType({})
_LONGEST = 40  # characters of a value in a note
_WHOLE = re.compile(r"\$\{\{\s*vars\.([a-z0-9_]+)\s*\}\}")
_BARE = re.compile(r"\s*vars\.([a-z0-9_]+)\s*")
_ANYWHERE = re.compile(r"\bvars\.([A-Za-z0-9_]+)")
_TYPES = frozenset(kind.value for kind in (Type.STRING, Type.INTEGER, Type.NUMBER, Type.BOOLEAN, Type.JSON))
_ANYTHING = Rule("value")


@dataclass(frozen=True, slots=True)
class Given:
    """The values given from outside, by name; `declared` collects the names that specs of this command declare."""

    values: Map[str, str] = field(default_factory=lambda: _NOTHING)
    declared: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Var:
    """A var with its value: as a constant of expressions, and as a node of the tree."""

    declared: Param
    value: Const
    node: Node
    note: str  # where the value comes from

    @cached_property
    def size(self) -> int:
        """The number of nodes of the value."""
        return _size(self.node)


def settle(tree: Node, given: Given, max_nodes: int, report: Report) -> tuple[Node, dict[str, Const]]:
    """The tree of a pipeline with the vars in its constants replaced, and all vars as constants.

    Raises CompilationStopped if a declaration, a given value, or a reference in a constant is wrong. Lists and mappings
    of vars count as often as they are used, and more than `max_nodes` nodes are an E112.
    """
    table = tree.values.get("vars") if isinstance(tree, Mapping) else None
    if table is None:
        return tree, {}
    assert isinstance(tree, Mapping)
    key = tree.keys["vars"]
    validate(Mapping(tree.source, key.start, table.end, {"vars": key}, {"vars": table}), report, "vars")
    report.checkpoint()
    given.declared.update(key.text for key, _ in entries(table))
    found = {key.text: _var(key, node, given.values.get(key.text), report) for key, node in entries(table)}
    report.checkpoint()
    settled = _Settling({name: var for name, var in found.items() if var is not None}, report, max_nodes)
    rest = {name: node for name, node in tree.values.items() if name != "vars"}
    whole = settled.mapping(Mapping(tree.source, tree.start, tree.end, tree.keys, rest), root_rule("pipeline"), NEVER)
    for name, var in settled.vars.items():
        if name not in settled.used:
            report.warning(
                "W270",
                f"the var `{name}` is never used",
                var.declared.origin,
                label="used nowhere",
                help=f"remove it, or write `${{{{ vars.{name} }}}}`",
            )
    report.checkpoint()
    values = {name: table if name == "vars" else whole.values[name] for name in tree.values}
    return Mapping(tree.source, tree.start, tree.end, tree.keys, values), {
        name: var.value for name, var in settled.vars.items()
    }


def refuse_vars(tree: Node, report: Report) -> None:
    """Report an E405 for each reference to a var in a constant of a component file, which has no vars."""
    if isinstance(tree, Mapping):
        _Settling({}, report, 0, in_pipeline=False).mapping(tree, root_rule("components"), NEVER)


def _size(node: Node) -> int:
    match node:
        case Sequence():
            return 1 + sum(map(_size, node.items))
        case Mapping():
            return 1 + sum(1 + _size(value) for value in node.values.values())
    return 1


def _children(node: Mapping, rule: Rule) -> Iterator[tuple[str, Node, Rule]]:
    for name, value in node.values.items():
        yield name, value, rule.properties.get(name) or rule.extra or _ANYTHING


# ---- declarations ----


def _var(key: Scalar, node: Node, given: str | None, report: Report) -> Var | None:
    """The var of one declaration; None, reported, if it has no value."""
    name = key.text
    declared = _declaration(key, node, report)
    if declared is None:
        return None
    if given is not None:
        return _given(declared, key, given, report)
    default = node if not isinstance(node, Mapping) else node.values.get("default")
    if default is None:
        report.error(
            "E270",
            f"the var `{name}` has no value",
            key.span,
            label="it has no default",
            help=f"give it on the command line, as in `--var {name}=VALUE`, or add a `default`",
        )
        return None
    assert declared.default is not None  # otherwise `_declaration` has reported why
    line = key.source.position(default.span.start)[0]
    return Var(declared, declared.default, default, _note(declared, f"its default in line {line}"))


def _declaration(key: Scalar, node: Node, report: Report) -> Param | None:
    """The declaration as a param, which has the same keys. Without a type, the default decides."""
    if isinstance(node, Scalar) and node.plain and node.text in _TYPES:
        report.error(
            "E271",
            f"`{node.text}` is a type, and this place takes the value of the var",
            node.span,
            label="the value of the var would be this word",
            help=f"write `{{type: {node.text}}}` for a var that `--var` must give, or put the word in quotes",
        )
        return None
    default = child(node, "default") if isinstance(node, Mapping) else node
    kind = text(child(node, "type")) if isinstance(node, Mapping) else ""
    wanted = Type(kind) if kind else _type_of(default)
    if isinstance(node, Mapping):
        before = len(report.diagnostics)
        declared = lower_declaration(key, node, wanted, "var", report, spelt=True)
        return None if len(report.diagnostics) > before else declared
    value = constant(node, wanted, report, what=f"the var `{key.text}`", spelt=True)
    return None if value is None else Param(key.text, wanted, default=value, origin=key.span)


def _type_of(default: Node | None) -> Type:
    """The type of a default; a string if there is none."""
    match default:
        case Mapping() | Sequence():
            return Type.JSON
        case Scalar(value=bool()):
            return Type.BOOLEAN
        case Scalar(value=int()):
            return Type.INTEGER
        case Scalar(value=float()):
            return Type.NUMBER
    return Type.STRING


def _given(declared: Param, key: Scalar, given: str, report: Report) -> Var | None:
    """The var with the value of `--var`."""
    name, kind = declared.name, declared.type
    try:
        given.encode("utf-8")
        value = parse(given, kind.value)
        reason = broken_bound(bounds_of(declared), value)
    except (EvaluationError, UnicodeEncodeError):
        reason = f"must be {'JSON' if kind is Type.JSON else f'of type {kind.value}'}"
    if reason is None and "${{" in given:
        reason = "must not contain a reference"
    if reason is not None:
        report.error(
            "E272",
            f"the value that `--var` gives to `{name}` {reason}"[:90],
            key.span,
            label=f"given as `{_shown(given)}`",
            help=f"give another value: `--var {name}=...`",
        )
        return None
    shown = canonical_json(value) if kind is Type.JSON else given
    const = Const(kind, value, shown, origin=key.span)
    note = _note(replace(declared, default=const), "given by `--var`")
    return Var(declared, const, _as_node(value, given, key), note)


def _as_node(value: object, spelling: str, at: Scalar) -> Node:
    """A given value as a node, placed at the declaration."""
    source, start, end = at.source, at.start, at.end
    match value:
        case list():
            return Sequence(source, start, end, [_as_node(item, "", at) for item in value])
        case dict():
            keys = {name: Scalar(source, start, end, name, name, False, False, start) for name in value}
            return Mapping(source, start, end, keys, {name: _as_node(item, "", at) for name, item in value.items()})
        case str():
            return Scalar(source, start, end, value, value, False, False, start)
        case Number():
            spelling = value.text
        case None | bool():
            spelling = spelling or canonical_json(value)
    return Scalar(source, start, end, spelling, core_value(spelling), True, False, start)


def _note(declared: Param, origin: str) -> str:
    assert declared.default is not None
    return f"`vars.{declared.name}` is `{_shown(declared.default.text)}`, {origin}"


def _shown(value: str) -> str:
    short = visible(value)
    return short if len(short) <= _LONGEST else short[: _LONGEST - 3] + "..."


# ---- references ----


@dataclass(slots=True)
class _Settling:
    """The walk that replaces references to vars in constants. `used` collects the names that occur anywhere."""

    vars: dict[str, Var]
    report: Report
    max_nodes: int
    in_pipeline: bool = True
    count: int = 0  # nodes of lists and mappings inserted so far
    used: set[str] = field(default_factory=set)
    made: dict[tuple[int, int, int], Node] = field(default_factory=dict)  # shared nodes (aliases) stay shared

    def node(self, node: Node, rule: Rule, depth: int, key: str = "") -> Node:
        """A node with its vars replaced; texts `depth` levels below it are not constants and stay."""
        if isinstance(node, Scalar):
            return self.scalar(node, depth, key) if "vars." in node.text else node
        place = (id(node), id(rule), depth)
        if place not in self.made:
            self.made[place] = self.inner(node, rule, depth)
        return self.made[place]

    def inner(self, node: Mapping | Sequence, rule: Rule, depth: int) -> Mapping | Sequence:
        if isinstance(node, Mapping):
            return self.mapping(node, rule, depth)
        below = rule.items or _ANYTHING
        items = [self.node(item, below, depth - 1) for item in node.items]
        return Sequence(node.source, node.start, node.end, items)

    def mapping(self, node: Mapping, rule: Rule, depth: int) -> Mapping:
        read = REFERENCES.get(rule.title, {})
        values = {
            name: self.node(value, below, read.get(name, depth - 1), name)
            for name, value, below in _children(node, rule)
        }
        return Mapping(node.source, node.start, node.end, node.keys, values)

    def scalar(self, node: Scalar, depth: int, key: str) -> Node:
        self.used.update(_ANYWHERE.findall(node.text))
        if depth != 0:
            return self.constant(node)
        if key == "foreach":  # a list of a var is a list of the spec: its instances are known
            whole = _WHOLE.fullmatch(node.text.strip()) or _BARE.fullmatch(node.text)
            var = self.vars.get(whole[1]) if whole else None
            if var is not None and isinstance(var.node, Sequence):
                return self.placed(var, node)
        return node

    def constant(self, node: Scalar) -> Node:
        """A constant with its references to vars replaced. Other references stay, and are reported later."""
        whole = _WHOLE.fullmatch(node.text)
        if whole:
            var = self.find(whole[1], node, whole.span(1))
            return node if var is None else self.placed(var, node)
        pieces, at, notes = [], 0, []
        for start, end in reference_ranges(node.text):
            match = _WHOLE.fullmatch(node.text, start, end)
            if match is None:
                self.refuse_computed(node, start, end)
                continue
            var = self.find(match[1], node, match.span(1))
            if var is not None:
                pieces += [node.text[at:start], var.value.text]
                notes.append(var.note)
                at = end
        if not pieces:
            return node
        self.report.explain(node.span, "; ".join(dict.fromkeys(notes)))
        joined = "".join([*pieces, node.text[at:]])
        return Scalar(node.source, node.start, node.end, joined, joined, False, False, node.start)

    def refuse_computed(self, node: Scalar, start: int, end: int) -> None:
        """Report an E273 if a reference computes with vars; any other reference is left to `refuse_references`."""
        if _ANYWHERE.search(node.text, start, end) is None:
            return
        self.report.error(
            "E273",
            "a constant takes the value of a var, and computes nothing",
            node.part(start, end),
            label="more than `vars.<name>`",
            help="declare a var with the result, and write `${{ vars.<name> }}`",
        )

    def find(self, name: str, node: Scalar, where: tuple[int, int]) -> Var | None:
        if not self.in_pipeline:
            self.report.error(
                "E405",
                "a component file has no `vars`",
                node.part(*where),
                label="not here",
                help="leave this key out here, and set it in the task or in `defaults`",
            )
            return None
        var = self.vars.get(name)
        if var is None:
            report_unknown_var(name, self.vars, node.part(*where), self.report)
        return var

    def placed(self, var: Var, at: Scalar) -> Node:
        """The node of a var; a scalar gets the place of its use."""
        if not isinstance(var.node, Scalar):
            before, self.count = self.count, self.count + var.size
            if before <= self.max_nodes < self.count:
                over_budget(self.report, "E112", at.span, self.max_nodes)
            return var.node
        self.report.explain(at.span, var.note)
        value = var.node
        return Scalar(at.source, at.start, at.end, value.text, value.value, value.plain, False, at.start)


def report_unknown_var(name: str, known: Map[str, object], span: Span, report: Report) -> None:
    """Report an E404 for a var that is not declared."""
    guess = suggest(name, known)
    report.error(
        "E404",
        f"there is no var `{name[:40]}`",
        span,
        label="not defined",
        notes=["vars: " + ", ".join(list(known)[:20])] if known else [],
        help=reword(span, name, guess) if guess else f"declare it: `vars: {{{name[:40]}: ...}}`",
    )
