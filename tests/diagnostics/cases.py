"""The cases of diagnostics, and their reports."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from dagwright.backends.registry import BACKENDS
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Report

HERE = Path(__file__).parent
CASES = sorted(str(path.parent.relative_to(HERE)) for path in HERE.glob("*/*/pipeline.yaml"))


def diagnose(folder: Path) -> Report:
    """The report of one case, for every target; paths in it are relative to the case."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        report = Report()
        pipeline = load("pipeline.yaml", Options(), report)
        if pipeline is not None:
            check_targets(pipeline, BACKENDS, Options(), report)
        return report
    finally:
        os.chdir(before)


@cache
def report_of(case: str) -> Report:
    """The report of a case of this folder, which several tests read."""
    return diagnose(HERE / case)
