"""Processes started by tests, which end with all their descendants, even if pytest is interrupted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from types import FrameType
from typing import Any

GRACE = 30  # seconds for processes to end by themselves


@contextlib.contextmanager
def owned(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process that Ctrl-C does not reach; it ends with the block, together with its descendants."""
    process = subprocess.Popen(command, start_new_session=True, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            stop([process.pid])
            process.wait()


def stop(pids: Iterable[int]) -> None:
    """End processes and their descendants: each gets TERM after the end of its parent, and KILL after the grace period.

    Another interruption waits until this is done.
    """
    asked: set[int] = set()
    end = time.monotonic() + GRACE
    with uninterrupted():
        while (parents := family(pids)) and time.monotonic() < end:
            tops = {pid for pid, parent in parents.items() if parent not in parents} - asked
            send(tops, signal.SIGTERM)
            asked |= tops
            pids = parents
            time.sleep(0.1)
        send(parents, signal.SIGKILL)


def family(pids: Iterable[int]) -> dict[int, int]:
    """The parent of each of these processes and their descendants, without ended processes."""
    listing = subprocess.run(["ps", "-axo", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    running = {int(pid): int(parent) for pid, parent, state, *_ in rows if not state.startswith("Z")}
    found = [pid for pid in pids if pid in running]
    for known in found:
        found += [pid for pid, parent in running.items() if parent == known and pid not in found]
    return {pid: running[pid] for pid in found}


def send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Delay SIGINT and SIGTERM until the end of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
