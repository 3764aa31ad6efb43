"""A plugin of pytest that runs the tests in the file `DAGWRIGHT_TESTS`, in its order, each within a time limit."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest

from .single import run_works_at_once

FILE = "DAGWRIGHT_TESTS"
LIMITS: dict[str, float] = json.loads(Path(os.environ[FILE]).read_text(encoding="utf-8"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    by_name = {item.nodeid: item for item in items}
    items[:] = [by_name[name] for name in LIMITS if name in by_name]
    run_works_at_once(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, LIMITS[item.nodeid])
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def too_long(number: int, frame: FrameType | None) -> None:
    pytest.fail("not ended within the limit")
