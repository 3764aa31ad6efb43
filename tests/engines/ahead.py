"""Work on engines that is done ahead, in a process of its own, while the tests that need none of it go on.

A test says `@pytest.mark.ahead(work, …)` and takes the fixture `done`, which gives what a work returned. All pieces are
done one after the other, those with a cluster first; these tests come last.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Hashable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, Protocol

from . import progress

GRACE = 10  # seconds that processes have to end in order


class Work(Hashable, Protocol):
    """Something that pickles, and that is the same work where it is equal; whether it runs a cluster of the testbed."""

    @property
    def needs_cluster(self) -> bool: ...

    def __call__(self) -> Any: ...


class Ahead:
    """The process, which starts with the first piece of work."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._found: dict[Work, Future[Any]] = {}

    def start(self, work: Work) -> Future[Any]:
        """Have it done, once."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        if work not in self._found:
            with progress.uncaptured():  # the process inherits the outputs as they are now
                self._found[work] = self._pool.submit(work)
        return self._found[work]

    def end(self) -> None:
        """End the process; and whatever it started, where it is not done."""
        if self._pool is None:
            return
        if not all(future.done() for future in self._found.values()):
            stop([child.pid for child in multiprocessing.active_children() if child.pid])
        self._pool.shutdown(cancel_futures=True)


def stop(roots: Iterable[int]) -> None:
    """End processes and all that they started: in order where they can, so that clusters clean up."""
    pids = family(roots)
    send(pids, signal.SIGTERM)
    end = time.monotonic() + GRACE
    while (multiprocessing.active_children() or send(pids, 0)) and time.monotonic() < end:
        time.sleep(0.1)
    send(pids, signal.SIGKILL)


def family(roots: Iterable[int]) -> list[int]:
    """Processes and their descendants."""
    listing = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [(int(pid), int(parent)) for pid, parent in map(str.split, listing.splitlines())]
    found = list(roots)
    for known in found:
        found += [pid for pid, parent in pairs if parent == known]
    return found


def send(pids: Iterable[int], number: int) -> list[int]:
    """The processes that a signal has reached; 0 reaches those that there are."""
    found = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
            found.append(pid)
    return found
