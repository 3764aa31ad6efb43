"""The trace of a run: the final states of its tasks, in the form for comparing runs of all engines."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

from dagwright.meaning.values import trace_value
from dagwright.runtime.masking import Mask
from dagwright.runtime.state import Job, Node

REFUSED = {"status": "refused"}


def make_trace(status: str, nodes: Mapping[str, Node], mask: Mask) -> Dict[str, Any]:
    """`{"status", "tasks": {id: {"state", "attempts", "outputs"} | {"state", "instances": [...]}}}`, secrets masked."""
    return {"status": status, "tasks": {name: _node_entry(node, mask) for name, node in nodes.items()}}


def _node_entry(node: Node, mask: Mask) -> Dict[str, Any]:
    if node.state == "not_selected":
        return {"state": node.state}
    if node.is_fan_out:
        return {"state": node.state, "instances": [_job_entry(node, job, mask) for job in node.jobs]}
    if not node.jobs:
        return {"state": node.state, "attempts": 0, "outputs": {}}
    return _job_entry(node, node.jobs[0], mask)


def _job_entry(node: Node, job: Job, mask: Mask) -> Dict[str, Any]:
    outputs = _typed_outputs(node, job, mask)
    return {"state": job.state or "cancelled", "attempts": job.attempts, "outputs": outputs}


def _typed_outputs(node: Node, job: Job, mask: Mask) -> Dict[str, Any]:
    if job.state != "succeeded":
        return {}
    found: Dict[str, Any] = {}
    for output in node.task.outputs:
        found[output["name"]] = TRACED[output["type"]](job, output, mask)
    return found


def _value(job: Job, output: Mapping[str, Any], mask: Mask) -> Any:
    return mask.data(trace_value(job.outputs[output["name"]], output["type"]))


def _digest(job: Job, output: Mapping[str, Any], mask: Mask) -> Dict[str, Any]:
    return {"sha256": job.written[output["name"]]["sha256"]}


# The functions from a job and one of its outputs to the entry in a trace, by the type of the output.
TRACED: Dict[str, Callable[[Job, Mapping[str, Any], Mask], Any]] = {
    "string": _value,
    "integer": _value,
    "number": _value,
    "boolean": _value,
    "json": _value,
    "file": _digest,
    "directory": _digest,
}
