"""The capability matrix: all features, or those of one pipeline, with the support of each target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dagwright.backends.backend import Support, support_of
from dagwright.backends.features import Feature, uses
from dagwright.backends.registry import BACKENDS, backend
from dagwright.ir.model import Pipeline
from dagwright.source.span import Span


@dataclass(frozen=True, slots=True)
class Row:
    """A feature, its support by each target (in the order of the targets), and its first use."""

    feature: Feature
    supports: tuple[Support, ...]
    used_at: Span | None


def rows(pipeline: Pipeline | None, names: Iterable[str] = BACKENDS) -> list[Row]:
    """The rows of all features, in order; with a pipeline, only of the features that it uses."""
    first: dict[Feature, Span] = {}
    if pipeline is not None:
        for feature, span in uses(pipeline):
            first.setdefault(feature, span)
    tables = [backend(name).support(pipeline) for name in names]
    shown = [feature for feature in Feature if pipeline is None or feature in first]
    return [Row(f, tuple(support_of(f, table) for table in tables), first.get(f)) for f in shown]


def as_json(pipeline: Pipeline | None, names: Sequence[str] = tuple(BACKENDS)) -> dict[str, Any]:
    """`{"features": [{"feature", "used_at"?, "targets": {name: {"level", "how"}}}]}`."""
    return {"features": [_json_row(row, names) for row in rows(pipeline, names)]}


def _json_row(row: Row, names: Sequence[str]) -> dict[str, Any]:
    targets = {name: {"level": s.level.value, "how": s.how} for name, s in zip(names, row.supports, strict=True)}
    line: dict[str, Any] = {"feature": row.feature.value, "targets": targets}
    if row.used_at is not None:
        line["used_at"] = _place(row.used_at)
    return line


def _place(span: Span) -> str:
    line, column = span.source.position(span.start)
    return f"{span.source.path}:{line}:{column}"


def as_text(pipeline: Pipeline | None, names: Sequence[str] = tuple(BACKENDS)) -> str:
    """A table of levels for a terminal; with a pipeline, the place of first use and the `how` of each target."""
    found = rows(pipeline, names)
    width = max((len(row.feature.value) for row in found), default=0)
    lines = [" ".join([f"{'feature':<{width}}", *(f"{name:<11}" for name in names)]).rstrip()]
    for row in found:
        levels = [f"{s.level.value:<11}" for s in row.supports]
        place = _place(row.used_at) if row.used_at else ""
        lines.append(" ".join([f"{row.feature.value:<{width}}", *levels, place]).rstrip())
        if pipeline is not None:
            lines += [f"    {name}: {s.how}" for name, s in zip(names, row.supports, strict=True)]
    return "\n".join(lines) + "\n"


def as_markdown(pipeline: Pipeline | None = None, names: Sequence[str] = tuple(BACKENDS)) -> str:
    """The table of the documentation: the level of each target, and the way it supports the feature."""
    lines = ["| Feature | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for row in rows(pipeline, names):
        cells = [f"{s.level.value}: {_cell(s.how)}" for s in row.supports]
        lines.append(f"| {_cell(row.feature.value)} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
