"""Options and fixtures of all tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from engines import progress

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite goldens and generated documentation")
    parser.addoption("--random-pipelines", type=int, metavar="N", help="run N random pipelines on every engine")


def pytest_configure(config: pytest.Config) -> None:
    """What takes minutes says so past the capture."""
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        progress.uncaptured = capture.global_and_fixture_disabled


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
