"""The pipelines of all goldens, for the tests in this folder."""

from __future__ import annotations

from pathlib import Path

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def pipelines() -> dict[str, Pipeline]:
    """The pipelines of all goldens, by their names."""
    found = {}
    for path in sorted(GOLDEN.glob("*/pipeline.yaml")):
        pipeline = load(str(path), Options(), Report())
        assert pipeline is not None
        found[path.parent.name] = pipeline
    return found
