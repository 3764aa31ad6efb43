"""The capability check: what a target refuses (E601) and what it keeps only in part (W601)."""

from __future__ import annotations

from collections.abc import Collection

from dagwright.backends.registry import BACKENDS, backend
from dagwright.backends.support import Backend, Feature, Level, Support, Use, uses
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline

_KEPT = (Level.NATIVE, Level.EMULATED, Level.ADVISORY)


def check_support(pipeline: Pipeline, target: Backend, allowed: Collection[str], report: Report) -> None:
    """Report each feature once a target, at the first place that uses it."""
    table = target.support(pipeline)
    seen: set[Feature] = set()
    for use in uses(pipeline):
        feature = use[0]
        if feature in seen or table[feature].level in _KEPT:
            continue
        seen.add(feature)
        _report(pipeline, target, use, table[feature], allowed, report)


def _report(
    pipeline: Pipeline, target: Backend, use: Use, support: Support, allowed: Collection[str], report: Report
) -> None:
    feature, span = use
    refused = support.level is Level.UNSUPPORTED
    others = [
        name for name in BACKENDS if name != target.name and backend(name).support(pipeline)[feature].level in _KEPT
    ]
    notes = [support.how]
    if others:
        notes.append("targets that can: " + ", ".join(others))
    what = feature.value if len(feature.value) <= 40 else feature.value.split(":")[0]
    if refused:
        report.error(
            "E601",
            f"target `{target.name}` cannot keep `{what}`",
            span,
            label="not possible there",
            notes=notes,
            help="remove it, or compile only for the other targets: " + " ".join(f"-t {name}" for name in others)
            if others
            else "remove it",
        )
    elif "W601" not in allowed and feature.name.lower() not in allowed:
        report.warning(
            "W601",
            f"target `{target.name}` keeps `{what}` only in part",
            span,
            label="differs there",
            notes=notes,
            help=f"accept the difference with `--allow-degraded {feature.name.lower()}`",
        )
