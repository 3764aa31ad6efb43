"""Options and fixtures of all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import progress

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="rewrite goldens and generated documentation")


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
