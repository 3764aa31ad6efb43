"""The values that expressions read during a run: params, other tasks, the current instance, the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from dagwright.meaning.values import EvaluationError, apply_date_pattern, find_zone, parse_instant
from dagwright.runtime.evaluate import Bound, Scope, items
from dagwright.runtime.state import Job, Node

MAX_INSTANCES = 1000


@dataclass
class RunFacts:
    """Facts about a run. `scheduled_at` is RFC 3339 in UTC; `status` is set when `finally` starts."""

    id: str
    scheduled_at: str
    timezone: str
    params: Mapping[str, str]
    status: str = ""

    def field(self, name: str) -> str:
        """`run.id`, `run.scheduled_at`, `run.date`, `run.status`."""
        if name == "date":
            moment = parse_instant(self.scheduled_at)
            local = moment if self.timezone == "UTC" else moment.astimezone(find_zone(self.timezone))
            return apply_date_pattern(local, "YYYY-MM-DD")
        return {"id": self.id, "scheduled_at": self.scheduled_at, "status": self.status}[name]


class RunScope(Scope):
    """The scope of a task, or of one instance: `job` is None before the instances exist."""

    def __init__(self, facts: RunFacts, nodes: Mapping[str, Node], node: Node, job: Optional[Job], out: str) -> None:
        self.facts, self.nodes, self.node, self.job, self.out = facts, nodes, node, job, out

    def param(self, name: str) -> Bound:
        return self.facts.params[name]

    def output(self, task: str, name: str) -> Optional[str]:
        producer = self.nodes[task]
        return producer.jobs[0].outputs[name] if producer.state == "succeeded" else None

    def outputs(self, task: str, name: str) -> Optional[Sequence[str]]:
        producer = self.nodes[task]
        return producer.texts(name) if producer.state == "succeeded" else None

    def status(self, task: str) -> str:
        return str(self.nodes[task].state)

    def matrix(self, axis: str) -> Bound:
        assert self.job is not None
        bound: Bound = self.job.matrix[axis]
        return bound

    def item(self) -> Bound:
        assert self.job is not None
        bound: Bound = self.job.item
        return bound

    def run(self, field: str) -> str:
        return self.facts.field(field)

    def in_path(self, name: str) -> str:
        given = next(given for given in self.node.task.inputs if given.name == name)
        folder = f"{self.node.inputs}/{name}"
        return folder if given.fan_out else f"{folder}/{given.filename}"

    def out_path(self, name: str) -> str:
        filename = next(output["filename"] for output in self.node.task.outputs if output["name"] == name)
        return f"{self.out}/{filename}"


Binding = Tuple[Mapping[str, Any], Any]  # values of `matrix.k` and `item` in one instance


def expand(fan_out: Optional[Mapping[str, Any]], scope: Scope) -> List[Binding]:
    """The instances of a task, in order; a task without a fan-out has one. Raises EvaluationError."""
    if fan_out is None:
        return [({}, None)]
    if "rows" in fan_out:
        return [(dict(zip(fan_out["axes"], row)), None) for row in fan_out["rows"]]
    found: Sequence[Bound] = fan_out["items"] if "items" in fan_out else items(fan_out["source"], scope)
    if len(found) > MAX_INSTANCES:
        raise EvaluationError(f"the list has {len(found):,} items, and {MAX_INSTANCES:,} is the most")
    return [({}, item) for item in found]
