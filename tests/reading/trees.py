"""Trees as comparable plain values, and the two ways to read a tree."""

from __future__ import annotations

from collections.abc import Iterator

from dagwright.diagnostics.model import Report
from dagwright.reading import read
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.source.span import Source
from dagwright.source.tree import Mapping, Node, Scalar, Sequence


def plain(node: Node | None) -> object:
    """A tree as nested tuples, with all offsets and values."""
    match node:
        case Scalar():
            value = (type(node.value).__name__, repr(node.value))
            return node.start, node.end, node.text, value, node.plain, node.verbatim, node.text_start
        case Sequence():
            return node.start, node.end, tuple(map(plain, node.items))
        case Mapping():
            pairs = tuple((plain(node.keys[key]), plain(node.values[key])) for key in node.keys)
            return node.start, node.end, pairs
    return None


def scalars(node: Node) -> Iterator[Scalar]:
    """All scalars of a tree, keys included."""
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from scalars(item)
        case Mapping():
            for key in node.keys:
                yield node.keys[key]
                yield from scalars(node.values[key])


def findings(report: Report) -> list[tuple[object, ...]]:
    """The diagnostics of a report, as plain values."""
    return [(d.code, d.span and (d.span.start, d.span.end), d.message, d.label, d.help) for d in report.diagnostics]


def read_as_usual(text: str) -> tuple[object, list[tuple[object, ...]]]:
    """The tree and findings as for users: from the C parser if it is installed and can read the text."""
    report = Report()
    node = read.parse(Source("x", text), DEFAULT_BUDGETS, report)
    return plain(node), findings(report)


def read_without_c(text: str) -> tuple[object, list[tuple[object, ...]]]:
    """The tree and findings without the C parser."""

    def missing(text: str) -> read.Events:
        raise read.Unsuited

    before = read.c_events
    read.c_events = missing
    try:
        return read_as_usual(text)
    finally:
        read.c_events = before
