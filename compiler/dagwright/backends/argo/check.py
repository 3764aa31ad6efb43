"""Checks for values that a manifest cannot contain, reported at their place in the spec (E640-E649, W648)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.partition import MOST_CALLS, ROOM
from dagwright.backends.argo.exprlang.escape import has_tag
from dagwright.backends.argo.exprlang.printer import exprlang_unsupported
from dagwright.backends.argo.fit.objects import MOST_BYTES
from dagwright.backends.argo.fit.objects import MOST_TEMPLATES as MOST_TEMPLATES
from dagwright.backends.argo.manifest import Printed
from dagwright.backends.argo.patch.check import check_patch, patch_texts
from dagwright.backends.argo.settings import settings
from dagwright.diagnostics.model import Report
from dagwright.ir.model import ForEach, Pipeline, Task, expressions
from dagwright.ir.types import Type
from dagwright.source.span import Span

MOST_PARAMETERS = 500
MOST_DAG_TASKS = MOST_CALLS

_BYTES_A_NODE = 50  # compressed size of a task in the status of a Workflow

# Below these sizes no limit can be reached, so the manifest is not printed just to measure it.
_FEW_TASKS = 40
_FEW_EXPRESSIONS = 300
_FEW_BYTES = 1 << 18


def check_pipeline(pipeline: Pipeline, report: Report, printed: Callable[[Pipeline], Printed]) -> None:
    """Run all checks; the limits last, because they need the manifest."""
    before = len(report.diagnostics)
    _check_images(pipeline, report)
    _check_patch(pipeline, report)
    for task in pipeline.all_tasks:
        _check_workdir(task, report)
        _check_tags(task, report)
        _check_expressions(task, report)
    if len(report.diagnostics) == before and _may_be_large(pipeline):
        _check_limits(pipeline, report, printed)
    for task in pipeline.all_tasks:
        _warn_of_lost_modes(task, report)


def _check_images(pipeline: Pipeline, report: Report) -> None:
    """Report one error for all tasks without an image: one line of the spec fixes them."""
    without = [task for task in pipeline.all_tasks if task.image is None]
    if not without or settings(pipeline).image is not None:
        return
    first = without[0].name
    who = f"`{first}` has" if len(without) == 1 else f"`{first}` and {len(without) - 1} more tasks have"
    report.error(
        "E644",
        f"{who} no image, and Argo runs every task in a container",
        without[0].origin,
        label="needs an `image`",
        help="add `image: python:3.11` to the task or to `defaults`, or `targets: {argo: {image: python:3.11}}`",
    )


def _check_patch(pipeline: Pipeline, report: Report) -> None:
    patch = settings(pipeline).patch
    if not patch.entries or not check_patch(patch, report):
        return
    for text, span in patch_texts(patch):
        if has_tag(text):
            _report_tag("patch", span, report, "texts of a patch are copied into the manifest unchanged")


def _check_workdir(task: Task, report: Report) -> None:
    if task.workdir is not None and not task.workdir.startswith("/"):
        report.error(
            "E645",
            "a container needs an absolute `workdir` on Argo",
            task.origin_of("workdir"),
            label="relative",
            notes=["Kubernetes does not know the image's own directory, to which this would be relative"],
            help=f"write the whole path inside the image, such as `workdir: /app/{task.workdir}`",
        )


def _warn_of_lost_modes(task: Task, report: Report) -> None:
    """Warn about directories of a fan-out: they are stored file by file, without modes, to be read as one directory."""
    for artifact in task.inputs:
        if artifact.fan_out and artifact.type is Type.DIRECTORY:
            report.warning(
                "W648",
                "on Argo the directories of a fan-out lose executable bits and empty folders",
                artifact.origin,
                label=f"the directories of all instances of `{artifact.task}`",
                help="write an archive as a `file` where they matter",
            )


def _tag_places(task: Task) -> Iterator[tuple[str, str, Span]]:
    """Texts outside argv and environment in which Argo replaces tags: a description, the text, and its place."""
    if task.workdir is not None:
        yield "workdir", task.workdir, task.origin_of("workdir")
    if task.image is not None:
        yield "image", task.image, task.origin_of("image")
    for output in task.outputs:
        yield "filename", output.filename, output.origin


def _check_tags(task: Task, report: Report) -> None:
    for what, text, span in _tag_places(task):
        if has_tag(text):
            _report_tag(
                what, span, report, "in argv, scripts and `env`, where Kubernetes expands variables, `{{` is kept"
            )


def _report_tag(what: str, span: Span, report: Report, note: str) -> None:
    report.error(
        "E646",
        f"Argo would read the `{{{{` in this {what} as the start of a tag",
        _brace(span),
        label="cannot be kept as it is",
        notes=[note],
        help=f"write the {what} without `{{{{`",
    )


def _check_expressions(task: Task, report: Report) -> None:
    for root in expressions(task):
        for part, reason in exprlang_unsupported(root):
            report.error(
                "E647",
                "target `argo` cannot evaluate this expression",
                part.origin,
                label=reason,
                help="compute it in a task's script, and read it there from a variable of `env`",
            )


def _brace(span: Span) -> Span:
    """The span of the two braces, or the whole span if they are not written literally."""
    at = span.source.text.find("{{", span.start, span.end)
    return span.part(at - span.start, at - span.start + 2) if at >= 0 else span


def _may_be_large(pipeline: Pipeline) -> bool:
    tasks = pipeline.all_tasks
    if len(tasks) >= _FEW_TASKS or len(pipeline.params) > _FEW_EXPRESSIONS:
        return True
    texts = sum(len(task.origin.source.text) for task in tasks[:1])
    many = any(sum(1 for _ in expressions(task)) > _FEW_EXPRESSIONS for task in tasks)
    return many or texts > _FEW_BYTES or any(_is_wide(task) for task in tasks)


def _is_wide(task: Task) -> bool:
    """Whether the manifest lists many instances."""
    return task.fan_out is not None and not isinstance(task.fan_out, ForEach)


def _check_limits(pipeline: Pipeline, report: Report, printed: Callable[[Pipeline], Printed]) -> None:
    """Report limits exceeded even after the pipeline is cut as far as possible."""
    by_template = {names.kebab(task.name): task for task in pipeline.all_tasks}
    if len(pipeline.finally_tasks) > ROOM:
        _too_many(
            report,
            pipeline.finally_tasks[ROOM].origin,
            f"`finally` makes a DAG of {len(pipeline.finally_tasks):,} tasks on Argo, which takes {ROOM}",
            "E641",
        )
        return
    manifest = printed(pipeline)
    objects: list[Any] = [*manifest.objects]
    for template in (t for o in objects if o["kind"] != "CronWorkflow" for t in o["spec"]["templates"]):
        owner = by_template.get(template["name"].partition("--")[0])
        span = owner.origin if owner is not None else pipeline.origin
        parameters = template.get("inputs", {}).get("parameters", ())
        if len(parameters) > MOST_PARAMETERS:
            _too_many(
                report,
                span,
                f"hands {len(parameters):,} values to one task on Argo, which takes {MOST_PARAMETERS}",
                "E642",
            )
    for text in manifest.texts if not report.failed else ():
        size = len(text.encode())
        if size > MOST_BYTES:
            what = f"makes an object of {size:,} bytes; Kubernetes takes {MOST_BYTES:,}"
            _too_many(report, pipeline.origin, what, "E643")
    if not report.failed and sum(map(len, manifest.texts)) > MOST_BYTES // 2:
        _check_run(pipeline, objects, report)


def _check_run(pipeline: Pipeline, objects: list[Any], report: Report) -> None:
    """Warn if the Workflow of a run, which stores all called templates, exceeds the limit of Argo's controller."""
    templates = sum(len(json.dumps(o["spec"], separators=(",", ":"))) for o in objects)
    size = templates + _BYTES_A_NODE * len(pipeline.all_tasks)
    if size > MOST_BYTES:
        report.warning(
            "W643",
            f"a run may outgrow Argo: about {size:,} bytes, and it keeps {MOST_BYTES:,}",
            pipeline.origin,
            label="very large",
            notes=["a Workflow keeps every template that it has called; past the limit it ends as Error"],
            help="divide the pipeline into several, or raise MAX_WORKFLOW_SIZE of the controller and etcd's limit",
        )


def _too_many(report: Report, span: Span, what: str, code: str) -> None:
    report.error(
        code,
        f"pipeline {what}",
        span,
        label="too large for Argo",
        help="divide the pipeline into several, or turn tasks of one kind into one task with `matrix`",
    )
