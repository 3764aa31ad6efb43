"""The judge of files on a page, with the tool for each kind of file that needs no network and no engine."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema.validators import validator_for
from ruamel.yaml import YAML

from dagwright.compile import ComponentFile, Options, check_targets, emit, load_any, targets_of
from dagwright.diagnostics.model import Report

# Published schemas of hosts, from the package check-jsonschema: the end of a path, and its schema.
_HOSTS = {
    ".github/workflows/": "github-workflows",
    ".gitlab-ci.yml": "gitlab-ci",
    "action.yml": "github-actions",
}


def judge(path: Path, root: Path) -> list[str]:
    """The errors in a file; component files must be inside the folder `root`."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        compile(text, str(path), "exec")
    elif path.suffix == ".json":
        json.loads(text)
    elif path.suffix in (".yaml", ".yml"):
        if is_spec(path):
            return of_spec(path, root)
        host = next((schema for place, schema in _HOSTS.items() if place in path.as_posix()), None)
        if host is not None:
            return of_host(host, load_yaml(text))
        return [wrong for found in load_all_yaml(text) for wrong in of_object(found)]
    return []


def is_spec(path: Path) -> bool:
    """Whether a file is a spec or a component file."""
    return path.suffix == ".yaml" and "\napiVersion: dagwright/v1\n" in "\n" + path.read_text(encoding="utf-8")


def of_spec(path: Path, root: Path) -> list[str]:
    """The compiler's errors for a spec, for the targets that it names."""
    report, options = Report(), Options(root=str(root))
    found = load_any(str(path), options, report)
    if found is not None and not isinstance(found, ComponentFile):
        targets = targets_of(found, ())
        check_targets(found, targets, options, report)
        if not report.failed:
            emit(found, targets)
    return [f"{path.name}: {said.code}: {said.message}" for said in report.diagnostics]


def of_host(name: str, found: Any) -> list[str]:
    """The errors in a file by the schema of its host."""
    schema = schema_of(name)
    if schema is None:
        return []
    checker = validator_for(schema)(schema)
    return [f"{name}: {error.json_path}: {error.message[:200]}" for error in checker.iter_errors(found)]


@cache
def schema_of(name: str) -> Any:
    """The schema of a host, or None if check-jsonschema is not installed."""
    package = importlib.util.find_spec("check_jsonschema")
    if package is None or package.origin is None:
        return None
    file = Path(package.origin).parent / "builtin_schemas" / "vendor" / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8"))


def of_object(found: Any) -> list[str]:
    """The errors in a Kubernetes object; other files are valid if they can be parsed."""
    if not isinstance(found, dict) or "apiVersion" not in found:
        return []
    named = found.get("metadata", {}).keys() & {"name", "generateName"} or found.get("kind") == "Kustomization"
    return [] if named and found.get("kind") else [f"an object without kind or name: {found}"]


def load_yaml(text: str) -> Any:
    """YAML 1.2, in which `on` is a word; a repeated key is an error."""
    return YAML(typ="safe", pure=True).load(text)


def load_all_yaml(text: str) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(text))
