"""The work folder of tasks: files that tasks leave in it, and copies for tasks that must not share it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import time
from collections import deque
from typing import Deque, Dict, List, Sequence, Set, Tuple

from dagwright.runtime.step import StepFailed

# Folders that are neither watched nor copied.
VERSION_CONTROL = (".git", ".hg", ".svn", ".dagwright")
# Folders that are not watched: tools store their own files there.
CACHES = ("__pycache__", "node_modules", ".venv", "venv", ".tox", ".cache", ".ipynb_checkpoints", ".pytest_cache",
          ".mypy_cache", ".ruff_cache")  # fmt: skip
LONGEST_LOOK = 0.1  # seconds of a scan
MOST_ENTRIES = 20_000  # files and folders of one scan, those near the top first
MOST_CHANGED = 1_000
SHARE = 20  # the pause after a scan, as a multiple of its duration
CLOCK = 0.02  # seconds by which the clock of a file system may be late
CLONE = 0x40049409  # FICLONE of Linux: a copy that shares its blocks until one of the files is written


class Watch:
    """A watch for files that appear or change in the work folder while tasks run.

    The change time of a file tells which tasks may have written it. A scan reads a limited number of entries, and scans
    take a limited share of the time, so a huge folder costs no more than a small one: in a huge folder, deep files may
    not be found.
    """

    def __init__(self, folder: str, runs: str) -> None:
        """`runs` is the folder of records, which may be inside the work folder."""
        self._folder, self._runs = os.path.realpath(folder), os.path.realpath(runs)
        self._since = time.time() - CLOCK
        self._running: Dict[int, Tuple[str, float]] = {}
        self._ended: List[Tuple[str, float, float]] = []
        self._known: Set[str] = set()
        self._next = 0.0

    def begin(self, pid: int, task: str, moment: float) -> None:
        """Record that a process of a task has started, not before `moment`: it may have written files since."""
        self._running[pid] = task, moment

    def end(self, pid: int) -> None:
        """Record the end of a process."""
        self._ended.append((*self._running.pop(pid), time.time()))

    def look(self, at_once: bool) -> List[Tuple[List[str], List[str]]]:
        """New or changed files, in groups with the tasks that may have written them; each file is returned once.

        [] if it is too early for another scan, unless `at_once`.
        """
        started = time.monotonic()
        if not self._ended or (started < self._next and not at_once):
            return []
        found: Dict[Tuple[str, ...], List[str]] = {}
        for path, moment in self._changed():
            tasks = self._candidates(moment)
            if tasks:
                self._known.add(path)
                found.setdefault(tasks, []).append(os.path.relpath(path, self._folder))
        self._ended.clear()
        now = time.monotonic()
        self._next = now + (now - started) * SHARE
        return [(list(tasks), sorted(paths)) for tasks, paths in found.items()]

    def _candidates(self, moment: float) -> Tuple[str, ...]:
        """The tasks that ran at a moment; () if all of them are still running, since they may remove the file again."""
        ended = [task for task, start, end in self._ended if start - CLOCK <= moment <= end + CLOCK]
        running = [task for task, start in self._running.values() if start - CLOCK <= moment]
        return tuple(dict.fromkeys([*ended, *running])) if ended else ()

    def _changed(self) -> List[Tuple[str, float]]:
        """The files changed since the start of the run, with their times."""
        found: List[Tuple[str, float]] = []
        end, entries = time.monotonic() + LONGEST_LOOK, 0
        pending: Deque[str] = deque([self._folder])
        while pending:
            with contextlib.suppress(OSError), os.scandir(pending.popleft()) as listed:
                for entry in listed:
                    entries += 1
                    late = entries % 256 == 0 and time.monotonic() > end
                    if late or entries > MOST_ENTRIES or len(found) >= MOST_CHANGED:
                        return found
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in (*VERSION_CONTROL, *CACHES) and entry.path != self._runs:
                            pending.append(entry.path)
                    elif entry.path not in self._known:
                        moment = entry.stat(follow_symlinks=False).st_ctime
                        if moment >= self._since:
                            found.append((entry.path, moment))
        return found


def copy_folder(source: str, target: str, runs: str) -> None:
    """Copy a work folder, without version control and the folder of records. Raises StepFailed."""
    source, runs = os.path.realpath(source), os.path.realpath(runs)

    def left_out(folder: str, names: Sequence[str]) -> List[str]:
        return [name for name in names if name in VERSION_CONTROL or os.path.join(folder, name) == runs]

    try:
        shutil.copytree(source, target, symlinks=True, ignore=left_out, copy_function=copy_file)
    except shutil.Error as error:
        path, _, reason = error.args[0][0]
        more = len(error.args[0]) - 1
        also = f", and {more} more" if more else ""
        raise StepFailed(f"the work folder cannot be copied: {os.path.relpath(path, source)}: {reason}{also}") from None


def copy_file(source: str, target: str) -> None:
    """Copy a file with its mode and times; if the file system supports it, the files share blocks until one is written.

    Pipes, sockets and devices are skipped.
    """
    if not stat.S_ISREG(os.lstat(source).st_mode):
        return
    with open(source, "rb") as before, open(target, "xb") as after:
        try:
            fcntl.ioctl(after.fileno(), CLONE, before.fileno())
        except OSError:
            shutil.copyfileobj(before, after, 1 << 20)
    shutil.copystat(source, target)


def remove_folder(folder: str) -> None:
    """Delete a copy, as far as possible."""

    def unlock(_: object, path: str, __: object) -> None:
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), stat.S_IRWXU)
            os.chmod(path, stat.S_IRWXU)
            os.rmdir(path) if os.path.isdir(path) else os.unlink(path)

    shutil.rmtree(folder, onerror=unlock)
