"""The interpreters under which the runner is tested."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Runner


@pytest.fixture(params=["python", "python3.9", "portable"])
def runner(request: pytest.FixtureRequest, tmp_path: Path) -> Runner:
    """A runner for scripts under this Python, under 3.9, and without the names that only Linux has."""
    return Runner(request.param, tmp_path)


@pytest.fixture
def here(tmp_path: Path) -> Runner:
    """A runner for scripts under this Python only."""
    return Runner("python", tmp_path)
