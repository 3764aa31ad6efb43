"""The real expr-lang, built once a session from the Go program beside the tests."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .engines import ExprLang

PROGRAM = Path(__file__).parent / "exprlang"


@pytest.fixture(scope="session")
def exprlang(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExprLang]:
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed, so expr-lang cannot be built")
    target = tmp_path_factory.mktemp("exprlang") / "exprlang"
    built = subprocess.run(
        [go, "build", "-o", str(target), "."], cwd=PROGRAM, capture_output=True, text=True, timeout=300, check=False
    )
    if built.returncode != 0:
        pytest.skip(f"expr-lang cannot be built: {built.stderr.strip()[-300:]}")
    engine = ExprLang(target)
    yield engine
    engine.close()
