"""The executor of local runs: each attempt is a process, with a timeout, and stopped by TERM and then KILL."""

from __future__ import annotations

import heapq
import os
import resource
import signal
import sys
import time
from collections import deque
from functools import partial
from typing import Any, Callable, Collection, Deque, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from dagwright.meaning.environment import step_environment, with_own_python
from dagwright.runtime.artifacts import SEALS, freeze, place, written
from dagwright.runtime.guard import Guard
from dagwright.runtime.helper import Helper
from dagwright.runtime.machine import Place, Step
from dagwright.runtime.processes import Orphans, family, parents, signal_group, signal_processes
from dagwright.runtime.record import RunFolder
from dagwright.runtime.state import Job
from dagwright.runtime.step import (
    ARTIFACT_TYPES,
    GRACE,
    StepFailed,
    exit_failure,
    read_outputs,
    spawn_step,
    timeout_failure,
)
from dagwright.runtime.work_folder import Watch, copy_folder, remove_folder


class Process:
    """The process of an attempt."""

    __slots__ = ("job", "killing", "pid", "started", "step", "strayed", "timed_out")

    def __init__(self, job: Job, step: Step) -> None:
        self.job, self.step = job, step
        self.pid = 0
        self.started = time.monotonic()
        self.timed_out = False
        self.killing = False
        self.strayed: Collection[int] = ()  # its other processes at the time of TERM

    @property
    def seconds(self) -> float:
        """The duration so far."""
        return round(time.monotonic() - self.started, 6)


End = Tuple[Job, Dict[str, Any], Optional[str], Dict[str, str]]  # with measures, the reason of a failure, outputs


Sealed = Tuple[Optional[str], Dict[str, str], Mapping[str, Any]]  # the reason of a failure, outputs, facts about files


