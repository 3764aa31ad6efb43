"""The check of features, for a backend without settings and with a table of a few features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dagwright.backends import check, matrix
from dagwright.backends.backend import Artifact, Level, Support
from dagwright.backends.features import Feature
from dagwright.backends.registry import BACKENDS, backend
from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline

SPEC = """\
apiVersion: dagwright/v1
name: made
tasks:
  one: {command: [echo, a], timeout: 5s, retry: 2}
  two: {needs: [one], command: [echo, b]}
"""


@dataclass(frozen=True)
class Make:
    """A backend that knows commands and refuses time limits."""

    name: str = "make"

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        return {
            Feature.COMMAND: Support(Level.NATIVE, "a recipe"),
            Feature.NEEDS: Support(Level.NATIVE, "prerequisites"),
            Feature.TIMEOUT: Support(Level.UNSUPPORTED, "make has no time limit"),
        }

    def check(self, pipeline: Pipeline, report: Report) -> None:
        return None

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        return (Artifact("make/Makefile", ""),)


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    path = tmp_path / "pipeline.yaml"
    path.write_text(SPEC)
    found = load(str(path), Options(), Report())
    assert found is not None
    return found


def test_a_feature_that_a_backend_refuses_or_does_not_know_is_an_error(pipeline: Pipeline) -> None:
    report = Report()
    check.check_support(pipeline, Make(), (), report)
    found = [(d.code, d.message, d.notes[0]) for d in report.diagnostics]
    assert found == [
        ("E601", "target `make` cannot keep `retry.limit: 2`", "the backend does not know this feature"),
        ("E601", "target `make` cannot keep `timeout: 5s`", "make has no time limit"),
    ]


def test_the_matrix_shows_what_a_backend_does_not_know(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "BACKENDS", {"make": ""})
    monkeypatch.setattr(matrix, "backend", lambda name: Make())
    levels = {row.feature: row.supports[0].level for row in matrix.rows(pipeline)}
    assert levels[Feature.COMMAND] is Level.NATIVE
    assert levels[Feature.RETRY] is Level.UNSUPPORTED


@pytest.mark.parametrize("name", BACKENDS)
def test_every_feature_has_a_level_and_words(name: str) -> None:
    for feature, support in backend(name).support(None).items():
        assert isinstance(support.level, Level), feature
        assert isinstance(support.how, str), feature
