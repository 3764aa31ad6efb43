"""The objects of a manifest and their templates: a single object, the pipeline's own, if all templates fit.

Otherwise the pipeline's own object contains only the first DAG. The other templates are stored in WorkflowTemplates of
the same file, and DAGs call them by `templateRef`; templates of a Workflow cannot be called from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dagwright.backends.argo.build.part import common_templates, is_common
from dagwright.ir.model import Pipeline
from dagwright.printing.yaml import Data, document

Template: TypeAlias = dict[str, Data]

# Limits from the definitions of Argo's objects, and Kubernetes' size limit of an object.
MOST_TEMPLATES = 200
MOST_BYTES = 1 << 20

_ROOM_TEMPLATES = MOST_TEMPLATES - 4  # every object contains the common templates
_ROOM_BYTES = MOST_BYTES * 3 // 4  # the rest is for indents, metadata, and `templateRef`s, which are longer than names


@dataclass(frozen=True, slots=True)
class Held:
    """The templates of one object; the name is empty for the pipeline's own object."""

    name: str
    templates: list[Template]


def library_prefix(pipeline: Pipeline) -> str:
    """The prefix of the names of further objects; with a three-digit number, names have at most 63 characters."""
    return f"{pipeline.name}-{pipeline.digest[:6]}"


def held(templates: list[Template], prefix: str) -> list[Held]:
    """The objects of a manifest: the pipeline's own, then the others."""
    chunks = _chunks(templates)
    if len(chunks) == 1:
        return [Held("", templates)]
    found = [Held(f"{prefix}-{at}" if at else "", chunk) for at, chunk in enumerate(chunks)]
    home = {str(template["name"]): one.name for one in found for template in one.templates}
    return [Held(one.name, [*(_linked(t, one.name, home) for t in one.templates), *_common(one)]) for one in found]


def _common(one: Held) -> list[Template]:
    return common_templates(one.templates)


def _chunks(templates: list[Template]) -> list[list[Template]]:
    if len(templates) <= MOST_TEMPLATES and _is_small(templates):
        return [templates]
    first, *others = (template for template in templates if not is_common(template))
    chunks: list[list[Template]] = [[first], []]
    size, whole = 0, len(document(first).encode())
    for template in others:
        more = len(document(template).encode())
        if chunks[-1] and (len(chunks[-1]) >= _ROOM_TEMPLATES or size + more > _ROOM_BYTES):
            chunks.append([])
            size = 0
        chunks[-1].append(template)
        size += more
        whole += more
    return chunks if len(templates) > MOST_TEMPLATES or whole > _ROOM_BYTES else [templates]


def _is_small(templates: Sequence[Template]) -> bool:
    """Whether the templates are far below the size limit, without printing them."""
    return len(templates) < 40 and sum(map(_weight, templates)) < MOST_BYTES // 4


def _weight(value: Data) -> int:
    """The approximate printed length of a value."""
    match value:
        case str():
            return len(value) + 8
        case dict():
            return sum(_weight(part) + 16 for part in value.values())
        case list() | tuple():
            return sum(map(_weight, value))
        case _:
            return 8


def _linked(template: Template, here: str, home: dict[str, str]) -> Template:
    """The template with `templateRef`s to templates in other objects."""
    dag: Any = template.get("dag")
    if dag is None:
        return template
    return {**template, "dag": {**dag, "tasks": [_call(call, here, home) for call in dag["tasks"]]}}


def _call(call: dict[str, Data], here: str, home: dict[str, str]) -> dict[str, Data]:
    there = home.get(str(call["template"]), here)
    if there == here:
        return call
    link: Data = {"name": there, "template": call["template"]}
    return {("templateRef" if k == "template" else k): (link if k == "template" else v) for k, v in call.items()}
