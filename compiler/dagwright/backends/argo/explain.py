"""Readable lines about the parts and objects of a manifest, and the reasons for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.analysis.partition import MOST_CALLS, Part
from dagwright.backends.argo.fit.objects import MOST_BYTES, MOST_TEMPLATES
from dagwright.backends.argo.manifest import manifest
from dagwright.ir.graph import topological
from dagwright.ir.model import Pipeline
from dagwright.printing.yaml import document


def explain_partition(pipeline: Pipeline) -> tuple[str, ...]:
    """One line per part and per object, each group below its reason, and what a retry needs; else nothing."""
    facts = Facts(pipeline)
    return (*_parts(facts), *_objects(manifest(pipeline)), *_recovery(facts))


SELECTED = "argo retry RUN --restart-successful --node-field-selector displayName="


def _recovery(facts: Facts) -> Iterator[str]:
    """The tasks that a plain retry of the run does not restart: something may have succeeded after their failure."""
    tasks = facts.pipeline.tasks
    if facts.partition.parts:
        why, first = "in a pipeline of parts", tasks[0]
    else:
        handled: dict[str, str] = {}  # each task to the one that may run after its failure
        for task in reversed(topological(tasks)):
            after = task.name if task.trigger_rule.runs_after_failure else handled.get(task.name)
            if after is not None:
                handled.update((need, after) for need in task.needs if need not in handled)
        if not handled:
            return
        first = next(task for task in tasks if task.name in handled)
        others = len(handled) - 1
        more = f" and {others} more" if others else ""
        why = f"of `{first.name}`{more}, since `{handled[first.name]}` runs after it"
    yield f"`argo retry RUN` does nothing after a failure {why}; select the task:"
    yield f"  {SELECTED}{names.kebab(first.name)}"


def _parts(facts: Facts) -> Iterator[str]:
    parts = facts.partition.parts
    if not parts:
        return
    count = len(facts.pipeline.tasks)
    yield f"{count:,} tasks in {len(parts)} parts, since one DAG takes {MOST_CALLS}; a part waits for whole parts"
    for part in parts:
        yield "  " + ", ".join([f"{part.name}: {_range(part)}", *_reasons(facts, part)])


def _range(part: Part) -> str:
    first, *rest = (task.name for task in part.tasks)
    return f"{len(part.tasks)} tasks, {first} to {rest[-1]}" if rest else f"1 task, {first}"


def _reasons(facts: Facts, part: Part) -> Iterator[str]:
    """The parts that a part waits for, each with an example of a need between them."""
    part_of = facts.partition.part_of
    for other in part.after:
        edges = [(task.name, need) for task in part.tasks for need in task.needs if part_of[need] == other]
        reader, need = edges[0]
        more = f" and {len(edges) - 1} more" if len(edges) > 1 else ""
        yield f"after {other} ({reader} needs {need}{more})"


def _objects(objects: list[Any]) -> Iterator[str]:
    with_templates = [o for o in objects if "templates" in o["spec"]]
    if len(with_templates) < 2:
        return
    yield (
        f"{len(with_templates)} objects, since one takes {MOST_TEMPLATES} templates and {MOST_BYTES:,} bytes; "
        "create all of them"
    )
    for o in with_templates:
        metadata, size = o["metadata"], len(document(o).encode())
        name = metadata.get("name") or metadata["generateName"]
        yield f"  {o['kind']} {name}: {len(o['spec']['templates'])} templates, {size:,} bytes"
