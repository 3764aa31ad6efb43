"""A strict offline check of Argo manifests: an unknown key is an error.

The check uses two files from Argo in a folder: `schema.json`, generated from Go types, and `crds`, the definitions of
a cluster. It corrects both: some values that they allow are refused by Argo, and the other way around.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

Schema = dict[str, Any]

PREFIX = "io.argoproj.workflow.v1alpha1."
KINDS = {
    "Workflow": "workflows",
    "WorkflowTemplate": "workflowtemplates",
    "CronWorkflow": "cronworkflows",
    "ClusterWorkflowTemplate": "clusterworkflowtemplates",
    "WorkflowEventBinding": "workfloweventbindings",
}
NUMBER_OR_TEXT: Schema = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
SCALAR: Schema = {"type": ["string", "number", "boolean"]}
_UNSIGNED = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)"
QUANTITY: Schema = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": rf"^[+-]?{_UNSIGNED}([KMGTPE]i|[numkMGTPE]|[eE][+-]?{_UNSIGNED})?$"},
    ]
}


class Loader(yaml.SafeLoader):
    """A loader of YAML as in Kubernetes: no timestamps, and a repeated key is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {twice!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep=True)


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(text: str) -> list[Any]:
    """The objects of a manifest."""
    return [found for found in yaml.load_all(text, Loader=Loader) if found]


@dataclass(frozen=True)
class Strict:
    """The checker for one version of Argo, with its files in `folder`."""

    folder: Path

    def check(self, found: Any) -> list[str]:
        """The errors in an Argo object."""
        kind = found.get("kind")
        if kind not in KINDS or not str(found.get("apiVersion")).startswith("argoproj.io/"):
            return [f"no object of Argo: {kind}"]
        oracles = {"schema": by_types(self.folder, kind), "definition": by_definition(self.folder, kind)}
        wrong = [
            f"{name}: {error.json_path}: {error.message[:160]}"
            for name, oracle in oracles.items()
            for error in oracle.iter_errors(found)
        ]
        return wrong + [f"rule: {path}: {text}" for path, text in broken_rules(found)]


@cache
def types(folder: Path) -> Schema:
    """All definitions of `schema.json`, made strict."""
    found: Schema = json.loads(Path(folder, "schema.json").read_text(encoding="utf-8"))["definitions"]
    found["io.k8s.apimachinery.pkg.util.intstr.IntOrString"] = NUMBER_OR_TEXT
    found["io.k8s.apimachinery.pkg.api.resource.Quantity"] = QUANTITY
    for name, definition in found.items():
        properties = definition.get("properties", {})
        if definition.get("type") == "object" and properties:
            definition["additionalProperties"] = False
        ports = name.endswith(("HTTPGetAction", "TCPSocketAction"))
        for key in properties:
            # These are texts in Swagger, but the Go types accept texts and numbers.
            if key in ("minAvailable", "maxUnavailable") or (key == "port" and ports):
                properties[key] = NUMBER_OR_TEXT
    for name in ("NoneStrategy", "ZipStrategy", "RetryNodeAntiAffinity", "SuppliedValueFrom"):
        found[PREFIX + name]["additionalProperties"] = False
    # Argo's type AnyString accepts every scalar.
    for name, keys in {"Parameter": ("value", "default"), "ValueFrom": ("default",)}.items():
        found[PREFIX + name]["properties"].update(dict.fromkeys(keys, SCALAR))
    found[PREFIX + "Parameter"]["properties"]["enum"] = {"type": "array", "items": SCALAR}
    return found


