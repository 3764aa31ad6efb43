"""The real expr-lang, built once per session from the Go program in this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines import golang, missing

from .engines import ExprLang

PROGRAM = Path(__file__).parent / "exprlang"


@pytest.fixture(scope="session")
def exprlang() -> Iterator[ExprLang]:
    try:
        program = golang.build(PROGRAM)
    except missing.Unavailable as why:
        missing.skip(why)
    engine = ExprLang(program)
    yield engine
    engine.close()
