"""What a manifest cannot hold, reported where it is written (E640-E669)."""

from __future__ import annotations

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline


def verify(pipeline: Pipeline, report: Report) -> None:
    """All checks."""