@cache
def by_types(folder: Path, kind: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/definitions/{PREFIX}{kind}", "definitions": types(folder)})


@cache
def by_definition(folder: Path, kind: str) -> Draft202012Validator:
    """The custom resource definition of a kind as a JSON schema."""
    text = Path(folder, "crds", f"argoproj.io_{KINDS[kind]}.yaml").read_text(encoding="utf-8")
    definition = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    whole = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    template = template_of(whole)
    converted = closed(whole, template is not None)
    converted["properties"]["metadata"] = metadata(folder)
    if template is not None:
        converted["definitions"] = {"template": closed(template, True)}
    return Draft202012Validator(converted)


def template_of(whole: Schema) -> Schema | None:
    """The part of a definition that describes templates."""
    spec = whole["properties"]["spec"]["properties"]
    spec = spec.get("workflowSpec", {}).get("properties", spec)
    found: Schema | None = spec.get("templates", {}).get("items")
    return found


def metadata(folder: Path) -> Schema:
    """The schema of an object's metadata, which definitions leave to the server."""
    known = copy.deepcopy(types(folder)["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"]["properties"])
    texts: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
    properties = {key: {"type": "string"} if is_.get("type") == "string" else {} for key, is_ in known.items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties | {"labels": texts, "annotations": texts},
    }


DROPPED = ("properties", "items", "additionalProperties", "description", "format")


def closed(part: Any, templates: bool) -> Any:
    """A part of a definition as a JSON schema without unknown keys; other parts are unchanged."""
    if not isinstance(part, dict):
        return part
    if part.get("x-kubernetes-int-or-string"):
        return NUMBER_OR_TEXT
    found = {key: value for key, value in part.items() if not key.startswith("x-") and key not in DROPPED}
    is_open = bool(part.get("x-kubernetes-preserve-unknown-fields"))
    if "properties" in part:
        found["properties"] = {key: closed_property(key, value, templates) for key, value in part["properties"].items()}
    if isinstance(part.get("additionalProperties"), dict):
        found["additionalProperties"] = closed(part["additionalProperties"], templates)
    elif part.get("type") == "object" and not is_open:
        found["additionalProperties"] = False
    if "items" in part:
        found["items"] = closed(part["items"], templates)
    if part.get("nullable") and "type" in part:
        found["type"] = [part["type"], "null"]
    return found


def closed_property(key: str, value: Any, templates: bool) -> Any:
    if key == "inline" and value.get("x-kubernetes-preserve-unknown-fields") and templates:
        return {"$ref": "#/definitions/template"}  # definitions cannot express recursive templates
    return {"type": "array"} if key == "withItems" else closed(value, templates)


# The CEL rules of the definitions, by kind of object.
Rule = tuple[str, Callable[[Mapping[str, Any]], bool]]
LOCATIONS = ("s3", "git", "http", "artifactory", "hdfs", "raw", "oss", "gcs", "azure", "plugin")
BODIES = ("container", "script", "dag", "steps", "resource", "suspend", "containerSet", "data", "http", "plugin")


def _has(*keys: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda found: all(key in found for key in keys)


def _crowded(keys: tuple[str, ...]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda found: sum(key in found for key in keys) > 1


def _inner(key: str) -> Callable[[Mapping[str, Any]], bool]:
    return lambda found: bool(found.get(key)) and ("steps" in found or "dag" in found)


def _digit(found: Mapping[str, Any]) -> bool:
    return ("depends" in found or "dependencies" in found) and str(found.get("name", ""))[:1].isdecimal()


def _late_gauge(found: Mapping[str, Any]) -> bool:
    return bool(found.get("realtime")) and "resourcesDuration." in found.get("value", "")


RULES: dict[str, tuple[Rule, ...]] = {
    r"(templates\[\d+\]|templateDefaults|inline)$": (
        ("a template has one type", _crowded(BODIES)),
        ("timeout is not for steps and DAGs", _inner("timeout")),
        ("activeDeadlineSeconds is not for steps and DAGs", _inner("activeDeadlineSeconds")),
    ),
    r"artifacts\[\d+\]$": (("an artifact has one location", _crowded(LOCATIONS)),),
    r"tasks\[\d+\]$": (
        ("depends excludes dependencies", _has("depends", "dependencies")),
        ("depends excludes continueOn", _has("depends", "continueOn")),
        ("a name that others depend on does not begin with a digit", _digit),
    ),
    r"\.withSequence$": (("count excludes end", _has("count", "end")),),
    r"\.resource$": (("manifest excludes manifestFrom", _has("manifest", "manifestFrom")),),
    r"\.gauge$": (("durations are not for gauges in real time", _late_gauge),),
}


def broken_rules(found: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The violated rules, each with its place."""
    if isinstance(found, list):
        for at, item in enumerate(found):
            yield from broken_rules(item, f"{path}[{at}]")
    elif isinstance(found, dict):
        for place, rules in RULES.items():
            if re.search(place, path):
                yield from ((path, text) for text, broken in rules if broken(found))
        for key, value in found.items():
            yield from broken_rules(value, f"{path}.{key}")
