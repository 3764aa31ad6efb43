"""The origin of a run: the state of its Git checkout, and the machine."""

from __future__ import annotations

import os
import subprocess
from typing import Any, Dict, Optional

_PATIENCE = 0.25  # seconds to wait for Git; a run starts without its answer then


class Checkout:
    """A question to Git about the checkout around a folder; Git works on it until `state` is called."""

    def __init__(self, folder: str) -> None:
        self._git: Optional[subprocess.Popen[bytes]] = None
        if _in_checkout(os.path.abspath(folder)):
            command = ["git", "-C", folder, "status", "--porcelain=v2", "--branch", "--no-renames"]
            try:
                self._git = subprocess.Popen(
                    command,
                    env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:  # Git is not installed
                pass

    def state(self) -> Optional[Dict[str, Any]]:
        """The commit, and whether all files are as committed; None without an answer."""
        if self._git is None:
            return None
        try:
            output = self._git.communicate(timeout=_PATIENCE)[0]
        except subprocess.TimeoutExpired:
            self._git.kill()
            self._git.communicate()
            return None
        lines = output.decode("ascii", "replace").splitlines()
        heads = dict(line[2:].partition(" ")[::2] for line in lines if line.startswith("# "))
        commit = heads.get("branch.oid", "")
        if self._git.returncode != 0 or not commit or commit.startswith("("):
            return None
        return {"commit": commit, "clean": all(line.startswith("# ") for line in lines)}


def _in_checkout(folder: str) -> bool:
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def host() -> Dict[str, Any]:
    """The machine: its name, its system, and the number of its processors."""
    found = os.uname()
    return {"name": found.nodename, "system": f"{found.sysname} {found.release}", "machine": found.machine,
            "processors": os.cpu_count() or 1}  # fmt: skip
