"""The data files in the package of a backend: `schema.json`, `words.json` and `page.md`.

`schema.json` is the JSON Schema of the settings, a closed mapping; the published schema contains it. `words.json` holds
words of other tools, folded, by their meaning: `names` for the target itself, `settings` for its keys, `task` for keys
of tasks that are settings here, and `values` for the values of keys. `page.md` is the documentation.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from dagwright.diagnostics.words import Words, fold
from dagwright.resources import resource

NO_SETTINGS: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {}}


def fragment(package: str) -> dict[str, Any]:
    """The schema of the settings; without a file, a mapping without keys. Raises ValueError."""
    text = _text(package, "schema.json")
    found = NO_SETTINGS if text is None else json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("it is not an object")
    return found


def words_of(target: str, package: str) -> Words:
    """The words of other tools that a backend knows. Raises ValueError, TypeError or AttributeError."""
    found = json.loads(_text(package, "words.json") or "{}")
    task = {f"targets.{target}.{key}": words for key, words in found.get("task", {}).items()}
    keys = {
        "targets": {target: found.get("names", [])},
        "pipeline": {f"targets.{target}": [fold(target)]},
        f"target {target}": found.get("settings", {}),
        "task": task,
    }
    return Words(_joined(keys), _joined(found.get("values", {})))


def _joined(tables: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, str]]:
    return {name: {ours: " ".join(words) for ours, words in table.items()} for name, table in tables.items()}


def page(target: str, package: str) -> str | None:
    """The documentation of a target, Markdown; None if there is none. The pages of this project are in `docs/`."""
    text = _text(package, "page.md")
    if text is not None:
        return text
    ours = resource("docs", "targets", f"{target}.md")
    return ours.read_text(encoding="utf-8") if package.startswith("dagwright.") and ours.is_file() else None


def _text(package: str, name: str) -> str | None:
    found = import_module(package).__file__
    place = Path(found).parent / name if found else files(package) / name
    return place.read_text(encoding="utf-8") if place.is_file() else None