class ProcessExecutor:
    """The processes and timers of a run. `secrets` maps the caller's variables to their values.

    `isolated` gives each attempt a copy of the work folder; `watched` finds files that tasks leave in it.
    """

    def __init__(
        self,
        folder: RunFolder,
        workdir: str,
        secrets: Mapping[str, str],
        pass_env: Sequence[str],
        isolated: bool,
        watched: bool,
    ) -> None:
        self.folder, self.workdir, self.secrets, self.pass_env = folder, workdir, secrets, pass_env
        self.isolated = isolated
        self.stopping = False
        self._live: Dict[int, Process] = {}
        outputs = os.path.join(folder.path, "outputs")
        self._guard = Guard(outputs + "/", folder.kept)
        self._orphans = Orphans(outputs, self._guard.pid)
        self._helper = Helper()
        self._sealing: Dict[Job, Dict[str, Any]] = {}  # attempts whose artifacts are made read-only, with measures
        self._ends: Deque[End] = deque()
        self._placed: Deque[Tuple[Place, Optional[str]]] = deque()
        self._timers: List[Tuple[float, int, Callable[[], None]]] = []
        self._timer_count = 0
        self._watch = Watch(workdir, folder.runs) if watched and not isolated else None
        self._caller = with_own_python(os.environ)
        self._own_rss = _peak_memory(resource.getrusage(resource.RUSAGE_SELF))

    # ---- attempts ----

    def start(self, job: Job, step: Step) -> int:
        """Start an attempt, and return the id of its process. Raises StepFailed or OSError."""
        before, process = time.time(), Process(job, step)
        try:
            os.mkdir(step.out)
            process.pid = self._spawn(step)
        except (StepFailed, OSError):
            self._remove_copy(step)
            raise
        self._live[process.pid] = process
        self._guard.started(process.pid)
        if self._watch is not None:
            self._watch.begin(process.pid, step.task, before)
        if step.timeout is not None:
            self.after(step.timeout, partial(self._time_out, process))
        return process.pid

    def _spawn(self, step: Step) -> int:
        secrets = {name: self.secrets[variable] for name, variable in step.secrets}
        env = step_environment(self._caller, self.pass_env, step.identity, step.env, secrets)
        folder = self.workdir
        if self.isolated:
            folder = self.folder.work(step.label, step.attempt)
            copy_folder(self.workdir, folder, self.folder.runs)
        cwd = os.path.join(folder, step.workdir)
        return spawn_step(step.argv, env, cwd, self.folder.log(step.label, step.attempt))

    def _remove_copy(self, step: Step) -> None:
        """Delete the work folder of an attempt, if the attempt has its own."""
        if self.isolated:
            remove_folder(self.folder.work(step.label, step.attempt))

    def reap(self) -> Iterator[End]:
        """The ends of attempts since the last call."""
        yield from self._helped()
        while self._live:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            process = self._live.pop(pid, None)
            if process is not None:
                signal_group(pid, signal.SIGKILL)  # processes that it left behind
                if not self._orphans.adopted:
                    signal_processes(process.strayed, signal.SIGKILL)
            self._orphans.end(self._outs())
            if process is not None:
                self._guard.ended(pid)
                if self._watch is not None:
                    self._watch.end(pid)
                self._end(process, _returncode(status), usage)
                yield from self._helped()

    def _helped(self) -> Iterator[End]:
        """The ends that are known; the helper may know some later."""
        self._helper.collect()
        if self.stopping:
            self._ends.extend((job, measures, "stopped", {}) for job, measures in self._sealing.items())
            self._sealing.clear()
        while self._ends:
            yield self._ends.popleft()

    def _end(self, process: Process, returncode: int, usage: resource.struct_rusage) -> None:
        measures: Dict[str, Any] = {"seconds": process.seconds}
        process.pid = 0
        self._remove_copy(process.step)
        measures["exit"] = returncode
        measures["cpu"] = round(usage.ru_utime + usage.ru_stime, 6)
        memory = _peak_memory(usage)
        if memory > self._own_rss:  # a child starts with the memory of this process: smaller values mean nothing
            measures["max_rss"] = memory
        job, reason = process.job, self._failure(process, returncode)
        if self.stopping or reason is not None:
            self._ends.append((job, measures, "stopped" if self.stopping else reason, {}))
        elif any(output["type"] in ARTIFACT_TYPES for output in process.step.outputs):
            self._sealing[job] = measures
            self._helper.do(partial(_sealed_outputs, process.step), partial(self._sealed, job))
        else:
            self._sealing[job] = measures
            self._sealed(job, _sealed_outputs(process.step))

    def _sealed(self, job: Job, found: Sealed) -> None:
        measures = self._sealing.pop(job, None)
        if measures is not None:  # else the run was stopped meanwhile
            reason, outputs, facts = found
            self._ends.append((job, {**measures, "written": facts} if facts else measures, reason, outputs))

    def _failure(self, process: Process, returncode: int) -> Optional[str]:
        """The reason why an attempt has failed, apart from its outputs, or None."""
        if process.timed_out and process.step.timeout is not None:
            return timeout_failure(process.step.timeout)
        return exit_failure(returncode)

    def left(self, at_once: bool) -> Sequence[Tuple[List[str], List[str]]]:
        """The files that tasks have left in the work folder, since engines do not pass them to other tasks."""
        return self._watch.look(at_once) if self._watch is not None else ()

    # ---- inputs ----

    def place(self, wanted: Place) -> None:
        """Put artifacts into an input folder; `placed` tells when it is done."""
        self._helper.do(partial(self._put, wanted), lambda problem: self._placed.append((wanted, problem)))

    def _put(self, wanted: Place) -> Optional[str]:
        try:
            for path, beside in wanted.links:
                place(path, f"{wanted.folder}/{beside}")
            if not self.stopping:
                freeze(wanted.folder, True)
        except OSError as error:
            return str(error.strerror)
        return None

    def placed(self) -> Iterator[Tuple[Place, Optional[str]]]:
        """The input folders that are complete since the last call, each with the problem, if any."""
        self._helper.collect()
        while self._placed:
            yield self._placed.popleft()

    def release(self, folder: str) -> None:
        """Make an input folder writable again."""
        if self.stopping:  # nobody waits for the helper any more
            freeze(folder, False)
        else:
            self._helper.do(partial(freeze, folder, False), lambda _: None)

    # ---- timers ----

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call a function after a pause."""
        self._timer_count += 1  # so that functions are never compared
        heapq.heappush(self._timers, (time.monotonic() + seconds, self._timer_count, action))

    def until_next(self, longest: float) -> float:
        """The seconds until the next timer, at most `longest`."""
        return min(longest, max(0.0, self._timers[0][0] - time.monotonic())) if self._timers else longest

    def run_timers(self) -> None:
        """Call the functions that are due."""
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()

    def _time_out(self, process: Process) -> None:
        if process.pid:
            process.timed_out = True
            self._terminate([process])

    # ---- signals ----

    def stop(self) -> None:
        """Stop all attempts: TERM, and KILL after the grace period."""
        self.stopping = True
        self._terminate(self._live.values())

    def kill(self) -> None:
        """Kill all attempts."""
        self._signal(self._live.values(), signal.SIGKILL)

    def close(self) -> None:
        """Kill all processes, so that none is left after an internal error."""
        self.kill()
        for pid in self._live:
            os.waitpid(pid, 0)
        self._live.clear()
        self._orphans.end({})
        self._guard.close()

    def finish(self) -> None:
        """Wait for the work on artifacts, unless the run was stopped."""
        if not self.stopping:
            self._helper.finish()

    def _terminate(self, processes: Collection[Process]) -> None:
        self._signal(processes, signal.SIGTERM)
        for process in processes:
            if not process.killing:
                process.killing = True
                self.after(GRACE, partial(self._kill, process))

    def _kill(self, process: Process) -> None:
        if process.pid:
            self._signal([process], signal.SIGKILL)

    def _signal(self, processes: Collection[Process], number: int) -> None:
        """Send a signal to attempts: to their process groups, and to processes that have left these groups."""
        if not processes:
            return
        groups, outs, parent_of = [process.pid for process in processes], self._outs(), parents()
        for process in processes:
            orphans = self._orphans.of([process.step.out], outs)
            process.strayed = family([process.pid, *orphans], parent_of) - {process.pid}
        for process in processes:
            signal_group(process.pid, number)
            signal_processes(process.strayed, number, groups)

    def _outs(self) -> Dict[int, str]:
        """The `$DW_OUT` of each running process."""
        return {pid: process.step.out for pid, process in self._live.items()}


def _sealed_outputs(step: Step) -> Sealed:
    """The outputs of a successful attempt, its artifacts read-only, or the reason why there are none."""
    try:
        found = read_outputs(step.out, step.outputs)
        for output in step.outputs:
            if output["type"] in SEALS:
                SEALS[output["type"]](found[output["name"]])
        return None, found, written(step.outputs, found)
    except StepFailed as error:
        return str(error), {}, {}
    except OSError as error:
        return f"its outputs cannot be read: {error.strerror}", {}, {}


def _returncode(status: int) -> int:
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def _peak_memory(usage: resource.struct_rusage) -> int:
    """The peak memory in bytes: Linux reports KiB, macOS bytes."""
    return usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
