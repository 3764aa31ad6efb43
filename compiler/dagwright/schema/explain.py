"""The messages for a refused tree: a walk over the nodes that the verdict names; `messages` has the texts."""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.diagnostics.model import Report
from dagwright.schema import key_messages as keys_say
from dagwright.schema import messages as say
from dagwright.schema.accept import kind_of, twins
from dagwright.schema.place import Place
from dagwright.schema.rules import Combination, Rule, root_rule
from dagwright.schema.targets import NO_ADDITIONS, Additions
from dagwright.schema.verdict import Path, Verdict, verdict
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

# Keywords of the schema, by the message about them.
LISTED = frozenset({"enum", "const", "format", "anyOf"})
TEXT = frozenset({"pattern", "minLength", "maxLength", "not"})
RANGE = frozenset({"minimum", "maximum", "exclusiveMinimum"})
COMBINATION = frozenset({"oneOf", "anyOf", "not", "dependentRequired"})


def explain(node: Node, report: Report, root: str, additions: Additions = NO_ADDITIONS) -> None:
    """Report every violation, in file order, once even if aliases repeat it."""
    place = Place(root_rule(root, additions), node, words=additions.words)
    _Walk(verdict(node, root, additions), report, set()).explain(place, ())


@dataclass(frozen=True, slots=True)
class _Walk:
    verdict: Verdict
    report: Report
    seen: set[tuple[int, int]]

    def explain(self, place: Place, path: Path) -> None:
        rule, node = place.rule, place.node
        if path not in self.verdict.ways or (id(node), id(rule)) in self.seen:
            return
        self.seen.add((id(node), id(rule)))
        if "type" in self.verdict.at(path):
            say.wrong_kind(place, kind_of(node), self.report)
            return
        match node:
            case Scalar():
                self.scalar(place, node, path)
            case Sequence():
                self.sequence(place, node, path)
            case Mapping():
                self.mapping(place, node, path)

    def scalar(self, place: Place, node: Scalar, path: Path) -> None:
        violated = self.verdict.at(path)
        if violated & LISTED:
            say.not_listed(place, node, self.report)
        elif violated & TEXT:
            say.wrong_text(place, node, self.report)
        elif violated & RANGE:
            say.out_of_range(place, node, self.report)

    def sequence(self, place: Place, node: Sequence, path: Path) -> None:
        rule, violated = place.rule, self.verdict.at(path)
        if "minItems" in violated:
            say.empty(place, self.report)
        if "maxItems" in violated:
            assert rule.max_items is not None
            say.too_many(place, rule.max_items, self.report)
        if rule.items is not None:
            for index, item in enumerate(node.items):
                self.explain(place.at(item, rule.items), (*path, index))
        if "uniqueItems" in violated:
            for first, again in twins(node.items):
                say.twice(place, first, again, self.report)

    def mapping(self, place: Place, node: Mapping, path: Path) -> None:
        rule, violated = place.rule, self.verdict.at(path)
        if "minProperties" in violated:
            say.empty(place, self.report)
        meant = set()  # keys meant by misspelled ones: not reported as missing too
        bad_names = self.verdict.names.get(path, frozenset())
        for name, child in node.values.items():
            key = node.keys[name]
            known = rule.properties.get(name) or _extra(rule)
            if known is None:
                meant.add(keys_say.unknown_key(place, key, child, self.report))
                continue
            if name in bad_names and rule.names is not None:
                keys_say.wrong_name(place, key, rule.names, known, self.report)
            self.explain(place.child(key, child, known), (*path, name))
        keys = node.values.keys() | meant
        for required in rule.required if "required" in violated else ():
            if required not in keys:
                keys_say.missing(place, node, required, self.report)
        for combination in rule.combinations if violated & COMBINATION else ():
            if not _holds(combination, node, keys):
                keys_say.wrong_combination(place, node, combination, self.report)


def _extra(rule: Rule) -> Rule | None:
    if rule.extra is not None or rule.closed:
        return rule.extra
    return _ANYTHING


def _holds(combination: Combination, node: Mapping, keys: set[str]) -> bool:
    """Whether the keys satisfy the rule, as written or with the misspelled keys corrected."""
    return combination.holds(node.values) or (len(keys) > len(node.values) and combination.holds(keys))


_ANYTHING = Rule("value")
