"""Options and fixtures of all tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engines import progress
from engines.ahead import Ahead, Work

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite goldens and generated documentation")
    parser.addoption("--random-pipelines", type=int, metavar="N", help="run N random pipelines on every engine")


def pytest_configure(config: pytest.Config) -> None:
    """What takes minutes says so past the capture."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        progress.uncaptured = capture.global_and_fixture_disabled


AHEAD = pytest.StashKey[Ahead]()
STARTING = ("airflow", "argo", "engines")  # folders whose tests start engines


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts engines by itself comes late, and what waits for those that were started ahead comes last."""
    items.sort(key=lambda item: 2 if works_of(item) else item.path.parent.name in STARTING)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    session.config.stash[AHEAD] = Ahead()
    if not session.testsfailed and not session.config.option.collectonly:
        works = dict.fromkeys(work for item in session.items for work in works_of(item))
        for work in sorted(works, key=lambda work: not work.needs_cluster):  # before other tests want one, too
            session.config.stash[AHEAD].start(work)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if AHEAD in session.config.stash:
        session.config.stash[AHEAD].end()


def works_of(item: pytest.Item) -> tuple[Work, ...]:
    mark = item.get_closest_marker("ahead")
    return () if mark is None else mark.args


@pytest.fixture
def done(request: pytest.FixtureRequest) -> Callable[[Work], Any]:
    """What a work has returned that the test is marked with, see `engines/ahead.py`."""
    return lambda work: request.config.stash[AHEAD].start(work).result()


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    """Whether this run rewrites what it would otherwise compare."""
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the project."""
    return ROOT


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say which engines judged how many tests, and which did not and why. Tests name theirs by a property `engine`."""
    judged: Counter[str] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    for outcome in ("passed", "failed", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            for name, value in report.user_properties:
                if name != "engine":
                    continue
                if outcome == "skipped":
                    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
                    missed[value, reason.removeprefix("Skipped: ")] += 1
                else:
                    judged[value] += 1
    if judged or missed:
        terminalreporter.section("engines")
    for engine, count in sorted(judged.items()):
        terminalreporter.write_line(f"{engine} judged {count} tests")
    for (engine, reason), count in sorted(missed.items()):
        terminalreporter.write_line(f"{engine} did NOT judge {count} tests: {reason}")
