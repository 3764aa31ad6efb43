"""Artifacts between tasks: made read-only, linked or copied for their readers, and their digests."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
from typing import Any, Callable, Dict, Iterator, Mapping, Sequence

from dagwright.runtime.step import ARTIFACT_TYPES, walk_entries

_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_CHUNK = 1 << 20


def seal(path: str) -> None:
    """Make an artifact read-only: a file, or all files of a directory."""
    for name in _files(path):
        with contextlib.suppress(OSError):  # owned by another user: not changed
            os.chmod(name, stat.S_IMODE(os.lstat(name).st_mode) & ~_WRITE)


def _files(path: str) -> Iterator[str]:
    if not os.path.isdir(path):
        yield path
        return
    for entry in walk_entries(path):
        if entry.is_file(follow_symlinks=False):
            yield entry.path


def place(source: str, target: str) -> None:
    """Put an artifact at `target` for a reader: hard links to the same files, or copies if links are not possible."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.isdir(source):
        _link(source, target)
        return
    os.mkdir(target)
    for entry in walk_entries(source):
        beside = os.path.join(target, os.path.relpath(entry.path, source))
        if entry.is_dir(follow_symlinks=False):
            os.mkdir(beside)
        else:
            _link(entry.path, beside)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


def freeze(folder: str, frozen: bool) -> None:
    """Make the directories below `folder` read-only, so no files are added or removed, or writable again.

    Inputs are frozen only while their readers run, so a run's folder can always be deleted.
    """
    folders = [folder, *(e.path for e in walk_entries(folder) if e.is_dir(follow_symlinks=False))]
    for name in folders:
        mode = stat.S_IMODE(os.lstat(name).st_mode)
        os.chmod(name, mode & ~_WRITE if frozen else mode | stat.S_IWUSR)


def written(outputs: Sequence[Mapping[str, Any]], found: Mapping[str, str]) -> Dict[str, Dict[str, Any]]:
    """The size and digest of each artifact of an attempt, by its name. Raises OSError."""
    return {
        output["name"]: {"size": artifact_size(found[output["name"]]), "sha256": artifact_digest(found[output["name"]])}
        for output in outputs
        if output["type"] in ARTIFACT_TYPES
    }


def artifact_size(path: str) -> int:
    """The bytes of a file, or of all files of a directory."""
    return sum(os.lstat(name).st_size for name in _files(path))


def artifact_digest(path: str) -> str:
    """The sha256 of a file's content; for a directory, of its sorted lines `path NUL x-or-minus NUL sha256 LF`."""
    if not os.path.isdir(path):
        return _file_digest(path)
    root = os.fsencode(path)
    lines = []
    for name in _files(path):
        raw = os.fsencode(name)
        executable = b"x" if os.lstat(name).st_mode & stat.S_IXUSR else b"-"
        lines.append(b"\0".join((os.path.relpath(raw, root), executable, _file_digest(name).encode())) + b"\n")
    return hashlib.sha256(b"".join(sorted(lines))).hexdigest()


def _file_digest(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


# The functions that make an output read-only, by its type; values need none.
SEALS: Dict[str, Callable[[str], None]] = {
    "file": seal,
    "directory": seal,
}
