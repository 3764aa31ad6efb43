"""The state of a run: one node per task, one job per instance."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Collection, Deque, Dict, List, Mapping, Optional, Sequence

from dagwright.meaning.rules import group_state
from dagwright.runtime.model import TaskPlan


@dataclass(frozen=True)
class Found:
    """A result from before: the name of its folder below `outputs/`, the attempt, and its outputs as in `Job`."""

    made: str
    attempt: int
    outputs: Mapping[str, str]
    written: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Earlier:
    """Results and attempts of a run before it starts: none, unless the run is resumed or tasks are left out.

    `results` are the results that are kept, by task and index (None without a fan-out), and `attempts` the attempts
    that were made, by the label of a job. The tasks in `left_out` do not run.
    """

    results: Mapping[str, Mapping[Optional[int], Found]] = field(default_factory=dict)
    attempts: Mapping[str, int] = field(default_factory=dict)
    left_out: Collection[str] = ()


class Job:
    """An instance of a fan-out, or the only instance of another task, with at most one attempt at a time."""

    __slots__ = ("attempts", "earlier", "index", "item", "kept", "matrix", "node", "outputs", "state", "written")

    def __init__(self, node: Node, index: Optional[int], matrix: Mapping[str, Any], item: Any) -> None:
        self.node, self.index, self.matrix, self.item = node, index, matrix, item
        self.state: Optional[str] = None
        self.attempts = 0
        self.earlier = 0  # attempts from before the run was resumed, which do not count for `retry`
        self.kept = False  # whether its result is from before the run was resumed, or from another run
        self.outputs: Dict[str, str] = {}  # texts of values, paths of artifacts; empty until success
        self.written: Mapping[str, Mapping[str, Any]] = {}  # the size and digest of each artifact

    def keep(self, found: Found) -> None:
        """Take the result of an earlier attempt."""
        self.state, self.kept, self.attempts = "succeeded", True, found.attempt
        self.outputs, self.written = dict(found.outputs), found.written

    @property
    def label(self) -> str:
        """The task's name; with the index for an instance: `train.0`."""
        return self.node.task.name if self.index is None else f"{self.node.task.name}.{self.index}"


class Node:
    """A task of the run. `jobs` is empty until the task is known to run."""

    __slots__ = ("active", "causes", "inputs", "jobs", "left", "open_needs", "readers", "state", "task", "waiting")

    def __init__(self, task: TaskPlan) -> None:
        self.task = task
        self.state: Optional[str] = None
        self.causes: List[str] = []  # the causes for a task that did not run
        self.readers: List[Node] = []
        self.open_needs = len(task.needs)
        self.jobs: List[Job] = []
        self.left = 0  # unfinished jobs
        self.active = 0  # jobs that count for `max_parallel`
        self.waiting: Deque[Job] = deque()  # jobs that wait because of `max_parallel`
        self.inputs = ""  # its `$DW_IN`

    @property
    def is_fan_out(self) -> bool:
        return self.task.fan_out is not None

    @property
    def counted_state(self) -> str:
        """The state for rules and expressions: a task that was left out counts as succeeded."""
        return "succeeded" if self.state == "not_selected" else str(self.state)

    @property
    def has_outputs(self) -> bool:
        return self.state == "succeeded" or (self.state == "not_selected" and bool(self.jobs))

    def state_of_jobs(self) -> str:
        """The state of the task, from the states of its ended jobs."""
        return group_state([job.state or "" for job in self.jobs])

    def texts(self, output: str) -> List[str]:
        """The texts (for an artifact, the paths) of one output, of every instance in order."""
        return [job.outputs[output] for job in self.jobs]


def build_nodes(tasks: Sequence[TaskPlan]) -> Dict[str, Node]:
    """One node per task, connected by their needs."""
    nodes = {task.name: Node(task) for task in tasks}
    for node in nodes.values():
        for need in node.task.needs:
            nodes[need].readers.append(node)
    return nodes
