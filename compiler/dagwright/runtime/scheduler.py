"""The scheduler: one thread, one loop, at most `parallel` processes. Implements the execution model."""

from __future__ import annotations

import contextlib
import heapq
import os
import resource
import signal
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Callable, Collection, Deque, Dict, List, Mapping, Optional, Sequence, Tuple

from dagwright.meaning.environment import step_environment, step_identity, with_own_python
from dagwright.meaning.rules import FAILED, NAMED_CAUSES, RUN, because, decision, pause
from dagwright.meaning.values import EvaluationError
from dagwright.runtime.artifacts import freeze, place, seal
from dagwright.runtime.evaluate import text, text_of, value
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan, TaskPlan
from dagwright.runtime.processes import Orphans, family, parents, signal_group, signal_processes
from dagwright.runtime.reading import Binding, RunFacts, RunScope, expand
from dagwright.runtime.record import Record, RunFolder
from dagwright.runtime.signals import AnySignals, open_signals
from dagwright.runtime.state import Job, Node, build_nodes
from dagwright.runtime.step import (
    ARTIFACT_TYPES,
    GRACE,
    StepFailed,
    exit_failure,
    read_outputs,
    spawn_step,
    timeout_failure,
    unusable_text,
)
from dagwright.runtime.work_folder import Watch, copy_folder, remove_folder

Event = Dict[str, Any]
_LONGEST_WAIT = 3600.0  # seconds; some systems refuse very long waits
_MOST_PATHS = 100  # paths of files in one event
_LONGEST_RECORDED = 1000  # characters of one recorded argument


@dataclass(frozen=True)
class Settings:
    """Settings of a run. `secrets` maps the caller's variables to their values; `tick` requests regular events.

    `isolated` gives each attempt a copy of the work folder.
    """

    workdir: str
    parallel: int
    secrets: Mapping[str, str] = field(default_factory=dict)
    tick: Optional[float] = None
    isolated: bool = False


