"""The published JSON Schema as rules: its keywords, parsed once, for `accept` and `explain`.

`schemas/` is the only source of truth. Loading refuses unknown keywords, so the checker implements every
keyword in the schema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from dagwright.resources import resource
from dagwright.schema.targets import NO_ADDITIONS, Additions, definition_of

SCHEMA = ("schemas", "pipeline.v1.json")
KINDS = frozenset({"string", "integer", "number", "boolean", "null", "object", "array"})

# Formats of numbers whose value is not enough: `3.10` is the number 3.1, but not version 3.1.
FORMATS = {"dagwright-version": re.compile(r"[0-9]+\.(0|[0-9]*[1-9])")}


@dataclass(frozen=True, slots=True)
class Combination:
    """A rule about keys that belong together: how many of `groups` (sets of keys) may be present.

    With `key`, the rule applies only to mappings with that key.
    """

    groups: tuple[frozenset[str], ...]
    at_least: int
    at_most: int
    key: str | None = None

    def holds(self, keys: Container[str]) -> bool:
        """Whether the keys of a mapping satisfy the rule."""
        if self.key is not None and self.key not in keys:
            return True
        found = sum(all(key in keys for key in group) for group in self.groups)
        return self.at_least <= found <= self.at_most


@dataclass(slots=True)
class Rule:
    """The conditions on a node. Limits that the schema does not set are None."""

    title: str
    kinds: frozenset[str] = KINDS
    enum: tuple[object, ...] | None = None
    forbidden: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    form: str = ""  # the name of the pattern, such as `duration`: the schema's `$comment`
    format: re.Pattern[str] | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    items: Rule | None = None
    min_items: int = 0
    max_items: int | None = None
    unique: bool = False
    properties: dict[str, Rule] = field(default_factory=dict)
    closed: bool = False
    extra: Rule | None = None
    names: Rule | None = None
    required: tuple[str, ...] = ()
    min_properties: int = 0
    combinations: tuple[Combination, ...] = ()
    schema: dict[str, Any] = field(default_factory=dict)


ANNOTATIONS = {"title", "description", "examples", "default", "$schema", "$id", "$defs", "$comment"}
_HANDLED = {
    "type", "enum", "const", "not", "pattern", "format", "minLength", "maxLength", "minimum", "maximum",
    "exclusiveMinimum", "items", "minItems", "maxItems", "uniqueItems", "properties", "additionalProperties",
    "propertyNames", "required", "minProperties", "dependentRequired",
    "dependentSchemas", "oneOf", "anyOf", "allOf",
}  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """The published schema, as stored in the file."""
    loaded: dict[str, Any] = json.loads(resource(*SCHEMA).read_text(encoding="utf-8"))
    return loaded


def root_rule(root: str, additions: Additions = NO_ADDITIONS) -> Rule:
    """The rule of a whole file: `pipeline`, or `components` for a file of components.

    `vars` is a pipeline of which only `vars:` counts.
    """
    return _extended(additions) if additions.fragments and root == "pipeline" else _published(root)


@cache
def _published(root: str) -> Rule:
    schema = document()
    if root == "vars":
        only = {"title": "pipeline", "type": "object", "properties": {"vars": schema["properties"]["vars"]}}
        return _Reader(schema).rule(only, "pipeline")
    return _Reader(schema).rule(schema if root == "pipeline" else schema["$defs"][root], root)


@cache
def _extended(additions: Additions) -> Rule:
    """The rule of pipelines with the targets of plug-ins; all other rules are those of the published schema."""
    rule = _published("pipeline")
    targets = rule.properties["targets"]
    added = {name: target_rule(name, fragment) for name, fragment in additions.fragments.items()}
    extended = replace(targets, properties={**targets.properties, **added})
    return replace(rule, properties={**rule.properties, "targets": extended})


def target_rule(target: str, fragment: dict[str, Any]) -> Rule:
    """The rule of a target's settings. Raises an error of any kind if the fragment is not a schema of the subset."""
    return _Reader(document()).rule(definition_of(target, fragment), target)


