"""Editor support: copies of the schemas, the line that names a schema, and settings for VS Code."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from itertools import takewhile
from pathlib import Path

from dagwright.backends.backend import Artifact
from dagwright.cli.recognize import Kind, kind_of
from dagwright.schema.published import KINDS, file_name, schema_text
from dagwright.schema.targets import Schema

HOME = Path(".dagwright")
FOLDER = HOME / "schema"
_MODELINE = "# yaml-language-server: $schema="
SETTINGS = Path(".vscode", "settings.json")
_IGNORE = HOME / ".gitignore"
_IGNORED_RUNS = "*\n"  # the .gitignore that a run writes there
_KEPT_SCHEMAS = "# git keeps the schemas and ignores the runs\n*\n!.gitignore\n!schema/\n!schema/*\n"
_KIND_OF_SCHEMA = {Kind.SPEC: "pipeline", Kind.COMPONENTS: "component"}


def modeline(folder: str, kind: str = "pipeline", schemas: Path = FOLDER) -> str:
    """The comment that tells the YAML language server the schema of a file in `folder`."""
    return _MODELINE + Path(os.path.relpath(schemas / file_name(kind), folder or ".")).as_posix()


def schema_files(base: Path, fragments: Mapping[str, Schema] | None = None) -> list[Artifact]:
    """The copies of the schemas below a folder, and a `.gitignore` that keeps them in git."""
    files = [Artifact((FOLDER / file_name(kind)).as_posix(), schema_text(kind, fragments)) for kind in KINDS]
    ignore = base / _IGNORE
    if not ignore.exists() or ignore.read_bytes() == _IGNORED_RUNS.encode():
        files.append(Artifact(_IGNORE.as_posix(), _KEPT_SCHEMAS))
    return files


def installed_above(place: Path) -> Path | None:
    """The folder with copies of the schemas in the nearest folder above a place, or None."""
    return next((above / FOLDER for above in place.parents if (above / FOLDER / file_name("pipeline")).is_file()), None)


def names_schema(path: str) -> bool:
    """Whether a file names its schema itself, by a comment before everything else."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return any(line.startswith(_MODELINE) for line in takewhile(_is_comment, file))


def _is_comment(line: str) -> bool:
    return line.startswith("#") or not line.strip()


def vscode_settings(specs: Iterable[str]) -> dict[str, object]:
    """VS Code's settings that give each spec and component file its schema."""
    files: dict[str, list[str]] = {}
    for path in specs:
        kind = _KIND_OF_SCHEMA[kind_of(path)]
        files.setdefault(f"./{(FOLDER / file_name(kind)).as_posix()}", []).append(Path(path).as_posix())
    return {"yaml.schemas": files}


def has_settings(wanted: Mapping[str, object]) -> bool:
    """Whether VS Code's settings already contain these; a file with comments cannot be read, so False."""
    try:
        there = json.loads(SETTINGS.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(there, dict) and all(there.get(key) == value for key, value in wanted.items())
