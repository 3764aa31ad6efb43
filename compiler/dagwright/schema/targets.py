"""The settings of targets in the schema: each backend has a fragment, of which the published schema is composed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # only messages need the words
    from dagwright.diagnostics.words import Words

Schema = dict[str, Any]
_PREFIX = "target."


def language_words() -> Words:
    """The words of other tools that the language knows without its targets."""
    from dagwright.diagnostics.words import LANGUAGE

    return LANGUAGE


@dataclass(frozen=True, slots=True, eq=False)
class Additions:
    """The additions of backends to the language: the fragments of plug-ins, and words of other tools for messages."""

    fragments: Mapping[str, Schema] = field(default_factory=dict)
    words: Callable[[], Words] = language_words


NO_ADDITIONS = Additions()


def definition_name(target: str) -> str:
    """The name of a target's settings in `$defs`."""
    return _PREFIX + target


def property_of(target: str, fragment: Schema) -> Schema:
    """The key of a target below `targets`."""
    texts: Schema = {key: fragment[key] for key in ("title", "description", "examples") if key in fragment}
    return {**texts, "$ref": f"#/$defs/{definition_name(target)}"}


def definition_of(target: str, fragment: Schema) -> Schema:
    """The settings of a target in `$defs`; messages call them `target NAME`."""
    return {**fragment, "title": f"target {target}"}


def extended(schema: Schema, additions: Additions) -> Schema:
    """A schema of pipelines with the targets of plug-ins, too."""
    if not additions.fragments:
        return schema
    definitions = schema["$defs"]
    keys, added = _keys_and_definitions(additions.fragments)
    targets = {**definitions["targets"], "properties": {**definitions["targets"]["properties"], **keys}}
    return {**schema, "$defs": {**definitions, **added, "targets": targets}}


def with_targets(schema: Schema, fragments: Mapping[str, Schema]) -> Schema:
    """A schema of pipelines with exactly these targets."""
    keys, added = _keys_and_definitions(fragments)
    definitions: Schema = {}
    for name, definition in schema["$defs"].items():
        if name == "targets":
            definitions |= {name: {**definition, "properties": keys}, **added}
        elif not name.startswith(_PREFIX):
            definitions[name] = definition
    return {**schema, "$defs": definitions}


def _keys_and_definitions(fragments: Mapping[str, Schema]) -> tuple[Schema, Schema]:
    """The keys of targets below `targets`, and their settings in `$defs`."""
    keys = {target: property_of(target, fragment) for target, fragment in fragments.items()}
    return keys, {definition_name(t): definition_of(t, fragment) for t, fragment in fragments.items()}
