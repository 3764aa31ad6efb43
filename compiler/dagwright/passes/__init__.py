"""Passes over the IR: plain functions `(pipeline, report) -> pipeline`, one file each, in the order of the tables."""

from __future__ import annotations

from collections.abc import Callable

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.passes.check_absence import check_absence
from dagwright.passes.check_graph import check_graph
from dagwright.passes.check_rules import check_rules
from dagwright.passes.check_schedule import check_schedule
from dagwright.passes.check_status import check_status
from dagwright.passes.check_unused import check_unused

Pass = Callable[[Pipeline, Report], Pipeline]

# First the passes that need only names and also accept a pipeline with unreadable parts, then all others.
OF_NAMES: tuple[Pass, ...] = (check_graph, check_schedule)
OF_THE_WHOLE: tuple[Pass, ...] = (check_rules, check_absence, check_status, check_unused)
