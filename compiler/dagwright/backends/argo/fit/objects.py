"""The pass that places templates in the objects of a manifest; one object if all templates fit.

Otherwise the pipeline's own object contains only the first DAG and that of `finally`. The other templates are stored in
WorkflowTemplates of the same file, and DAGs call them by `templateRef`; templates of a Workflow cannot be called from
outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dagwright.backends.argo.build.part import COMMON, common_templates
from dagwright.backends.argo.model import Dag, DagTask, Items, Template, Workflow
from dagwright.backends.argo.plain import template_data
from dagwright.ir.model import Pipeline
from dagwright.printing.yaml import document

# Limits from the definitions of Argo's objects, and Kubernetes' size limit of an object.
MOST_TEMPLATES = 200
MOST_BYTES = 1 << 20

_ROOM_TEMPLATES = MOST_TEMPLATES - 4  # every object contains the common templates
_ROOM_BYTES = MOST_BYTES * 3 // 4  # the rest is for indents, metadata, and `templateRef`s, which are longer than names


@dataclass(frozen=True, slots=True)
class ManifestObject:
    """The templates of one object; the name is empty for the pipeline's own object.

    `on_exit` is the template of the exit handler, in the pipeline's own object.
    """

    name: str
    templates: tuple[Template, ...]
    on_exit: str = ""


def library_prefix(pipeline: Pipeline) -> str:
    """The prefix of the names of further objects; with a three-digit number, names have at most 63 characters."""
    return f"{pipeline.name}-{pipeline.digest[:6]}"


def place_templates(workflow: Workflow) -> tuple[ManifestObject, ...]:
    """The objects of a manifest: the pipeline's own, then the others."""
    prefix = library_prefix(workflow.pipeline)
    chunks = _chunks(workflow.templates, workflow.on_exit)
    if len(chunks) == 1:
        return (ManifestObject("", workflow.templates, workflow.on_exit),)
    libraries = [f"{prefix}-{at}" if at else "" for at in range(len(chunks))]
    library_of = {template.name: name for name, chunk in zip(libraries, chunks, strict=True) for template in chunk}
    own, *others = (
        ManifestObject(name, (*(_linked(template, name, library_of) for template in chunk), *common_templates(chunk)))
        for name, chunk in zip(libraries, chunks, strict=True)
    )
    return (replace(own, on_exit=workflow.on_exit), *others)


def _chunks(templates: Sequence[Template], on_exit: str) -> list[list[Template]]:
    """The templates of each object; the common templates only if there is one object."""
    if len(templates) <= MOST_TEMPLATES and _are_small(templates):
        return [[*templates]]
    first = [templates[0], *(template for template in templates if template.name == on_exit)]
    others = [template for template in templates[1:] if template.name not in COMMON and template.name != on_exit]
    chunks: list[list[Template]] = [first, []]
    size, whole = 0, sum(map(_size, first))
    for template in others:
        more = _size(template)
        if chunks[-1] and (len(chunks[-1]) >= _ROOM_TEMPLATES or size + more > _ROOM_BYTES):
            chunks.append([])
            size = 0
        chunks[-1].append(template)
        size += more
        whole += more
    return chunks if len(templates) > MOST_TEMPLATES or whole > _ROOM_BYTES else [[*templates]]


def _size(template: Template) -> int:
    """The printed size of a template in bytes."""
    return len(document(template_data(template)).encode())


def _are_small(templates: Sequence[Template]) -> bool:
    """Whether the templates are far below the size limit, without printing them."""
    return len(templates) < 40 and sum(map(_weight, templates)) < MOST_BYTES // 4


def _weight(template: Template) -> int:
    """The approximate printed size of a template."""
    match template:
        case Dag(tasks=tasks):
            return _size(replace(template, tasks=())) + sum(map(_task_weight, tasks))
        case _:
            return _size(template)


def _task_weight(task: DagTask) -> int:
    """The approximate printed size of a DAG task."""
    weight = 80 + len(task.depends) + len(task.when or "")
    for argument in task.call.arguments:
        weight += 40 + len(str(argument.value))
    if isinstance(task.call.loop, Items):
        weight += sum(20 + len(text) for item in task.call.loop.items for _, text in item)
    return weight + 120 * len(task.call.artifacts)


def _linked(template: Template, here: str, library_of: dict[str, str]) -> Template:
    """The template with `templateRef`s to templates in other objects."""
    if not isinstance(template, Dag):
        return template

    def linked(task: DagTask) -> DagTask:
        library = library_of.get(task.call.template, here)
        return task if library == here else replace(task, call=replace(task.call, library=library))

    return replace(template, tasks=tuple(map(linked, template.tasks)))
