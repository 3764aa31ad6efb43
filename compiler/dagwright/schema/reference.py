"""The language reference, `docs/reference.md`, made from the published schema. A test keeps the file current."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dagwright.schema.repair import flow
from dagwright.schema.rules import document
from dagwright.schema.targets import definition_name

Schema = dict[str, Any]

# Sections in the order of the page: the definition, its heading. Those of the targets follow.
_SECTIONS = (
    ("", "A pipeline"),
    ("task", "A task"),
    ("defaults", "Defaults"),
    ("retry", "Retries"),
    ("resources", "Resources"),
    ("output", "An output"),
    ("secret", "A secret"),
    ("matrix", "A matrix"),
    ("component", "A component"),
    ("input", "An input of a component"),
    ("param", "A param"),
    ("var", "A var"),
    ("schedule", "A schedule"),
    ("task_targets", "Targets of a task"),
    ("airflow_task", "Target `airflow` of a task"),
    ("targets", "Targets"),
)
_HEAD = """<!-- Made from schemas/pipeline.v1.json. Change that file, then run: pytest tests/schema --bless -->

# Language reference

Every key of a pipeline, version 1. A key that is not listed here is an error. Editors can complete the keys and show
these texts: see [Set up your editor](tutorial.md#set-up-your-editor).

**Names** of tasks, params, inputs, outputs, components and axes are lower-case letters and digits, words joined by
`_`, at most 60 characters. These words are reserved: {reserved}.

**Text** may be written without quotes: a plain number or word keeps its spelling, so `3.10` stays `3.10`.
**Durations** are whole numbers with the units `d`, `h`, `m`, `s`, such as `90s` or `1h30m`.
**References** `${{{{ … }}}}` are allowed inside a text if the table says so. See [Expressions](expressions.md).
"""
_FORMS = {
    "duration": "duration",
    "memory": "amount of memory",
    "date": "date or instant",
    "image": "name of an image",
    "kubernetes name": "Kubernetes name",
    "file name": "file name",
    "absolute path": "absolute path",
    "dotted path": "dotted path",
    "link": "address",
    "relative path": "relative path",
    "variable": "name of a variable",
    "pipeline name": "a-z, 0-9 and `-`",
    "secret key": "text",
}
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "object": "mapping",
    "null": "`null`",
    "array": "list",
}
_TEXT = {"string", "number", "boolean"}


def sections() -> tuple[tuple[str, str], ...]:
    """The definitions with a section, in the order of the page, each with its heading."""
    targets = document()["$defs"]["targets"]["properties"]
    return (
        *_SECTIONS,
        *((definition_name(target), f"Target `{target}`") for target in targets),
        ("components", "A component file"),
    )


def reference() -> str:
    """The whole page."""
    reserved = ", ".join(f"`{word}`" for word in document()["$defs"]["name"]["not"]["enum"])
    parts = [_HEAD.format(reserved=reserved)]
    parts += ["\n".join(_section(name, heading)) for name, heading in sections()]
    return "\n".join(parts)


def _section(name: str, heading: str) -> Iterator[str]:
    schema = document()["$defs"][name] if name else document()
    yield f"## {heading}"
    yield ""
    yield schema["description"]
    yield ""
    required = schema.get("required", ())
    yield "| key | type | default | meaning | example |"
    yield "|---|---|---|---|---|"
    for key, prop in _keys(schema):
        yield _row(key, prop, key.rpartition(".")[2] in required)
    if "additionalProperties" in schema and isinstance(schema["additionalProperties"], dict):
        other = schema["additionalProperties"]
        yield _row("*(any name)*", other, False)
    yield ""


def _keys(schema: Schema, before: str = "") -> Iterator[tuple[str, Schema]]:
    """The keys of a mapping; dotted keys follow for mappings without their own section."""
    for key, prop in schema.get("properties", {}).items():
        yield before + key, prop
        if "properties" in prop:
            yield from _keys(prop, f"{before}{key}.")


def _row(key: str, prop: Schema, required: bool) -> str:
    whole = {**_resolved(prop), **prop}
    name = key if key.startswith("*") else f"`{key}`"
    needed = "required" if required else ""
    default = f"`{flow(whole['default'])}`" if "default" in whole else needed
    cells = [name, _type(prop), default, whole.get("description", ""), f"`{_example(whole)}`"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _example(schema: Schema) -> str:
    example = schema["examples"][0]
    return json.dumps(example) if isinstance(example, str) and "\n" in example else flow(example)


def _resolved(schema: Schema) -> Schema:
    if "anyOf" in schema:
        return _resolved(schema["anyOf"][0])
    found: Schema = document()["$defs"][schema["$ref"].removeprefix("#/$defs/")] if "$ref" in schema else schema
    return found


def _type(schema: Schema) -> str:
    """The allowed values of a schema, in a few words."""
    whole = _resolved(schema)
    kinds = [whole["type"]] if isinstance(whole.get("type"), str) else list(whole.get("type", ()))
    if "anyOf" in schema:
        kinds.append("null")
    if not kinds:
        return "any value"
    if whole.get("title") == "value":
        return "any value except `null`"
    words = [_linked(whole, schema)] if _linked(whole, schema) else []
    if set(kinds) >= _TEXT:
        words.append("text")
        kinds = [kind for kind in kinds if kind not in _TEXT]
    words += [_of_kind(kind, whole) for kind in kinds]
    if len(words) > 1 and words[-2].endswith("or `null`"):  # both the values of names and the mapping may be null
        words.pop()
    return " or ".join(dict.fromkeys(word for word in words if word))


def _linked(whole: Schema, schema: Schema) -> str:
    name = (schema["anyOf"][0] if "anyOf" in schema else schema).get("$ref", "").removeprefix("#/$defs/")
    heading = dict(sections()).get(name) if name else None
    return f"[{whole['title']}](#{heading.lower().replace(' ', '-').replace('`', '')})" if heading else ""


def _of_kind(kind: str, schema: Schema) -> str:
    if "enum" in schema and kind != "object":
        return ", ".join(dict.fromkeys(f"`{value}`" for value in schema["enum"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    form = schema.get("$comment", "").removeprefix("form: ")
    if kind == "string":
        return f"one of {', '.join(f'`{t}`' for t in schema['properties']['type']['enum'])}" if form == "type" else (
            _FORMS.get(form, "text")
        )  # fmt: skip
    if kind == "array" and "items" in schema:
        return f"list of {_type(schema['items'])}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema:
        return f"mapping of names to {_type(schema['additionalProperties'])}"
    if kind in ("integer", "number"):
        return _KINDS[kind] + _bounds(schema)
    return "" if kind == "object" and schema.get("title") in _titles() else _KINDS[kind]


def _bounds(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}"
    if low is None:
        return ""
    return f", {low} to {high}" if high is not None and high < 10000 else f", at least {low}"


def _titles() -> set[str]:
    """The titles of definitions with a section; types link to these."""
    return {document()["$defs"][name]["title"] for name, _ in sections() if name}
