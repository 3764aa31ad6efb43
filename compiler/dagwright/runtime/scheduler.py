"""The scheduler: one thread, one loop between the machine of a run, the executor of its attempts, and its journal."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable, Dict, Mapping, Optional

from dagwright.runtime.executor.process import ProcessExecutor
from dagwright.runtime.journal import Journal
from dagwright.runtime.machine import Machine, Place, Release, Retry, Start, Tell
from dagwright.runtime.signals import AnySignals, open_signals
from dagwright.runtime.step import StepFailed

_LONGEST_WAIT = 3600.0  # seconds; some systems refuse very long waits
_MOST_PATHS = 100  # paths of files in one event


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
    """The loop of one run: it carries out the commands of the machine, and reports what happened to it."""

    def __init__(self, machine: Machine, executor: ProcessExecutor, journal: Journal, tick: Optional[float]) -> None:
        self.machine, self.executor, self.journal, self.tick = machine, executor, journal, tick
        self.stopped_by: Optional[int] = None

    def run(self) -> None:
        """Run to the end."""
        here = _current_folder()
        _keep_descriptors_private()
        machine = self.machine
        try:
            with open_signals() as signals:
                machine.begin()
                self._run_phase(signals)
                if machine.last and not machine.stopped:
                    machine.begin_finally()
                    self._run_phase(signals)
        finally:
            self.executor.close()
            os.chdir(here)
        self._look(at_once=True)
        if machine.stopped:
            machine.cancel()
            self._carry_out()
        self.executor.finish()

    # ---- the loop ----

    def _run_phase(self, signals: AnySignals) -> None:
        self._advance()
        while self.machine.is_active:
            self.journal.flush()  # always before waiting
            self._wait(signals)
            for job, measures, reason, outputs in self.executor.reap():
                self.machine.ended(job, measures, reason, outputs)
                self._carry_out()
            for place, problem in self.executor.placed():
                if not self.machine.stopped:
                    self.machine.placed(place, problem)
                    self._carry_out()
            self.executor.run_timers()
            self._look(at_once=False)
            self.journal.flush()  # ends reach the kernel before the next start
            self._advance()

    def _advance(self) -> None:
        self._carry_out()
        while self.machine.advance():
            self._carry_out()

    def _wait(self, signals: AnySignals) -> None:
        timeout = self.executor.until_next(_LONGEST_WAIT)
        came = signals.wait(timeout if self.tick is None else min(timeout, self.tick))
        for number in came:
            if number != signal.SIGCHLD:
                self._stop(number)
        if self.tick is not None:
            self.journal.observe({"event": "tick"})

    def _stop(self, number: int) -> None:
        """Stop the run: the first signal sends TERM to all processes, the next one KILL."""
        if self.stopped_by is None:
            self.stopped_by = number
            self.machine.stop(signal.Signals(number).name)
            self._carry_out()
            self.executor.stop()
        else:
            self.executor.kill()

    def _look(self, at_once: bool) -> None:
        for tasks, paths in self.executor.left(at_once):
            self.journal.tell({"event": "left", "tasks": tasks, "count": len(paths), "paths": paths[:_MOST_PATHS]})

    # ---- commands ----

    def _carry_out(self) -> None:
        commands = self.machine.commands
        while commands:
            command = commands.popleft()
            ACTIONS[type(command).__name__](self, command)

    def tell(self, tell: Tell) -> None:
        self.journal.tell(tell.event, tell.artifacts)

    def start(self, start: Start) -> None:
        began = time.monotonic()
        try:
            pid = self.executor.start(start.job, start.step)
        except (StepFailed, OSError) as error:
            self.journal.tell(start.event)
            reason = str(error) if isinstance(error, StepFailed) else f"could not start: {error.strerror}"
            self.machine.ended(start.job, {"seconds": round(time.monotonic() - began, 6)}, reason, {})
        else:
            self.journal.tell({**start.event, "pid": pid})

    def retry(self, retry: Retry) -> None:
        self.executor.after(retry.seconds, partial(self.machine.due, retry.job))

    def place(self, place: Place) -> None:
        self.executor.place(place)

    def release(self, release: Release) -> None:
        self.executor.release(release.folder)


# The methods that carry out the commands of the machine, by the name of the command.
ACTIONS: Dict[str, Callable[[Scheduler, Any], None]] = {
    "Tell": Scheduler.tell,
    "Start": Scheduler.start,
    "Retry": Scheduler.retry,
    "Place": Scheduler.place,
    "Release": Scheduler.release,
}


def _current_folder() -> str:
    """The current folder; the root if it was deleted."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "/"


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
