"""The state of a run: one node per task, one job per instance."""

from __future__ import annotations

from collections import deque
from typing import Any, Deque, Dict, List, Mapping, Optional, Sequence

from dagwright.meaning.rules import group_state
from dagwright.runtime.model import TaskPlan


class Job:
    """An instance of a fan-out, or the only instance of another task, with at most one attempt at a time."""

    __slots__ = ("attempts", "index", "item", "matrix", "node", "outputs", "state")

    def __init__(self, node: Node, index: Optional[int], matrix: Mapping[str, Any], item: Any) -> None:
        self.node, self.index, self.matrix, self.item = node, index, matrix, item
        self.state: Optional[str] = None
        self.attempts = 0
        self.outputs: Dict[str, str] = {}  # texts of values, paths of artifacts; empty until success

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
