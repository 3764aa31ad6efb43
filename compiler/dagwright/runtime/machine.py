"""The machine of a run: state and events in, commands out. It uses no clock, starts no process and opens no file.

The scheduler calls `advance` until nothing is due, carries out the `commands`, and reports what happened by `placed`,
`ended`, `due` and `stop`. Implements the execution model.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from dataclasses import dataclass
from typing import Any, Deque, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from dagwright.meaning.environment import step_identity
from dagwright.meaning.rules import FAILED, NAMED_CAUSES, RUN, because, decision, pause
from dagwright.meaning.values import EvaluationError
from dagwright.runtime.evaluate import text, text_of, value
from dagwright.runtime.model import Plan
from dagwright.runtime.reading import Binding, RunFacts, RunScope, expand
from dagwright.runtime.state import Earlier, Found, Job, Node, build_nodes
from dagwright.runtime.step import ARTIFACT_TYPES, unusable_text

Event = Dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One attempt of a task with all texts evaluated: what an executor needs.

    `env` has the variables of the task, `identity` the `DW_*` variables. `secrets` are pairs of a variable of the task
    and a variable of the caller.
    """

    task: str
    index: Optional[int]
    attempt: int
    argv: Sequence[str]
    env: Mapping[str, str]
    identity: Mapping[str, str]
    secrets: Sequence[Tuple[str, str]]
    workdir: str
    out: str
    outputs: Sequence[Mapping[str, Any]]
    timeout: Optional[int]

    @property
    def label(self) -> str:
        """The task's name; with the index for an instance: `train.0`."""
        return self.task if self.index is None else f"{self.task}.{self.index}"


@dataclass(frozen=True)
class Tell:
    """The command to record an event. The outputs named in `artifacts` are paths, which have no secrets."""

    event: Event
    artifacts: Sequence[str] = ()


@dataclass(frozen=True)
class Place:
    """The command to put artifacts into the input folder of a task; the answer is `placed`.

    A link is the path of an artifact, and its path below the folder.
    """

    node: Node
    bindings: Sequence[Binding]
    folder: str
    links: Sequence[Tuple[str, str]]


@dataclass(frozen=True)
class Release:
    """The command to make an input folder writable again, after the task has ended."""

    folder: str


@dataclass(frozen=True)
class Start:
    """The command to start an attempt, and to record `event` with its process; the answer is `ended`."""

    job: Job
    step: Step
    event: Event


@dataclass(frozen=True)
class Retry:
    """The command to call `due` after a pause."""

    job: Job
    seconds: int


Command = Union[Tell, Place, Release, Start, Retry]


