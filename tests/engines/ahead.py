"""Work on engines that a process of its own does in the background while the other tests go on.

A test says `@pytest.mark.ahead(work, …)` and takes the fixture `done`, which gives what a work returned. All pieces are
done one after the other, those with a cluster first; these tests come last.
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
    """Something that pickles, and that is the same work where it is equal; the engines that it needs (`marked.py`)."""

    @property
    def engines(self) -> tuple[str, ...]: ...

    def __call__(self) -> Any: ...


class Ahead:
    """The process, which starts with the first piece of work."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._found: dict[Work, Future[Any]] = {}

    def start(self, work: Work) -> Future[Any]:
        """Have it done, once."""
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=leave_interruptions)
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


def leave_interruptions() -> None:
    """Ctrl-C reaches this process, too, but it is pytest that ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
