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

# kind of file → its definition; the document itself describes pipelines
_DEFINITIONS: Mapping[str, str] = MappingProxyType({"pipeline": "", "component": "components"})
KINDS = tuple(_DEFINITIONS)


def file_name(kind: str) -> str:
    """The name of the schema file for a kind of file."""
    return f"{kind}.v1.json"


def schema_text(kind: str, fragments: Mapping[str, Schema] | None = None) -> str:
    """The schema of one kind of file, as JSON; for pipelines, the published file, byte for byte.

    `fragments` are the schemas of all targets, if there are more than the built-in ones.
    """
    if not _DEFINITIONS[kind]:
        if fragments is not None:
            return layout(with_targets(document(), fragments))
        return resource(*SCHEMA).read_text(encoding="utf-8")
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


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
