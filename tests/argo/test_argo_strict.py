"""Manifests against Argo's own schema and definitions, in which unknown keys are errors."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from argo.mixed import mixed
from dagwright.backends.argo import BACKEND
from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report

# The checker leaves Argo's files open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SPECS = sorted([*HERE.glob("cases/*/pipeline.yaml"), *ROOT.glob("tests/golden/*/pipeline.yaml")])


@pytest.fixture(scope="module")
def strict() -> ModuleType:
    """The checker that lies beside Argo's files, outside the project."""
    folder = os.environ.get("DAGWRIGHT_ARGO_FILES") or str(ROOT.parent / "shared" / "engines" / "argo")
    path = Path(folder, "argo_strict.py")
    if not path.is_file():
        pytest.skip("Argo's schema and definitions are not here (DAGWRIGHT_ARGO_FILES names their folder)")
    spec = importlib.util.spec_from_file_location("argo_strict", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", SPECS, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_a_manifest_is_what_argo_defines(strict: ModuleType, path: Path) -> None:
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None, report.diagnostics
    assert_strict(strict, BACKEND.emit(pipeline)[0].text)


def test_a_manifest_that_is_cut_is_what_argo_defines(strict: ModuleType, argo: Any) -> None:
    assert_strict(strict, argo.text(mixed(300, 1)))


def assert_strict(strict: ModuleType, text: str) -> None:
    documents = strict.load(text)
    assert documents
    for document in documents:
        assert strict.check(document) == []
