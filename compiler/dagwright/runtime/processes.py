"""Processes that a task has started, also those that have left its process group.

On Linux this process adopts the orphans among its descendants (it is a "subreaper"), so that none of them gets lost.
Elsewhere only those are found whose parents are still there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import Callable, Collection, Dict, FrozenSet, Iterable, List, Mapping, Optional, Set

SET_CHILD_SUBREAPER = 36  # an option of prctl
LONGEST_END = 1.0  # seconds that we wait for processes after KILL


def signal_group(group: int, number: int) -> None:
    """Send a signal to a process group. One that has ended already is no error (macOS says EPERM of zombies)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def signal_processes(pids: Iterable[int], number: int, groups: Collection[int] = ()) -> None:
    """Send a signal to each process that is in none of `groups`, which have got it already."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if not groups or os.getpgid(pid) not in groups:
                os.kill(pid, number)


def adopt_orphans() -> bool:
    """Whether orphans among our descendants become our children from now on."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        values = [ctypes.c_ulong(number) for number in (1, 0, 0, 0)]
        return int(ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, *values)) == 0
    except (ImportError, OSError, AttributeError):
        return False


def children() -> List[int]:
    """Our own children, including those that have ended and were not waited for."""
    try:
        found: List[int] = []
        for thread in os.listdir("/proc/self/task"):
            found += map(int, read_proc(f"/proc/self/task/{thread}/children").split())
        return found
    except OSError:  # a kernel without that file
        own = os.getpid()
        return [pid for pid, parent in parents().items() if parent == own]


def read_proc(path: str) -> bytes:
    """The content of a file of /proc. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = b""
        while chunk := os.read(descriptor, 65536):
            content += chunk
        return content
    finally:
        os.close(descriptor)


def parents() -> Dict[int, int]:
    """Every process that can be seen, with its parent."""
    if not os.path.exists("/proc/self/stat"):
        return parents_by_ps()
    found = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError):  # it has just ended
                found[int(name)] = int(read_proc(f"/proc/{name}/stat").rpartition(b")")[2].split()[1])
    return found


def parents_by_ps() -> Dict[int, int]:
    """The same, where there is no /proc."""
    try:
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return {}
    numbers = [int(word) for word in listed.stdout.split()]
    return dict(zip(numbers[::2], numbers[1::2]))


def family(roots: Iterable[int], parent_of: Mapping[int, int]) -> Set[int]:
    """Some processes and all their descendants."""
    below: Dict[int, List[int]] = {}
    for pid, parent in parent_of.items():
        below.setdefault(parent, []).append(pid)
    found: Set[int] = set()
    pending = list(roots)
    while pending:
        pid = pending.pop()
        if pid not in found:
            found.add(pid)
            pending += below.get(pid, ())
    return found


def end_all(find: Callable[[], List[int]]) -> None:
    """KILL the children that `find` gives and wait for them, until it gives none: their orphans come next."""
    end = time.monotonic() + LONGEST_END
    denied: Set[int] = set()
    while found := [pid for pid in find() if pid not in denied]:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except PermissionError:  # it runs as somebody else now
                denied.add(pid)
            except (ProcessLookupError, ChildProcessError):
                pass
        if time.monotonic() > end:
            return
        time.sleep(0.002)


class Orphans:
    """The processes that attempts have left to us. An attempt is known by its `$DW_OUT`, a folder below `outputs`."""

    def __init__(self, outputs: str) -> None:
        self.adopted = adopt_orphans()
        self._strangers = set(children()) if self.adopted else set()  # children of whoever called us
        self._below = os.fsencode(outputs) + b"/"
        self._owners: Dict[int, FrozenSet[str]] = {}

    def of(self, attempts: Collection[str], live: Mapping[int, str]) -> List[int]:
        """The orphans of some attempts; `live` holds the process and the folder of every attempt that runs."""
        return [pid for pid, owners in self._find(live).items() if not owners.isdisjoint(attempts)]

    def end(self, live: Mapping[int, str]) -> None:
        """End what belongs to no attempt that still runs."""
        end_all(lambda: [pid for pid, owners in self._find(live).items() if owners.isdisjoint(live.values())])

    def _find(self, live: Mapping[int, str]) -> Dict[int, FrozenSet[str]]:
        """Our orphans, each with its attempt; with all that ran when it was first seen, where it does not tell."""
        found: Dict[int, FrozenSet[str]] = {}
        for pid in children() if self.adopted else ():
            if pid in live or pid in self._strangers:
                continue
            owners = self._owners.get(pid)
            if owners is None:
                out = self._attempt_of(pid)
                if out is None and self._strangers:  # a stranger may leave orphans to us, too
                    self._strangers.add(pid)
                    continue
                owners = frozenset(live.values() if out is None else [out])
            found[pid] = owners
        self._owners = found
        return found

    def _attempt_of(self, pid: int) -> Optional[str]:
        """The `$DW_OUT` that a process was started with."""
        try:
            variables = read_proc(f"/proc/{pid}/environ").split(b"\0")
        except OSError:
            return None
        found = [variable[len(b"DW_OUT=") :] for variable in variables if variable.startswith(b"DW_OUT=")]
        return os.fsdecode(found[0]) if found and found[0].startswith(self._below) else None
