"""Messages about slow work, printed to standard error past pytest's capture."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

# `tests/conftest.py` sets this to a function that suspends the capture.
uncaptured: Callable[[], AbstractContextManager[object]] = nullcontext


def say(text: str) -> None:
    """Print one line."""
    with uncaptured():
        print(f"\n{text}", file=sys.stderr, flush=True)