def default_parallel() -> int:
    """The default number of parallel tasks: one per usable core."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


class Scheduler:
    """The scheduler of one run. `facts` are the run's facts for expressions; `observe` gets every recorded event."""

    def __init__(
        self,
        plan: Plan,
        facts: RunFacts,
        settings: Settings,
        folder: RunFolder,
        record: Record,
        observe: Callable[[Event], None],
    ) -> None:
        self.plan, self.facts, self.settings = plan, facts, settings
        self.folder, self.record, self.observe = folder, record, observe
        self.main = build_nodes(plan.tasks)
        self.last = build_nodes(plan.finally_tasks)
        self.nodes: Dict[str, Node] = {**self.main, **self.last}
        self.stopped_by: Optional[int] = None
        self._open = 0  # nodes of this phase without a final state
        self._undecided: Deque[Node] = deque()
        self._ready: Deque[Job] = deque()
        self._live: Dict[int, Job] = {}
        self._orphans = Orphans(os.path.join(folder.path, "outputs"))
        self._timers: List[Tuple[float, int, Callable[[Job, int], None], Job, int]] = []
        self._timer_count = 0
        watched = plan.watched and not settings.isolated
        self._watch = Watch(settings.workdir, folder.runs) if watched else None
        self._caller = with_own_python(os.environ)
        self._own_rss = _peak_memory(resource.getrusage(resource.RUSAGE_SELF))
        self.mask = Mask(settings.secrets.values())

    def run(self) -> str:
        """Run to the end, and return the final state: succeeded, failed or cancelled."""
        here = _current_folder()
        _keep_descriptors_private()
        try:
            with open_signals() as signals:
                self._run_phase(self.main, signals)
                if self.stopped_by is None and self.last:
                    self.facts.status = self._status(self.main)
                    self._tell({"event": "finally", "status": self.facts.status})
                    self._run_phase(self.last, signals)
        finally:
            self._kill_all()
            os.chdir(here)
        self._look(at_once=True)
        if self.stopped_by is not None:
            for node in self.nodes.values():
                if node.state is None:
                    self._settle(node, "cancelled", "")
            return "cancelled"
        return self._status(self.nodes)

    def _status(self, nodes: Mapping[str, Node]) -> str:
        return "failed" if any(node.state == "failed" for node in nodes.values()) else "succeeded"

    # ---- the loop ----

    def _run_phase(self, nodes: Mapping[str, Node], signals: AnySignals) -> None:
        self._open = len(nodes)
        self._undecided.extend(node for node in nodes.values() if not node.open_needs)
        while self._open or self._live:
            if self.stopped_by is None:
                self._decide_all()
                self._start_all()
            elif not self._live:
                return
            if not self._open and not self._live:
                return
            self.record.flush()  # always before waiting
            self._wait(signals)
            self._reap()
            self._run_timers()
            self._look(at_once=False)
            self.record.flush()  # ends reach the kernel before the next start

    def _decide_all(self) -> None:
        while self._undecided:
            self._decide(self._undecided.popleft())

    def _start_all(self) -> None:
        while self._ready and len(self._live) < self.settings.parallel:
            self._start(self._ready.popleft())
            self._decide_all()

    def _wait(self, signals: AnySignals) -> None:
        timeout = _LONGEST_WAIT
        if self._undecided or (self._ready and len(self._live) < self.settings.parallel):
            timeout = 0.0
        elif self._timers:
            timeout = min(timeout, max(0.0, self._timers[0][0] - time.monotonic()))
        tick = self.settings.tick
        if tick is not None:
            timeout = min(timeout, tick)
        came = signals.wait(timeout)
        for number in came:
            if number != signal.SIGCHLD:
                self._stop(number)
        if tick is not None:
            self.observe({"event": "tick"})

    def _reap(self) -> None:
        while self._live:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            job = self._live.pop(pid, None)
            if job is not None:
                signal_group(pid, signal.SIGKILL)  # processes that it left behind
                if not self._orphans.adopted:
                    signal_processes(job.strayed, signal.SIGKILL)
            self._orphans.end(self._outs())
            if job is not None:
                if self._watch is not None:
                    self._watch.end(pid)
                self._ended(job, _returncode(status), usage)

    def _look(self, at_once: bool) -> None:
        """Record the files that tasks have left in the work folder, since engines do not pass them to other tasks."""
        for tasks, paths in self._watch.look(at_once) if self._watch is not None else ():
            self._tell({"event": "left", "tasks": tasks, "count": len(paths), "paths": paths[:_MOST_PATHS]})

    # ---- timers ----

    def _at(self, seconds: float, action: Callable[[Job, int], None], job: Job) -> None:
        self._timer_count += 1  # so that jobs are never compared
        moment = time.monotonic() + seconds
        heapq.heappush(self._timers, (moment, self._timer_count, action, job, job.attempts))

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            _, _, action, job, attempt = heapq.heappop(self._timers)
            action(job, attempt)

    def _time_out(self, job: Job, attempt: int) -> None:
        if job.pid and job.attempts == attempt:
            job.timed_out = True
            self._terminate([job])

    def _terminate(self, jobs: Collection[Job]) -> None:
        """Stop jobs: TERM now, KILL after the grace period."""
        self._signal(jobs, signal.SIGTERM)
        for job in jobs:
            if not job.killing:
                job.killing = True
                self._at(GRACE, self._kill, job)

    def _kill(self, job: Job, attempt: int) -> None:
        if job.pid and job.attempts == attempt:
            self._signal([job], signal.SIGKILL)

    def _try_again(self, job: Job, _: int) -> None:
        if self.stopped_by is None:
            self._enqueue(job)

    def _stop(self, number: int) -> None:
        """Stop the run: the first signal sends TERM to all processes, the next one KILL."""
        if self.stopped_by is None:
            self.stopped_by = number
            self._ready.clear()
            self._undecided.clear()
            self._tell({"event": "stopping", "signal": signal.Signals(number).name})
            self._terminate(self._live.values())
        else:
            self._signal(self._live.values(), signal.SIGKILL)

    def _signal(self, jobs: Collection[Job], number: int) -> None:
        """Send a signal to attempts: to their process groups, and to processes that have left these groups."""
        if not jobs:
            return
        groups, outs, parent_of = [job.pid for job in jobs], self._outs(), parents()
        for job in jobs:
            job.strayed = family([job.pid, *self._orphans.of([job.out], outs)], parent_of) - {job.pid}
        for job in jobs:
            signal_group(job.pid, number)
            signal_processes(job.strayed, number, groups)

    def _outs(self) -> Dict[int, str]:
        """The `$DW_OUT` of each running process."""
        return {pid: job.out for pid, job in self._live.items()}

    def _kill_all(self) -> None:
        """Kill all processes, so that none is left after an internal error."""
        self._signal(self._live.values(), signal.SIGKILL)
        for pid in self._live:
            os.waitpid(pid, 0)
        self._live.clear()
        self._orphans.end({})

    # ---- decisions about tasks ----

    def _decide(self, node: Node) -> None:
        """Decide, after all needs have ended, whether a task runs, and with which instances."""
        task = node.task
        verdict = decision(task.rule, [str(self.nodes[need].state) for need in task.needs])
        if verdict != RUN:
            node.causes = self._causes(node, verdict)
            self._settle(node, verdict, because(verdict, node.causes))
            return
        scope = self._scope(node)
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
        absent = [given.name for given in task.inputs if self.nodes[given.task].state != "succeeded"]
        if absent:  # the compiler refuses such pipelines
            self._settle(node, "failed", f"its input `{absent[0]}` is absent")
            return
        try:
            node.inputs = self._place_inputs(task)
        except OSError as error:
            self._settle(node, "failed", f"its inputs cannot be put in place: {error.strerror}")
            return
        self._expand(node, bindings)

    def _causes(self, node: Node, verdict: str) -> List[str]:
        """The causes for a task that does not run: tasks that failed, or were skipped, by themselves."""
        states = FAILED if verdict == "upstream_failed" else ("skipped",)
        needs = [self.nodes[need] for need in node.task.needs]
        found = [cause for need in needs if need.state in states for cause in need.causes or [need.task.name]]
        return list(dict.fromkeys(found))[:NAMED_CAUSES]

    def _expand(self, node: Node, bindings: Sequence[Binding]) -> None:
        node.expanded = True
        if not node.is_fan_out:
            node.jobs = [Job(node, None, {}, None)]
        else:
            node.jobs = [Job(node, index, matrix, item) for index, (matrix, item) in enumerate(bindings)]
            self._tell({"event": "instances", "task": node.task.name, "count": len(node.jobs)})
        node.left = len(node.jobs)
        if not node.jobs:
            self._settle(node, "skipped", "its list is empty")
        for job in node.jobs:
            self._enqueue(job)

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
        if node.waiting and self.stopped_by is None:
            self._enqueue(node.waiting.popleft())

    def _settle(self, node: Node, state: str, reason: str) -> None:
        """Give a task its final state."""
        node.state, node.reason = state, self.mask(reason)
        self._open -= 1
        if node.inputs and node.task.inputs:
            freeze(node.inputs, False)
        event: Event = {"event": "state", "task": node.task.name, "state": state}
        if reason:
            event["reason"] = node.reason
        self._tell(event)
        for reader in node.readers:
            reader.open_needs -= 1
            if not reader.open_needs:
                self._undecided.append(reader)

    def _place_inputs(self, task: TaskPlan) -> str:
        """The folder of a task's inputs, which its instances share."""
        if not task.inputs:
            return self.folder.empty_input
        folder = f"{self.folder.path}/inputs/{task.name}"
        for given in task.inputs:
            producer = self.nodes[given.task]
            if not given.fan_out:
                place(producer.texts(given.output)[0], f"{folder}/{given.name}/{given.filename}")
                continue
            os.makedirs(f"{folder}/{given.name}")
            for index, path in enumerate(producer.texts(given.output)):
                place(path, f"{folder}/{given.name}/{index}")
        freeze(folder, True)
        return folder

    def _scope(self, node: Node, job: Optional[Job] = None, out: str = "") -> RunScope:
        return RunScope(self.facts, self.nodes, node, job, out)

    # ---- attempts ----

    def _start(self, job: Job) -> None:
        task = job.node.task
        attempt = job.attempts + 1
        out = self.folder.out(job.label, attempt)
        scope = self._scope(job.node, job, out)
        try:
            argv = [text_of(pieces, scope) for pieces in task.argv]
            declared = {name: text_of(pieces, scope) for name, pieces in task.env.items()}
            problem = unusable_text(argv, declared)
        except EvaluationError as error:
            problem = str(error)
        if problem is not None:
            values: Dict[str, str] = {}
            with contextlib.suppress(EvaluationError):  # one of the values may be the error
                values = self._values(job, scope)
            self._finish(job, "failed", f"cannot be evaluated: {problem}", values)
            return
        job.attempts, job.out, job.timed_out, job.killing, job.strayed = attempt, out, False, False, ()
        before, job.started = time.time(), time.monotonic()
        event: Event = {"event": "start", "task": task.name, "attempt": attempt, "argv": self._recorded(task, argv)}
        if job.index is not None:
            event |= {"index": job.index, "values": self._values(job, scope)}
        try:
            os.mkdir(out)
            job.pid = self._spawn(job, argv, declared)
        except (StepFailed, OSError) as error:
            self._tell(event)
            self._remove_copy(job)
            reason = str(error) if isinstance(error, StepFailed) else f"could not start: {error.strerror}"
            self._attempt_failed(job, self._end_event(job), reason)
            return
        event["pid"] = job.pid
        self._live[job.pid] = job
        if self._watch is not None:
            self._watch.begin(job.pid, task.name, before)
        if task.timeout is not None:
            self._at(task.timeout, self._time_out, job)
        self._tell(event)

    def _values(self, job: Job, scope: RunScope) -> Dict[str, str]:
        """The values of an instance: the text of its item, or of its value on each axis."""
        if job.index is None:
            return {}
        bound = job.matrix or {"item": job.item}
        return {
            name: _cut(self.mask(found if isinstance(found, str) else text(found, scope)))
            for name, found in bound.items()
        }

    def _spawn(self, job: Job, argv: Sequence[str], declared: Mapping[str, str]) -> int:
        task = job.node.task
        identity = step_identity(
            job.out, job.node.inputs, self.facts.id, self.plan.name, task.name, job.attempts, job.index
        )
        secrets = {name: self.settings.secrets[variable] for name, variable in task.secrets}
        env = step_environment(self._caller, self.plan.pass_env, identity, declared, secrets)
        folder = self.settings.workdir
        if self.settings.isolated:
            folder = self.folder.work(job.label, job.attempts)
            copy_folder(self.settings.workdir, folder, self.folder.runs)
        cwd = os.path.join(folder, task.workdir)
        return spawn_step(argv, env, cwd, self.folder.log(job.label, job.attempts))

    def _remove_copy(self, job: Job) -> None:
        """Delete the work folder of an attempt, if the attempt has its own."""
        if self.settings.isolated:
            remove_folder(self.folder.work(job.label, job.attempts))

    def _end_event(self, job: Job) -> Event:
        event: Event = {"event": "end", "task": job.node.task.name, "attempt": job.attempts}
        if job.index is not None:
            event["index"] = job.index
        event["seconds"] = round(time.monotonic() - job.started, 6)
        return event

    def _ended(self, job: Job, returncode: int, usage: resource.struct_rusage) -> None:
        """Handle the end of a process: finish, retry or fail its job."""
        event = self._end_event(job)
        job.pid = 0
        self._remove_copy(job)
        event["exit"] = returncode
        event["cpu"] = round(usage.ru_utime + usage.ru_stime, 6)
        memory = _peak_memory(usage)
        if memory > self._own_rss:  # a child starts with the memory of this process: smaller values mean nothing
            event["max_rss"] = memory
        if self.stopped_by is not None:
            self._tell({**event, "ok": False, "reason": "stopped"})
            self._finish(job, "cancelled", "")
            return
        try:
            reason = exit_failure(returncode)
            if job.timed_out and job.node.task.timeout is not None:
                reason = timeout_failure(job.node.task.timeout)
            if reason is not None:
                raise StepFailed(reason)
            outputs = read_outputs(job.out, job.node.task.outputs)
        except (StepFailed, OSError) as error:
            reason = str(error) if isinstance(error, StepFailed) else f"its outputs cannot be read: {error.strerror}"
            self._attempt_failed(job, event, reason)
            return
        job.outputs = outputs
        event["ok"] = True
        if outputs:
            event["outputs"] = self._recorded_outputs(job)
        self._tell(event)
        self._finish(job, "succeeded", "")

    def _recorded_outputs(self, job: Job) -> Dict[str, str]:
        """The outputs for the record: texts of values, masked; paths of artifacts in the run's folder, sealed here."""
        found = {}
        for output in job.node.task.outputs:
            name, text = output["name"], job.outputs[output["name"]]
            if output["type"] in ARTIFACT_TYPES:
                seal(text)
                found[name] = os.path.relpath(text, self.folder.path)
            else:
                found[name] = self.mask(text)
        return found

    def _attempt_failed(self, job: Job, event: Event, reason: str) -> None:
        task = job.node.task
        event["ok"] = False
        event["reason"] = self.mask(reason)
        if job.attempts > task.limit:
            self._tell(event)
            self._finish(job, "failed", reason)
            return
        seconds = pause(task.delay, task.factor, task.max_delay, job.attempts)
        event["retry_in"] = seconds
        self._tell(event)
        self._at(seconds, self._try_again, job)
        self._leave(job.node)

    def _finish(self, job: Job, state: str, reason: str, values: Optional[Mapping[str, str]] = None) -> None:
        """Give a job its final state; after the last job of a task, also the task."""
        job.state = state
        node = job.node
        reason = self.mask(reason)
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

    # ---- records ----

    def _tell(self, event: Event) -> None:
        self.record.add(event)
        self.observe(event)

    def _recorded(self, task: TaskPlan, argv: Sequence[str]) -> List[str]:
        """An argv for the record: without secrets, long elements shortened; for a script, its interpreter."""
        shown = argv[:-1] if task.is_script else argv
        return [_cut(self.mask(arg)) for arg in shown]


def _current_folder() -> str:
    """The current folder; the root if it was deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"


def _cut(text: str) -> str:
    extra = len(text) - _LONGEST_RECORDED
    return text if extra <= 0 else f"{text[:_LONGEST_RECORDED]}... ({extra} more characters)"


def _returncode(status: int) -> int:
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _peak_memory(usage: resource.struct_rusage) -> int:
    """The peak memory in bytes: Linux reports KiB, macOS bytes."""
    return usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024


def _keep_descriptors_private() -> None:
    """Keep processes from inheriting open descriptors of the caller: locks, pipes, sockets."""
    try:
        numbers = [int(name) for name in os.listdir("/dev/fd")]
    except (OSError, ValueError):
        return
    for number in numbers:
        if number > 2:
            try:
                os.set_inheritable(number, False)
            except OSError:  # the descriptor that listed the folder
                pass
