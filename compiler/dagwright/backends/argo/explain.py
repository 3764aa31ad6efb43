"""Readable lines about the cuts of a manifest and their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.analysis.partition import MOST_CALLS, Part
from dagwright.backends.argo.fit.objects import MOST_BYTES, MOST_TEMPLATES
from dagwright.backends.argo.manifest import manifest
from dagwright.ir.model import Pipeline
from dagwright.printing.yaml import document


def divided(pipeline: Pipeline) -> tuple[str, ...]:
    """One line per part and per object, each group below its reason; empty if the manifest is not cut."""
    facts = Facts(pipeline)
    return (*_parts(facts), *_objects(manifest(pipeline)))


def _parts(facts: Facts) -> Iterator[str]:
    parts = facts.partition.parts
    if not parts:
        return
    count = len(facts.pipeline.tasks)
    yield f"{count:,} tasks in {len(parts)} parts, since one DAG takes {MOST_CALLS}; a part waits for whole parts"
    for part in parts:
        yield "  " + ", ".join([f"{part.name}: {_shown(part)}", *_reasons(facts, part)])


def _shown(part: Part) -> str:
    first, *rest = (task.name for task in part.tasks)
    return f"{len(part.tasks)} tasks, {first} to {rest[-1]}" if rest else f"1 task, {first}"


def _reasons(facts: Facts, part: Part) -> Iterator[str]:
    """The parts that a part waits for, each with an example of a need between them."""
    home = facts.partition.part_of
    for other in part.after:
        edges = [(task.name, need) for task in part.tasks for need in task.needs if home[need] == other]
        reader, need = edges[0]
        more = f" and {len(edges) - 1} more" if len(edges) > 1 else ""
        yield f"after {other} ({reader} needs {need}{more})"


def _objects(objects: list[Any]) -> Iterator[str]:
    holders = [found for found in objects if "templates" in found["spec"]]
    if len(holders) < 2:
        return
    yield (
        f"{len(holders)} objects, since one takes {MOST_TEMPLATES} templates and {MOST_BYTES:,} bytes; "
        "create all of them"
    )
    for found in holders:
        metadata, size = found["metadata"], len(document(found).encode())
        name = metadata.get("name") or metadata["generateName"]
        yield f"  {found['kind']} {name}: {len(found['spec']['templates'])} templates, {size:,} bytes"
