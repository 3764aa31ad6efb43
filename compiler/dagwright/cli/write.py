"""Writing generated files: all of them, or none."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from dagwright.backends.backend import Artifact


def write_all(artifacts: Iterable[Artifact], folder: str) -> list[str]:
    """Write the artifacts that differ from the files below `folder`; return their paths. An error changes nothing.

    Files are first written beside their final places, and moved when all are on disk; if a move fails, the moves before
    it are undone. Raises OSError.
    """
    staged: list[tuple[str, str]] = []  # (temporary file, final place)
    made = Folders()
    try:
        for artifact in artifacts:
            place = os.path.join(folder, artifact.path)
            if _is_there(place, artifact.text):
                continue
            made.make(os.path.dirname(place))
            with _naming(place):
                staged.append((_stage(artifact.text, place), place))
        _move(staged)
    except BaseException:
        for temporary, _ in staged:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        made.remove()
        raise
    return [place for _, place in staged]


def open_file(place: str) -> BinaryIO:
    """The open file of a path. Raises OSError, also for a folder, a pipe or a device, and never waits."""
    descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, os.strerror(number) if stat.S_ISDIR(mode) else "Not a regular file", place)
    return os.fdopen(descriptor, "rb")


def _is_there(place: str, text: str) -> bool:
    try:
        with open_file(place) as file:
            return file.read() == text.encode("utf-8")
    except OSError:
        return False


@contextlib.contextmanager
def _naming(place: str) -> Iterator[None]:
    """Make errors name the final file, not the temporary file beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, place) from error


class Folders:
    """A creator of folders that can remove the folders it created."""

    def __init__(self) -> None:
        self.made: list[str] = []

    def make(self, path: str) -> None:
        missing: list[str] = []
        while path and not os.path.isdir(path):
            missing.append(path)
            path = os.path.dirname(path)
        for folder in reversed(missing):
            os.mkdir(folder)
            self.made.append(folder)

    def remove(self) -> None:
        for folder in reversed(self.made):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


def _stage(text: str, place: str) -> str:
    descriptor, temporary = tempfile.mkstemp(prefix=".dagwright-", dir=os.path.dirname(place) or ".")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, _mode(place))
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary


def _mode(place: str) -> int:
    """The mode of the file that will be replaced, or that of a new file."""
    try:
        return stat.S_IMODE(os.stat(place).st_mode)
    except OSError:
        return 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _move(staged: list[tuple[str, str]]) -> None:
    moved: list[tuple[str, str | None]] = []  # (place, backup of the previous file)
    try:
        for temporary, place in staged:
            with _naming(place):
                before = _keep(place)
                moved.append((place, before))
                os.replace(temporary, place)
    except BaseException:
        for place, before in reversed(moved):
            with contextlib.suppress(OSError):
                os.replace(before, place) if before else os.unlink(place)
        raise
    for _, before in moved:
        if before:
            os.unlink(before)


def _keep(place: str) -> str | None:
    """A second name for the file that will be replaced, or None if there is no file."""
    if not os.path.exists(place):
        return None
    kept = f"{place}.{os.getpid()}.before"
    with open_file(place) as old, open(kept, "wb") as new:
        new.write(old.read())
    return kept