class _Reader:
    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema
        self.made: dict[str, Rule] = {}

    def rule(self, schema: dict[str, Any], name: str) -> Rule:
        if "$ref" in schema:
            return self.referenced(schema)
        if "anyOf" in schema and {"type": "null"} in schema["anyOf"]:
            return self.nullable(schema)
        unknown = schema.keys() - ANNOTATIONS - _HANDLED
        assert not unknown, f"the checker does not know {unknown} of {name}"
        rule = Rule(schema.get("title", name), schema=schema)
        self.scalar(rule, schema)
        self.sequence(rule, schema)
        self.mapping(rule, schema)
        return rule

    def referenced(self, schema: dict[str, Any]) -> Rule:
        assert schema.keys() <= ANNOTATIONS | {"$ref"}
        name = schema["$ref"].removeprefix("#/$defs/")
        if name not in self.made:
            self.made[name] = self.rule(self.schema["$defs"][name], name)
        return self.made[name]

    def nullable(self, schema: dict[str, Any]) -> Rule:
        """The rule of `anyOf: [{$ref: …}, {type: null}]`: the referenced rule, with null allowed."""
        assert schema.keys() <= ANNOTATIONS | {"anyOf"}
        (other,) = (branch for branch in schema["anyOf"] if branch != {"type": "null"})
        rule = self.rule(self.schema["$defs"][other["$ref"].removeprefix("#/$defs/")], other["$ref"])
        rule.kinds |= {"null"}
        return rule

    def scalar(self, rule: Rule, schema: dict[str, Any]) -> None:
        kinds = schema.get("type", sorted(KINDS))
        rule.kinds = frozenset([kinds] if isinstance(kinds, str) else kinds)
        if "const" in schema:
            rule.enum = (schema["const"],)
        elif "enum" in schema:
            rule.enum = tuple(schema["enum"])
        assert rule.enum is None or not rule.kinds & {"object", "array"}, "only scalars are compared with a list"
        if "anyOf" in schema:
            rule.enum = _words_beside_a_mapping(schema["anyOf"])
        if "not" in schema and "enum" in schema["not"]:
            assert schema["not"].keys() == {"enum"}
            rule.forbidden = frozenset(schema["not"]["enum"])
        rule.pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
        rule.form = schema.get("$comment", "").removeprefix("form: ")
        rule.format = FORMATS[schema["format"]] if "format" in schema else None
        rule.min_length, rule.max_length = schema.get("minLength"), schema.get("maxLength")
        rule.minimum, rule.maximum = schema.get("minimum"), schema.get("maximum")
        rule.above = schema.get("exclusiveMinimum")

    def sequence(self, rule: Rule, schema: dict[str, Any]) -> None:
        rule.items = self.rule(schema["items"], "item") if "items" in schema else None
        rule.min_items, rule.max_items = schema.get("minItems", 0), schema.get("maxItems")
        rule.unique = schema.get("uniqueItems", False)

    def mapping(self, rule: Rule, schema: dict[str, Any]) -> None:
        rule.properties = {key: self.rule(value, key) for key, value in schema.get("properties", {}).items()}
        extra = schema.get("additionalProperties", True)
        rule.closed = extra is False
        rule.extra = self.rule(extra, "value") if isinstance(extra, dict) else None
        rule.names = self.rule(schema["propertyNames"], "name") if "propertyNames" in schema else None
        rule.required = tuple(schema.get("required", ()))
        rule.min_properties = schema.get("minProperties", 0)
        rule.combinations = tuple(_combinations(schema))


def _words_beside_a_mapping(branches: list[dict[str, Any]]) -> tuple[object, ...]:
    """The words of `anyOf: [{enum: …}, {type: object}]`, a form in which editors complete the words."""
    words, mapping = branches
    assert words.keys() == {"enum"}
    assert mapping == {"type": "object"}
    return tuple(words["enum"])


def _combinations(schema: dict[str, Any]) -> list[Combination]:
    found = []
    if "oneOf" in schema:
        found.append(Combination(_groups(schema["oneOf"]), 1, 1))
    for part in schema.get("allOf", ()):
        assert part.keys() == {"not"}
        found.append(Combination(_groups([part["not"]]), 0, 0))
    for key, part in schema.get("dependentSchemas", {}).items():
        assert part.keys() == {"anyOf"}
        groups = _groups(part["anyOf"])
        found.append(Combination(groups, 1, len(groups), key))
    for key, others in schema.get("dependentRequired", {}).items():
        found.append(Combination((frozenset(others),), 1, 1, key))
    return found


def _groups(branches: list[dict[str, Any]]) -> tuple[frozenset[str], ...]:
    assert all(branch.keys() == {"required"} for branch in branches)
    return tuple(frozenset(branch["required"]) for branch in branches)
