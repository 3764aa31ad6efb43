"""The text of a schema: JSON with short lists and mappings on one line."""

from __future__ import annotations

import json
from typing import Any

_WIDTH = 115


def layout(value: Any) -> str:
    """The text of a JSON value, as in the published schema."""
    return _lines(value, "", 0) + "\n"


def _lines(value: Any, indent: str, used: int) -> str:
    line = _line(value)
    if not isinstance(value, dict | list) or used + len(line) <= _WIDTH:
        return line
    below = indent + "  "
    if isinstance(value, dict):
        keys = [(f"{below}{_line(key)}: ", item) for key, item in value.items()]
        body = ",\n".join(key + _lines(item, below, len(key)) for key, item in keys)
        return f"{{\n{body}\n{indent}}}"
    body = ",\n".join(below + _lines(item, below, len(below)) for item in value)
    return f"[\n{body}\n{indent}]"


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_line(key)}: {_line(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_line, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
