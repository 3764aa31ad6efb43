"""A thread for work on artifacts, which can take minutes: meanwhile the loop of the run hears timers and signals."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections import deque
from typing import Any, Callable, Deque, Optional, Tuple

Work = Callable[[], Any]


class Helper:
    """A thread that does one piece of work after the other. It starts with the first one."""

    def __init__(self) -> None:
        self._work: queue.SimpleQueue[Optional[Tuple[Callable[[Any], None], Work]]] = queue.SimpleQueue()
        self._done: Deque[Tuple[Callable[[Any], None], Any, Optional[BaseException]]] = deque()
        self._thread: Optional[threading.Thread] = None

    def do(self, work: Work, report: Callable[[Any], None]) -> None:
        """Do some work; `collect` then calls `report` with the result."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="artifacts", daemon=True)
            self._thread.start()
        self._work.put((report, work))

    def collect(self) -> None:
        """Report what is done. An error of the work is raised here."""
        while self._done:
            report, result, error = self._done.popleft()
            if error is not None:
                raise error
            report(result)

    def finish(self) -> None:
        """Wait for all work, and end the thread."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while (given := self._work.get()) is not None:
            report, work = given
            try:
                self._done.append((report, work(), None))
            except BaseException as error:  # `collect` raises it
                self._done.append((report, None, error))
            os.kill(os.getpid(), signal.SIGCHLD)  # wakes the loop, as the end of a process does
