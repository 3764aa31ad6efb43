"""The schemas for editors: one self-contained schema per kind of file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from dagwright.resources import resource
from dagwright.schema.layout import layout
from dagwright.schema.rules import SCHEMA, document
from dagwright.schema.targets import Schema, with_targets
from dagwright.schema.with_vars import with_vars

# kind of file → its definition; the document itself describes pipelines
_DEFINITIONS: Mapping[str, str] = MappingProxyType({"pipeline": "", "component": "components"})
KINDS = tuple(_DEFINITIONS)


def file_name(kind: str) -> str:
    """The name of the schema file for a kind of file."""
    return f"{kind}.v1.json"


# The schema of pipelines for editors; a test keeps it current.
FOR_EDITORS = ("schemas", "editor", SCHEMA[-1])


def schema_text(kind: str, fragments: Mapping[str, Schema] | None = None) -> str:
    """The schema of one kind of file for editors, as JSON.

    `fragments` are the schemas of all targets, if there are more than the built-in ones.
    """
    if _DEFINITIONS[kind]:
        return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"
    if fragments is None:
        return resource(*FOR_EDITORS).read_text(encoding="utf-8")
    return editor_schema(with_targets(document(), fragments))


def editor_schema(schema: Schema) -> str:
    """The schema of a pipeline before its vars are replaced, as JSON."""
    return layout(with_vars(schema))


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of one kind of file, with only the definitions it refers to."""
    whole = document()
    if not _DEFINITIONS[kind]:
        return whole
    definitions = whole["$defs"]
    root = definitions[_DEFINITIONS[kind]]
    used: dict[str, None] = {}
    waiting = list(_references(root))
    while waiting:
        name = waiting.pop()
        if name not in used:
            used[name] = None
            waiting += _references(definitions[name])
    head = {"$schema": whole["$schema"], "$id": whole["$id"].replace(SCHEMA[-1], file_name(kind))}
    return {**head, **root, "$defs": {name: definitions[name] for name in definitions if name in used}}


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"].removeprefix("#/$defs/")
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)
