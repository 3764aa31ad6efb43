"""Folders and files that commands do not search: environments, packages, and everything that git ignores."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click

from dagwright.diagnostics.visible import visible

_NEVER = frozenset({"node_modules"})
_HIDDEN = (".", "__")  # beginnings of names, such as `.git` and `__pycache__`
_ENVIRONMENT = "pyvenv.cfg"  # the file that makes a folder a virtual environment
_PATIENCE = 10  # time limit of git, in seconds


class Ignored:
    """The files and folders that a search below `folder` skips. If git ignores `folder`, git's rules do not count."""

    def __init__(self, folder: str) -> None:
        self._by_git = _ignored_by_git(folder)

    def folder(self, path: str) -> bool:
        """Whether the search skips a folder, with everything in it."""
        name = os.path.basename(path)
        return (
            name.startswith(_HIDDEN)
            or name in _NEVER
            or self.file(path)
            or os.path.isfile(os.path.join(path, _ENVIRONMENT))
        )

    def file(self, path: str) -> bool:
        return bool(self._by_git) and os.path.abspath(path) in self._by_git


def _ignored_by_git(folder: str) -> frozenset[str]:
    """The absolute paths that git ignores below a folder; for an ignored folder only its own path."""
    root = os.path.abspath(folder)
    if not any((parent / ".git").exists() for parent in (Path(root), *Path(root).parents)):
        return frozenset()
    # the settings prevent git from running a program named by a repository
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "ls-files", "-z"]
    command += ["--others", "--ignored", "--exclude-standard", "--directory"]
    try:
        done = subprocess.run(command, cwd=root, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    names = [os.fsdecode(name).rstrip("/") for name in done.stdout.split(b"\0") if name]
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        click.echo(f"note: git does not say what it ignores, so all files are searched: {visible(why)}", err=True)
    if done.returncode or "." in names:
        return frozenset()
    return frozenset(os.path.join(root, name) for name in names)
