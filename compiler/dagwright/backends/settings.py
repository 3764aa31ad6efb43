"""Readers for the settings of a target, from the tree to plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.lower.names import child, entries, items, number, text
from dagwright.source import tree
from dagwright.source.tree import Node

S = TypeVar("S")
Reader = Callable[[Node, Report], object]


def settings_of(pipeline: Pipeline, target: str, kind: type[S]) -> S:
    """The settings of a pipeline for a target; the defaults if the spec does not name it."""
    found = pipeline.targets.of(target)
    return found if isinstance(found, kind) else kind()


def read_text(node: Node, _: Report) -> str:
    return text(node)


def read_texts(node: Node, _: Report) -> tuple[str, ...]:
    return tuple(text(item) for item in items(node))


def read_number(node: Node, _: Report) -> int | None:
    return number(node)


def read_flag(node: Node, _: Report) -> bool:
    return isinstance(node, tree.Scalar) and node.value is True


def read_pairs(node: Node, _: Report) -> tuple[tuple[str, str], ...]:
    """The keys and values of a mapping of texts."""
    return tuple((key.text, text(value)) for key, value in entries(node))


def read_version(node: Node, _: Report) -> tuple[int, int]:
    """The version of an engine as (major, minor)."""
    major, minor = text(node).split(".")[:2]
    return int(major), int(minor)


def read_settings(node: Node, readers: Mapping[str, Reader], report: Report) -> dict[str, Any]:
    """The fields of a settings value: one per key that is not null, and the spans as `origin` and `origins`."""
    if not isinstance(node, tree.Mapping):
        return {}
    given = ((key, child(node, key)) for key in node.values if key in readers)
    values = {key: readers[key](value, report) for key, value in given if value is not None}
    spans = tuple((key, value.span) for key, value in node.values.items())
    return {**values, "origin": node.span, "origins": spans}