class Machine:
    """The state of a run. `facts` are the run's facts for expressions; `root` is the path of the run's folder."""

    def __init__(
        self, plan: Plan, facts: RunFacts, root: str, parallel: int, earlier: Optional[Earlier] = None
    ) -> None:
        self.plan, self.facts, self.root, self.parallel = plan, facts, root, parallel
        self.earlier = earlier if earlier is not None else Earlier()
        self.main = build_nodes(plan.tasks)
        self.last = build_nodes(plan.finally_tasks)
        self.nodes: Dict[str, Node] = {**self.main, **self.last}
        self.commands: Deque[Command] = deque()
        self.stopped = False
        self._open = 0  # nodes of this phase without a final state
        self._running = 0  # attempts
        self._undecided: Deque[Node] = deque()
        self._ready: Deque[Job] = deque()

    # ---- phases ----

    @property
    def is_active(self) -> bool:
        """Whether this phase of the run has not ended yet."""
        return bool(self._running or (self._open and not self.stopped))

    @property
    def status(self) -> str:
        """The state of the whole run, after its end: succeeded, failed or cancelled."""
        return "cancelled" if self.stopped else _status(self.nodes)

    def begin(self) -> None:
        """Begin with the ordinary tasks."""
        self._begin(self.main)

    def begin_finally(self) -> None:
        """Begin with the tasks of `finally`, after all others have ended."""
        self.facts.status = _status(self.main)
        self._tell({"event": "finally", "status": self.facts.status})
        self._begin(self.last)

    def _begin(self, nodes: Mapping[str, Node]) -> None:
        self._open = len(nodes)
        self._undecided.extend(node for node in nodes.values() if not node.open_needs)

    def advance(self) -> bool:
        """Decide one task, or start one attempt; return False if nothing is due."""
        if self.stopped:
            return False
        if self._undecided:
            self._decide(self._undecided.popleft())
        elif self._ready and self._running < self.parallel:
            self._start(self._ready.popleft())
        else:
            return False
        return True

    def stop(self, signal: str) -> None:
        """Handle the first signal that stops the run: nothing else starts."""
        self.stopped = True
        self._tell({"event": "stopping", "signal": signal})

    def cancel(self) -> None:
        """Give every task of a stopped run its final state."""
        for node in self.nodes.values():
            if node.state is None:
                self._settle(node, "cancelled", "")

    # ---- tasks ----

    def _decide(self, node: Node) -> None:
        """Decide, after all needs have ended, whether a task runs, and with which instances."""
        task = node.task
        if task.name in self.earlier.left_out:
            results = self.earlier.results.get(task.name, {})
            node.jobs = [Job(node, index, {}, None) for index in results]
            for job in node.jobs:
                job.keep(results[job.index])
            self._settle(node, "not_selected", "")
            return
        verdict = decision(task.rule, [self.nodes[need].counted_state for need in task.needs])
        if verdict != RUN:
            node.causes = self._causes(node, verdict)
            self._settle(node, verdict, because(verdict, node.causes))
            return
        scope = RunScope(self.facts, self.nodes, node, None, "")
        try:
            if task.when is not None and not value(task.when, scope):
                self._settle(node, "skipped", "`when` is false")
                return
        except EvaluationError as error:
            self._settle(node, "failed", f"`when` cannot be evaluated: {error}")
            return
        try:
            bindings = expand(task.fan_out, scope)
        except EvaluationError as error:
            self._settle(node, "failed", f"the instances cannot be made: {error}")
            return
        absent = [given.name for given in task.inputs if not self.nodes[given.task].has_outputs]
        if absent:  # the compiler refuses such pipelines
            self._settle(node, "failed", f"its input `{absent[0]}` is absent")
        elif task.inputs and len(self.earlier.results.get(task.name, ())) < len(bindings):
            self.commands.append(Place(node, bindings, f"{self.root}/inputs/{task.name}", self._links(node)))
        else:
            node.inputs = f"{self.root}/inputs/none"
            self._expand(node, bindings)

    def _causes(self, node: Node, verdict: str) -> List[str]:
        """The causes for a task that does not run: tasks that failed, or were skipped, by themselves."""
        states = FAILED if verdict == "upstream_failed" else ("skipped",)
        needs = [self.nodes[need] for need in node.task.needs]
        found = [cause for need in needs if need.state in states for cause in need.causes or [need.task.name]]
        return list(dict.fromkeys(found))[:NAMED_CAUSES]

    def _links(self, node: Node) -> List[Tuple[str, str]]:
        """The artifacts that a task reads, with their paths below the task's input folder."""
        return [
            (path, f"{given.name}/{index if given.fan_out else given.filename}")
            for given in node.task.inputs
            for index, path in enumerate(self.nodes[given.task].texts(given.output))
        ]

    def placed(self, place: Place, problem: Optional[str]) -> None:
        """Handle the answer to Place: a problem fails the task."""
        if problem is not None:
            self._settle(place.node, "failed", f"its inputs cannot be put in place: {problem}")
            return
        place.node.inputs = place.folder
        self._tell({"event": "inputs", "task": place.node.task.name, "read": self._read(place.node)})
        self._expand(place.node, place.bindings)

    def _read(self, node: Node) -> List[Event]:
        """The artifacts that a task reads, for its event: one for each input and instance."""
        return [
            {"input": given.name, "from": job.label, "output": given.output, **job.written.get(given.output, {})}
            for given in node.task.inputs
            for job in self.nodes[given.task].jobs
        ]

    def _expand(self, node: Node, bindings: Sequence[Binding]) -> None:
        if not node.is_fan_out:
            node.jobs = [Job(node, None, {}, None)]
        else:
            node.jobs = [Job(node, index, matrix, item) for index, (matrix, item) in enumerate(bindings)]
            self._tell({"event": "instances", "task": node.task.name, "count": len(node.jobs)})
        if not node.jobs:
            self._settle(node, "skipped", "its list is empty")
            return
        results = self.earlier.results.get(node.task.name, {})
        for job in node.jobs:
            job.attempts = job.earlier = self.earlier.attempts.get(job.label, 0)
            if job.index in results:
                self._keep(job, results[job.index])
        left = [job for job in node.jobs if not job.kept]
        node.left = len(left)
        if not left:
            self._settle(node, "succeeded", "")
        for job in left:
            self._enqueue(job)

    def _keep(self, job: Job, found: Found) -> None:
        job.keep(found)
        if job.index is not None:
            event = {"event": "instance", "task": job.node.task.name, "index": job.index, "state": "succeeded"}
            self._tell({**event, "kept": True})

    def _enqueue(self, job: Job) -> None:
        """Queue a job; it runs as soon as the limits of its fan-out and of the run allow."""
        node, limit = job.node, job.node.task.max_parallel
        if limit is not None and node.active >= limit:
            node.waiting.append(job)
            return
        node.active += 1
        self._ready.append(job)

    def _leave(self, node: Node) -> None:
        """Free the place of an ended job for the next job of the fan-out."""
        node.active -= 1
        if node.waiting and not self.stopped:
            self._enqueue(node.waiting.popleft())

    def _settle(self, node: Node, state: str, reason: str) -> None:
        """Give a task its final state."""
        node.state = state
        self._open -= 1
        if node.inputs and node.task.inputs:
            self.commands.append(Release(node.inputs))
        event: Event = {"event": "state", "task": node.task.name, "state": state}
        if state == "succeeded" and all(job.kept for job in node.jobs):
            event["kept"] = True
        if reason:
            event["reason"] = reason
        self._tell(event)
        for reader in node.readers:
            reader.open_needs -= 1
            if not reader.open_needs:
                self._undecided.append(reader)

    # ---- attempts ----

    def _start(self, job: Job) -> None:
        task, attempt = job.node.task, job.attempts + 1
        out = f"{self.root}/outputs/{job.label}.attempt-{attempt}"
        scope = RunScope(self.facts, self.nodes, job.node, job, out)
        try:
            argv = [text_of(pieces, scope) for pieces in task.argv]
            env = {name: text_of(pieces, scope) for name, pieces in task.env.items()}
            problem = unusable_text(argv, env)
        except EvaluationError as error:
            problem = str(error)
        if problem is not None:
            values: Dict[str, str] = {}
            with contextlib.suppress(EvaluationError):  # one of the values may be the error
                values = _values(job, scope)
            self._finish(job, "failed", f"cannot be evaluated: {problem}", values)
            return
        job.attempts = attempt
        self._running += 1
        identity = step_identity(out, job.node.inputs, self.facts.id, self.plan.name, task.name, attempt, job.index)
        step = Step(task.name, job.index, attempt, argv, env, identity, task.secrets, task.workdir, out, task.outputs,
                    task.timeout)  # fmt: skip
        # For a script, only its interpreter is recorded.
        shown = argv[:-1] if task.is_script else argv
        event: Event = {"event": "start", "task": task.name, "attempt": attempt, "argv": shown}
        if job.index is not None:
            event |= {"index": job.index, "values": _values(job, scope)}
        self.commands.append(Start(job, step, event))

    def ended(self, job: Job, measures: Mapping[str, Any], reason: Optional[str], outputs: Mapping[str, str]) -> None:
        """Handle the end of an attempt: finish, retry or fail its job. `reason` is None after a success."""
        self._running -= 1
        event: Event = {"event": "end", "task": job.node.task.name, "attempt": job.attempts}
        if job.index is not None:
            event["index"] = job.index
        event.update(measures)
        if self.stopped:
            self._tell({**event, "ok": False, "reason": "stopped"})
            self._finish(job, "cancelled", "")
        elif reason is not None:
            self._attempt_failed(job, event, reason)
        else:
            job.outputs, job.written = dict(outputs), measures.get("written", {})
            event["ok"] = True
            artifacts = [o["name"] for o in job.node.task.outputs if o["type"] in ARTIFACT_TYPES]
            if outputs:
                paths = {name: os.path.relpath(outputs[name], self.root) for name in artifacts}
                event["outputs"] = {**outputs, **paths}
            self.commands.append(Tell(event, artifacts))
            self._finish(job, "succeeded", "")

    def _attempt_failed(self, job: Job, event: Event, reason: str) -> None:
        task = job.node.task
        event["ok"] = False
        event["reason"] = reason
        if job.attempts - job.earlier > task.limit:
            self._tell(event)
            self._finish(job, "failed", reason)
            return
        seconds = pause(task.delay, task.factor, task.max_delay, job.attempts - job.earlier)
        event["retry_in"] = seconds
        self._tell(event)
        self.commands.append(Retry(job, seconds))
        self._leave(job.node)

    def due(self, job: Job) -> None:
        """Handle the end of the pause before a retry."""
        if not self.stopped:
            self._enqueue(job)

    def _finish(self, job: Job, state: str, reason: str, values: Optional[Mapping[str, str]] = None) -> None:
        """Give a job its final state; after the last job of a task, also the task."""
        job.state = state
        node = job.node
        if node.is_fan_out:
            event: Event = {"event": "instance", "task": node.task.name, "index": job.index, "state": state}
            if values:
                event["values"] = values
            if reason:
                event["reason"] = reason
            self._tell(event)
        node.left -= 1
        self._leave(node)
        if not node.left:
            self._settle(node, node.state_of_jobs(), "" if node.is_fan_out else reason)

    def _tell(self, event: Event) -> None:
        self.commands.append(Tell(event))


def _status(nodes: Mapping[str, Node]) -> str:
    return "failed" if any(node.state == "failed" for node in nodes.values()) else "succeeded"


def _values(job: Job, scope: RunScope) -> Dict[str, str]:
    """The values of an instance: the text of its item, or of its value on each axis."""
    if job.index is None:
        return {}
    bound = job.matrix or {"item": job.item}
    return {name: found if isinstance(found, str) else text(found, scope) for name, found in bound.items()}
