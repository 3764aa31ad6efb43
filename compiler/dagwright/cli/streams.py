"""A standard error that cannot fail: messages must not change the exit code of a command."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any


def forgive_stderr() -> None:
    """Make standard error drop unwritable text (a full disk, a closed pipe). A terminal is not changed."""
    if sys.stderr.isatty():
        return
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr = io.TextIOWrapper(
        _Forgiving(2, "w", closefd=False), encoding=encoding, errors="backslashreplace", write_through=True
    )


def say(text: str) -> None:
    """Write to standard error when `sys.stderr` may be unusable."""
    with contextlib.suppress(OSError):
        os.write(2, text.encode("utf-8", "backslashreplace"))


class _Forgiving(io.FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)
