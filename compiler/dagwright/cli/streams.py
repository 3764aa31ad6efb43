"""Standard error that cannot fail: what is said of a command must not change how it ends."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import Any


def forgive_stderr() -> None:
    """Let standard error drop what cannot be written (a full disk, a reader that has gone). A terminal stays as is."""
    if sys.stderr.isatty():
        return
    encoding = sys.stderr.encoding or "ascii"
    sys.stderr = io.TextIOWrapper(
        _Forgiving(2, "w", closefd=False), encoding=encoding, errors="backslashreplace", write_through=True
    )


def say(text: str) -> None:
    """Write to standard error where `sys.stderr` cannot be trusted any more."""
    with contextlib.suppress(OSError):
        os.write(2, text.encode("utf-8", "backslashreplace"))


class _Forgiving(io.FileIO):
    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)
