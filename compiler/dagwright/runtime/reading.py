"""The values that expressions read during a run: params, other tasks, the current instance, the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

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
        return RUN_FIELDS[name](self)


def run_date(facts: RunFacts) -> str:
    """The date of a run, in the time zone of the pipeline."""
    moment = parse_instant(facts.scheduled_at)
    local = moment if facts.timezone == "UTC" else moment.astimezone(find_zone(facts.timezone))
    return apply_date_pattern(local, "YYYY-MM-DD")


# The facts about a run, by the names of their references.
RUN_FIELDS: Dict[str, Callable[[RunFacts], str]] = {
    "id": lambda facts: facts.id,
    "scheduled_at": lambda facts: facts.scheduled_at,
    "date": run_date,
    "status": lambda facts: facts.status,
}


class RunScope(Scope):
    """The scope of a task, or of one instance: `job` is None before the instances exist."""

    def __init__(self, facts: RunFacts, nodes: Mapping[str, Node], node: Node, job: Optional[Job], out: str) -> None:
        self.facts, self.nodes, self.node, self.job, self.out = facts, nodes, node, job, out

    def param(self, name: str) -> Bound:
        return self.facts.params[name]

    def output(self, task: str, name: str) -> Optional[str]:
        producer = self.nodes[task]
        return producer.jobs[0].outputs[name] if producer.has_outputs else None

    def outputs(self, task: str, name: str) -> Optional[Sequence[str]]:
        producer = self.nodes[task]
        return producer.texts(name) if producer.has_outputs else None

    def status(self, task: str) -> str:
        return self.nodes[task].counted_state

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
    return next(make(fan_out, scope) for key, make in FAN_OUTS.items() if key in fan_out)


def from_rows(fan_out: Mapping[str, Any], scope: Scope) -> List[Binding]:
    """One instance per row of a matrix."""
    return [(dict(zip(fan_out["axes"], row)), None) for row in fan_out["rows"]]


def from_items(fan_out: Mapping[str, Any], scope: Scope) -> List[Binding]:
    """One instance per item of a list in the spec."""
    return at_most(fan_out["items"])


def from_source(fan_out: Mapping[str, Any], scope: Scope) -> List[Binding]:
    """One instance per item of a list that is computed."""
    return at_most(items(fan_out["source"], scope))


def at_most(found: Sequence[Bound]) -> List[Binding]:
    """One instance per item. Raises EvaluationError if there are too many."""
    if len(found) > MAX_INSTANCES:
        raise EvaluationError(f"the list has {len(found):,} items, and {MAX_INSTANCES:,} is the most")
    return [({}, item) for item in found]


# The kinds of fan-outs, by their key in the plan.
FAN_OUTS: Dict[str, Callable[[Mapping[str, Any], Scope], List[Binding]]] = {
    "rows": from_rows,
    "items": from_items,
    "source": from_source,
}
