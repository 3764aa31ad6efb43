"""References in constants, where they would not be replaced: most texts of a spec are constants."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from dagwright.diagnostics.model import Report
from dagwright.expressions.compile import first_reference
from dagwright.schema.place import Place
from dagwright.schema.rules import Rule, root_rule
from dagwright.schema.targets import NO_ADDITIONS, Additions
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

# The keys whose texts may contain references, by owner; the number is the depth of the texts below the key. A script
# is listed because a reference in it has its own diagnostic.
REFERENCES = {
    "task": {"command": 1, "env": 1, "with": 1, "inputs": 1, "when": 0, "foreach": 0, "script": 0},
    "component": {"command": 1, "env": 1, "with": 1, "script": 0},
    "defaults": {"env": 1},
}
NEVER = -1  # the depth of texts that may not

_HELP = {
    "foreach": 'write the whole list as one expression, as in `foreach: "[params.a, params.b]"`',
    "with": 'write the whole list as one expression, as in `"${{ [params.a, params.b] }}"`',
    "matrix": "write the values out, or use `foreach`, which takes an expression",
    "default": "write the value itself, as in `default: north`",
    "needs": "write the name of the task, as in `needs: [load]`",
    "uses": "write the name of the component, as in `uses: train_model`",
    "tasks": "write it out, or hand the value over by `env`",
    "finally": "write it out, or hand the value over by `env`",
    "components": "write it out, or hand the value over by `env`",
    "defaults": "write it out, or hand the value over by `env`",
}
_FIXED = "write it out, or make it one of `vars`, whose values are fixed when you compile"
_KEY = "write the key out: references are replaced only in values"
_VAR = re.compile(r"\$\{\{\s*vars\.")

_ANYTHING = Rule("value")

Step: TypeAlias = tuple[Scalar | None, Node, Rule]  # the key (None: an item of a list), the node at it, its rule


def refuse_references(tree: Node, report: Report, root: str = "pipeline", additions: Additions = NO_ADDITIONS) -> None:
    """Report an E440 for each `${{` in a constant of a valid tree, once even if aliases repeat it."""
    rule = root_rule(root, additions)
    walk = _Walk()
    walk.node(tree, rule, (), NEVER)
    for span, way in walk.found.items():
        place = Place(rule, tree)
        for key, node, below in way:
            place = place.at(node, below) if key is None else place.child(key, node, below)
        report.error(
            "E440",
            place.say("{it} is a constant, and this holds a reference"),
            span,
            label="would stay as it is",
            help=_help(span, rule, way),
        )


@dataclass(slots=True)
class _Walk:
    """A walk that collects the references in constants, each with its path, in file order."""

    found: dict[Span, tuple[Step, ...]] = field(default_factory=dict)

    def node(self, node: Node, rule: Rule, way: tuple[Step, ...], depth: int) -> None:
        """Walk a node; texts `depth` levels below it may contain references."""
        match node:
            case Scalar():
                if depth != 0:
                    self.text(node, way)
            case Sequence():
                below = rule.items or _ANYTHING
                for item in node.items:
                    self.node(item, below, (*way, (None, item, below)), depth - 1)
            case Mapping():
                self.mapping(node, rule, way, depth)

    def mapping(self, node: Mapping, rule: Rule, way: tuple[Step, ...], depth: int) -> None:
        read = REFERENCES.get(rule.title, {})
        for name, value in node.values.items():
            key = node.keys[name]
            self.text(key, way)
            below = rule.properties.get(name) or rule.extra or _ANYTHING
            self.node(value, below, (*way, (key, value, below)), read.get(name, depth - 1))

    def text(self, scalar: Scalar, way: tuple[Step, ...]) -> None:
        if "${{" in scalar.text and (where := first_reference(scalar.text)) is not None:
            self.found.setdefault(scalar.part(*where), way)


def _help(span: Span, rule: Rule, way: tuple[Step, ...]) -> str:
    """The help line, chosen by the reference, then by the last key of the language (not a name of the author)."""
    if way[-1][0] is not None and way[-1][0].start <= span.start < way[-1][0].end:
        return _KEY
    if _VAR.match(text := span.source.text[span.start : span.end]):
        from dagwright.schema.messages import for_reference

        return for_reference(text)
    words = []
    for key, _, below in way:
        if key is not None and key.text in rule.properties:
            words.append(key.text)
        rule = below
    return next((_HELP[word] for word in reversed(words) if word in _HELP), _FIXED)
