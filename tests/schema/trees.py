"""Trees for tests, from plain data or from text."""

from __future__ import annotations

import json

from dagwright.backends.registry import additions
from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.reading.read import parse
from dagwright.schema.validate import validate
from dagwright.source.span import Source
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_SOURCE = Source("pipeline.yaml", "x" * 10)


def tree(value: object) -> Node:
    """Plain data as a tree. All spans are at the start of a dummy file."""
    match value:
        case dict():
            keys = {key: _scalar(key) for key in value}
            return Mapping(_SOURCE, 0, 1, keys, {key: tree(item) for key, item in value.items()})
        case list():
            return Sequence(_SOURCE, 0, 1, [tree(item) for item in value])
    return _scalar(value)


def _scalar(value: object) -> Scalar:
    text = value if isinstance(value, str) else json.dumps(value)
    return Scalar(_SOURCE, 0, 1, text, value=value, plain=True, verbatim=True, text_start=0)


def read(text: str) -> Node:
    """The tree of a valid YAML text."""
    report = Report()
    node = parse(Source("pipeline.yaml", text), DEFAULT_BUDGETS, report)
    assert node is not None, report.diagnostics
    assert not report.failed, report.diagnostics
    return node


def diagnose(text: str, root: str = "pipeline") -> list[Diagnostic]:
    """The schema's diagnostics for a YAML text."""
    report = Report()
    validate(read(text), report, root, additions({}, report))
    return report.diagnostics
