"""Passes over the IR: plain functions `(pipeline, report) -> pipeline`, one file each, in the order of `PASSES`."""

from __future__ import annotations

from collections.abc import Callable

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.passes.check_absence import check_absence
from dagwright.passes.check_graph import check_graph
from dagwright.passes.check_schedule import check_schedule
from dagwright.passes.check_unused import check_unused

Pass = Callable[[Pipeline, Report], Pipeline]

PASSES: tuple[Pass, ...] = (check_graph, check_absence, check_unused, check_schedule)
