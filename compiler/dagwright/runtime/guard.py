"""A guard: a process that ends the tasks of this process if this process is killed (SIGKILL, out of memory).

The guard waits at a pipe, which closes when this process ends. It is in a session of its own, so neither Ctrl-C nor a
signal to the group of this process ends it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from typing import Collection, Optional, Set

from dagwright.runtime.processes import LONGEST_END, family, marked, parents, signal_group, signal_processes


class Guard:
    """The guard of this process. `below` is the path with which the `$DW_OUT` of each task begins."""

    def __init__(self, below: str, keep: Collection[int] = ()) -> None:
        """Start the guard, in which the descriptors `keep` stay open."""
        reader, self._writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            stand_guard(reader, below, keep)
        os.close(reader)
        os.set_blocking(self._writer, False)

    def started(self, group: int) -> None:
        """Guard a process group."""
        self._tell(group)

    def ended(self, group: int) -> None:
        """Forget a process group."""
        self._tell(-group)

    def close(self) -> None:
        """End the guard, without an effect on any process."""
        self._tell(0)
        os.close(self._writer)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _tell(self, number: int) -> None:
        with contextlib.suppress(OSError):  # the guard itself was killed or stopped
            os.write(self._writer, b"%d\n" % number)


def stand_guard(reader: int, below: str, keep: Collection[int]) -> None:
    """The program of the guard; it does not return."""
    try:
        os.setsid()
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        close_all_but({reader, *keep})
        groups = groups_at_the_end(reader)
        if groups is not None:
            end_groups(groups, below)
    finally:
        os._exit(0)


def close_all_but(keep: Collection[int]) -> None:
    """Close all descriptors except some; the standard streams become empty."""
    empty = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(empty, number)
    for name in os.listdir("/dev/fd"):
        if int(name) > 2 and int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))


def groups_at_the_end(reader: int) -> Optional[Set[int]]:
    """The process groups that ran when the other end of the pipe closed; None after a regular end."""
    groups: Set[int] = set()
    rest = b""
    while chunk := os.read(reader, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for number in map(int, lines):
            if not number:
                return None
            if number > 0:
                groups.add(number)
            else:
                groups.discard(-number)
    return groups


def end_groups(groups: Collection[int], below: str) -> None:
    """KILL process groups with all their descendants, and all processes whose `$DW_OUT` begins with `below`."""
    found = family(groups, parents()) if groups else set()
    for group in groups:
        signal_group(group, signal.SIGKILL)
    end = time.monotonic() + LONGEST_END
    while (found := found | set(marked(below)) - {os.getpid()}) and time.monotonic() < end:
        signal_processes(found, signal.SIGKILL)
        found = set()
        time.sleep(0.002)
