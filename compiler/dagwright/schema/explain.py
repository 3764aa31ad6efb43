"""Words for what is wrong."""

from __future__ import annotations

from dagwright.diagnostics.model import Report
from dagwright.schema.judge import first_complaint
from dagwright.source.tree import Node


def explain(node: Node, report: Report, root: str) -> None:
    report.error("E200", (first_complaint(node, root) or "not allowed")[:90], node.span)
