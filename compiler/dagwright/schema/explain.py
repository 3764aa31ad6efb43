"""All violations in a tree, with their messages: a walk that follows the rules.

The walk finds exactly the nodes that `accept` refuses; the messages are in `complaints`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.diagnostics.model import Report
from dagwright.schema import key_messages as keys_say
from dagwright.schema import messages as say
from dagwright.schema.accept import in_enum, in_range, kind_of, spelt_right, text_fits, twins
from dagwright.schema.place import Place
from dagwright.schema.rules import Combination, Rule, root_rule
from dagwright.schema.targets import NO_ADDITIONS, Additions
from dagwright.source.tree import Mapping, Node, Scalar, Sequence


def explain(node: Node, report: Report, root: str, additions: Additions = NO_ADDITIONS) -> None:
    """Report every violation, in file order, once even if aliases repeat it."""
    _Walk(report, set()).explain(Place(root_rule(root, additions), node, words=additions.words))


@dataclass(frozen=True, slots=True)
class _Walk:
    report: Report
    seen: set[tuple[int, int]]

    def explain(self, place: Place) -> None:
        rule, node = place.rule, place.node
        if (id(node), id(rule)) in self.seen:
            return
        self.seen.add((id(node), id(rule)))
        kind = kind_of(node)
        if kind not in rule.kinds and not (kind == "integer" and "number" in rule.kinds):
            say.wrong_kind(place, kind, self.report)
            return
        match node:
            case Scalar():
                _scalar(place, node, self.report)
            case Sequence():
                self.sequence(place, node)
            case Mapping():
                self.mapping(place, node)

    def sequence(self, place: Place, node: Sequence) -> None:
        rule = place.rule
        if len(node.items) < rule.min_items:
            say.empty(place, self.report)
        if rule.max_items is not None and len(node.items) > rule.max_items:
            say.too_many(place, rule.max_items, self.report)
        if rule.items is not None:
            for item in node.items:
                self.explain(place.at(item, rule.items))
        if rule.unique:
            for first, again in twins(node.items):
                say.twice(place, first, again, self.report)

    def mapping(self, place: Place, node: Mapping) -> None:
        rule = place.rule
        if len(node.values) < rule.min_properties:
            say.empty(place, self.report)
        meant = set()  # keys meant by misspelled ones: not reported as missing too
        for name, child in node.values.items():
            key = node.keys[name]
            known = rule.properties.get(name) or _extra(rule)
            if known is None:
                meant.add(keys_say.unknown_key(place, key, child, self.report))
                continue
            if name not in rule.properties and rule.names is not None and not text_fits(rule.names, name):
                keys_say.wrong_name(place, key, rule.names, known, self.report)
            self.explain(place.child(key, child, known))
        keys = node.values.keys() | meant
        for required in rule.required:
            if required not in keys:
                keys_say.missing(place, node, required, self.report)
        for combination in rule.combinations:
            if not _holds(combination, node, keys):
                keys_say.wrong_combination(place, node, combination, self.report)


def _scalar(place: Place, node: Scalar, report: Report) -> None:
    rule = place.rule
    text = kind_of(node) == "string"
    value = node.text if text else node.value
    if not in_enum(rule, value) or not spelt_right(rule, node):
        say.not_listed(place, node, report)
    elif isinstance(value, str):
        if not text_fits(rule, value):
            say.wrong_text(place, node, report)
    elif isinstance(value, int | float) and not isinstance(value, bool) and not in_range(rule, value):
        say.out_of_range(place, node, report)


def _extra(rule: Rule) -> Rule | None:
    if rule.extra is not None or rule.closed:
        return rule.extra
    return _ANYTHING


def _holds(combination: Combination, node: Mapping, keys: set[str]) -> bool:
    """Whether the keys satisfy the rule, as written or with the misspelled keys corrected."""
    return combination.holds(node.values) or (len(keys) > len(node.values) and combination.holds(keys))


_ANYTHING = Rule("value")
