"""A plugin of pytest that records which tests run which lines, with what they start: `python -m tests.mutation`.

Each process writes a file to the folder in `DAGWRIGHT_RECORD`: its tests, and for each line a number whose bits are the
tests that run it.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .lines import COPIED_FUNCTIONS, VARIABLE, Found, Lines, functions, left
from .single import run_works_at_once

FOLDER = "DAGWRIGHT_RECORD"
TRACED = str(Path(__file__).with_name("traced"))


class Recorder:
    def __init__(self, folder: Path) -> None:
        copied = functions()
        self.lines = Lines(copied)
        self.file = folder / f"{os.getpid()}.json"
        self.others = folder / str(os.getpid())  # the lines of other processes
        self.others.mkdir()
        (self.others / COPIED_FUNCTIONS).write_text(json.dumps(copied), encoding="ascii")
        self.tests: list[tuple[str, float]] = []
        self.masks: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.shared: dict[str, Found] = defaultdict(dict)  # what fixtures run for all tests of a file
        self.passed: set[str] = set()

    def pytest_collection_finish(self) -> None:
        self.lines.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.take()
        started = time.monotonic()
        result = yield
        self.add(item.nodeid, time.monotonic() - started, self.take())
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: pytest.FixtureRequest) -> Iterator[None]:
        if fixturedef.scope == "function":
            return (yield)
        before = self.take()
        result = yield
        join(self.shared[request.node.nodeid.partition("::")[0]], self.take())
        join(self.lines.found, before)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        for bit, (name, _) in enumerate(self.tests):
            self.mark(bit, self.shared.get(name.partition("::")[0], {}))
        tests = [(name, seconds, name in self.passed) for name, seconds in self.tests]
        masks = {file: {line: hex(mask) for line, mask in of_file.items()} for file, of_file in self.masks.items()}
        self.file.write_text(json.dumps({"tests": tests, "lines": masks}), encoding="utf-8")

    def take(self) -> Found:
        taken = self.lines.take()
        join(taken, left(self.others))
        return taken

    def add(self, name: str, seconds: float, found: Found) -> None:
        self.mark(len(self.tests), found)
        self.tests.append((name, seconds))

    def mark(self, bit: int, found: Found) -> None:
        for file, numbers in found.items():
            masks = self.masks[file]
            for line in numbers:
                masks[line] |= 1 << bit


def join(into: Found, more: Found) -> None:
    for file, numbers in more.items():
        into.setdefault(file, set()).update(numbers)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.numprocesses:
        return  # the workers record
    recorder = Recorder(Path(os.environ[FOLDER]))
    os.environ[VARIABLE] = str(recorder.others)
    os.environ["PYTHONPATH"] = os.pathsep.join([TRACED, os.environ["PYTHONPATH"]])
    config.pluginmanager.register(recorder)


pytest_collection_modifyitems = run_works_at_once
