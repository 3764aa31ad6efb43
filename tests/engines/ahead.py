"""Background work on engines: a separate process runs the work while the other tests continue.

A test declares `@pytest.mark.ahead(work, …)` and takes the fixture `done`, which gives the result of a work. The
process runs all works in sequence, those with a cluster first; these tests run last.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Hashable
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any, Protocol

from . import progress
from .processes import stop


class Work(Hashable, Protocol):
    """A piece of work: picklable, equal works run once; with the engines that it needs (`marked.py`)."""

    @property
    def engines(self) -> tuple[str, ...]: ...

    def __call__(self) -> Any: ...


class Ahead:
    """The background process, which starts with the first work."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._found: dict[Work, Future[Any]] = {}

    def start(self, work: Work) -> Future[Any]:
        """The future result of a work, which is started once."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=leave_interruptions)
        if work not in self._found:
            with progress.uncaptured():  # the process inherits the current output streams
                self._found[work] = self._pool.submit(work)
        return self._found[work]

    def end(self) -> None:
        """End the process, and its descendants if its work is unfinished."""
        if self._pool is None:
            return
        if not all(future.done() for future in self._found.values()):
            stop([child.pid for child in multiprocessing.active_children() if child.pid])
        self._pool.shutdown(cancel_futures=True)


def leave_interruptions() -> None:
    """Ignore Ctrl-C, which also reaches this process, since pytest ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
