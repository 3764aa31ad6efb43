"""Argo Workflows as an engine: all manifests on one cluster of the testbed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagwright.backends.argo.settings import settings
from dagwright.ir.model import Pipeline
from dagwright.ir.types import Type
from dagwright.meaning.values import to_json_value
from dagwright.runtime.inputs import text_of_json
from engines import argo_run, argo_testbed
from engines.marked import TITLES
from engines.missing import Unavailable

from .engine import Job, Outcome

TIMEOUT = 240


class Argo:
    """The testbed. Every image is the machine itself there, so any image works."""

    title = TITLES["argo"]
    target = "argo"
    attempts_count_on = False

    def missing(self) -> str:
        try:
            argo_testbed.program()
        except Unavailable as why:
            return str(why)
        return ""

    def place(self, pipeline: Pipeline) -> Pipeline:
        target = settings(pipeline)
        return replace(
            pipeline, targets=pipeline.targets.replace("argo", replace(target, image=target.image or "busybox"))
        )

    def run(self, jobs: Sequence[Job], scratch: Path) -> list[Outcome]:
        cases = [argo_run.Case(job.pipeline, params_of(job), job.secrets) for job in jobs]
        retries = [tuple(argo_run.Retry(step.task, step.index) for step in job.then) for job in jobs]
        tries = argo_run.run_with_retries(cases, retries, scratch, timeout=TIMEOUT)
        return [outcome_of_tries(job.pipeline, found) for job, found in zip(jobs, tries, strict=True)]


def params_of(job: Job) -> dict[str, str]:
    """The params as texts, as for `argo submit -p`."""
    kinds = {param.name: param.type for param in job.pipeline.params}
    return {name: param_text(value, kinds.get(name, Type.STRING)) for name, value in job.params.items()}


def param_text(value: Any, kind: Type) -> str:
    """The text of a param; a value of the wrong type is passed unchanged."""
    text = text_of_json(to_json_value(value), kind.value)
    if text is None:
        text = value if isinstance(value, str) else json.dumps(value)
    return text


def outcome_of_tries(pipeline: Pipeline, found: Sequence[dict[str, Any]]) -> Outcome:
    first, *others = (outcome_of(pipeline, one) for one in found)
    return replace(first, then=tuple(others))


def outcome_of(pipeline: Pipeline, found: dict[str, Any]) -> Outcome:
    if "error" in found:
        return Outcome(problem="\n".join([found["error"], *map(line_of, (found.get("nodes") or {}).values())]))
    return Outcome(argo_run.read_trace(pipeline, found), argo_run.times_of(pipeline, found))


def line_of(node: Mapping[str, Any]) -> str:
    """A line about an unfinished node of a Workflow, for messages."""
    return f"{node['name']}: {node['type']} {node.get('phase', '')} {node.get('message', '')}".rstrip()


ARGO = Argo()
