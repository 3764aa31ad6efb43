"""Processes started by a task, including processes that have left its process group.

On Linux this process is a "subreaper": it adopts orphans among its descendants, so it finds all of them. On other
systems it finds only processes whose parents still exist.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from typing import Callable, Collection, Dict, FrozenSet, Iterable, List, Mapping, Optional, Set

SET_CHILD_SUBREAPER = 36  # option of prctl
LONGEST_END = 1.0  # seconds to wait for processes after KILL


def signal_group(group: int, number: int) -> None:
    """Send a signal to a process group. An ended group is not an error (macOS reports EPERM for zombies)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def signal_processes(pids: Iterable[int], number: int, groups: Collection[int] = ()) -> None:
    """Send a signal to each process outside `groups`, which already have the signal."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if not groups or os.getpgid(pid) not in groups:
                os.kill(pid, number)


def adopt_orphans() -> bool:
    """Make orphans among descendants become children of this process; return whether that is possible."""
    if sys.platform != "linux":
        return False
    try:
        import ctypes

        values = [ctypes.c_ulong(number) for number in (1, 0, 0, 0)]
        return int(ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, *values)) == 0
    except (ImportError, OSError, AttributeError):
        return False


def children() -> List[int]:
    """The children of this process, including zombies."""
    try:
        found: List[int] = []
        for thread in os.listdir("/proc/self/task"):
            found += map(int, read_proc(f"/proc/self/task/{thread}/children").split())
        return found
    except OSError:  # a kernel without this file
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
    """All visible processes, each with its parent."""
    if not os.path.exists("/proc/self/stat"):
        return parents_by_ps()
    found = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            with contextlib.suppress(OSError):  # the process has just ended
                found[int(name)] = int(read_proc(f"/proc/{name}/stat").rpartition(b")")[2].split()[1])
    return found


def parents_by_ps() -> Dict[int, int]:
    """All visible processes with their parents, on systems without /proc."""
    try:
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
    except OSError:
        return {}
    numbers = [int(word) for word in listed.stdout.split()]
    return dict(zip(numbers[::2], numbers[1::2]))


def family(roots: Iterable[int], parent_of: Mapping[int, int]) -> Set[int]:
    """The processes and all their descendants."""
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
    """KILL the children from `find` and wait for them, until there are none: orphans of killed children come next."""
    end = time.monotonic() + LONGEST_END
    denied: Set[int] = set()
    while found := [pid for pid in find() if pid not in denied]:
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
            except PermissionError:  # the process now runs as another user
                denied.add(pid)
            except (ProcessLookupError, ChildProcessError):
                pass
        if time.monotonic() > end:
            return
        time.sleep(0.002)


def out_of(pid: int) -> Optional[str]:
    """The `$DW_OUT` in the environment of a process, where /proc tells it."""
    try:
        variables = read_proc(f"/proc/{pid}/environ").split(b"\0")
    except OSError:
        return None
    found = [variable[len(b"DW_OUT=") :] for variable in variables if variable.startswith(b"DW_OUT=")]
    return os.fsdecode(found[0]) if found else None


def marked(below: str) -> Dict[int, str]:
    """The processes whose `$DW_OUT` begins with a path, each with its `$DW_OUT`; none where there is no /proc."""
    if not os.path.exists("/proc/self/environ"):
        return {}
    outs = {int(name): out_of(int(name)) for name in os.listdir("/proc") if name.isdecimal()}
    return {pid: out for pid, out in outs.items() if out is not None and out.startswith(below)}


class Orphans:
    """Orphans left by attempts. The `$DW_OUT` of a process, a folder below `outputs`, identifies its attempt.

    `own` is a child of this process that is not an orphan.
    """

    def __init__(self, outputs: str, own: int) -> None:
        self.adopted = adopt_orphans()
        self._own = own
        self._strangers = set(children()) - {own} if self.adopted else set()  # children from before this run
        self._below = outputs + "/"
        self._owners: Dict[int, FrozenSet[str]] = {}

    def of(self, attempts: Collection[str], live: Mapping[int, str]) -> List[int]:
        """The orphans of some attempts; `live` has the process and folder of every running attempt."""
        return [pid for pid, owners in self._find(live).items() if not owners.isdisjoint(attempts)]

    def end(self, live: Mapping[int, str]) -> None:
        """End orphans that do not belong to a running attempt."""
        end_all(lambda: [pid for pid, owners in self._find(live).items() if owners.isdisjoint(live.values())])

    def _find(self, live: Mapping[int, str]) -> Dict[int, FrozenSet[str]]:
        """The orphans, each with its attempt, or with all attempts that ran when it was first seen, if unknown."""
        found: Dict[int, FrozenSet[str]] = {}
        for pid in children() if self.adopted else ():
            if pid in live or pid in self._strangers or pid == self._own:
                continue
            owners = self._owners.get(pid)
            if owners is None:
                out = out_of(pid)
                out = out if out is not None and out.startswith(self._below) else None
                if out is None and self._strangers:  # strangers may also leave orphans
                    self._strangers.add(pid)
                    continue
                owners = frozenset(live.values() if out is None else [out])
            found[pid] = owners
        self._owners = found
        return found
