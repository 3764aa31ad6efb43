"""The schema for editors: that of the compiler, in which any value may be a reference to a var.

The compiler checks a spec after its vars are replaced; an editor sees the references.
"""

from __future__ import annotations

from dagwright.schema.targets import Schema

_REFERENCE = "reference_to_var"
_REFERENCES = {
    "title": "reference to a var",
    "description": "Text with a reference to one of `vars`, which is replaced when you compile.",
    "examples": ["${{ vars.tag }}"],
    "type": "string",
    "pattern": r"\$\{\{\s*vars\.[a-z0-9_]+\s*\}\}",
}
_ANNOTATIONS = ("title", "description", "examples", "default")
# Definitions without references to vars: names, and the declarations of vars themselves.
_FIXED = frozenset(["name", "var"])


def with_vars(schema: Schema) -> Schema:
    """The schema of a spec before its vars are replaced; the compiler checks it after that."""
    definitions = {
        name: part if name in _FIXED else _wrapped(_deep(part), part) for name, part in schema["$defs"].items()
    }
    top = _deep({key: part for key, part in schema.items() if key != "$defs"})
    top["properties"] |= {key: schema["properties"][key] for key in ("apiVersion", "vars")}
    return {**top, "$defs": {**definitions, _REFERENCE: _REFERENCES}}


def _deep(part: Schema) -> Schema:
    """A schema in which the scalars below it may be references."""
    found = dict(part)
    if "properties" in part:
        found["properties"] = {key: _wrapped(_deep(below), below) for key, below in part["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(part.get(key), dict):
            found[key] = _wrapped(_deep(part[key]), part[key])
    return found


def _wrapped(inner: Schema, part: Schema) -> Schema:
    """A schema that also accepts a reference, if `part` accepts scalars but not every text."""
    kinds = part.get("type", [])
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    limited = "string" not in kinds or part.keys() & {"enum", "const", "pattern", "maxLength", "format", "anyOf"}
    if not kinds - {"object", "null"} or not limited:
        return inner
    said = {key: inner[key] for key in _ANNOTATIONS if key in inner}
    rest = {key: value for key, value in inner.items() if key not in said}
    return {**said, "anyOf": [rest, {"$ref": f"#/$defs/{_REFERENCE}"}]}
