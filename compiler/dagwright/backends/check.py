"""The capability check: features that a target refuses (E601) or keeps only in part (W601)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dagwright.backends.backend import Backend, Level, Support, support_of
from dagwright.backends.features import Feature, Use, uses
from dagwright.backends.registry import BACKENDS, backend
from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline

_SHORT = 20  # characters of a quoted value in a message
_KEPT = (Level.NATIVE, Level.EMULATED, Level.ADVISORY)


def check_support(pipeline: Pipeline, target: Backend, allowed: Collection[str], report: Report) -> None:
    """Report each feature once per target, at its first use."""
    table = target.support(pipeline)
    seen: set[Feature] = set()
    for use in uses(pipeline):
        feature = use[0]
        if feature in seen:
            continue
        seen.add(feature)
        support = support_of(feature, table)
        if support.level not in _KEPT:
            _report(pipeline, target, use, support, allowed, report)


def _report(
    pipeline: Pipeline, target: Backend, use: Use, support: Support, allowed: Collection[str], report: Report
) -> None:
    feature, span = use
    can = [f"{target.name} ≥ {support.since}"] if support.since else []
    others = [
        name
        for name in BACKENDS
        if name != target.name and support_of(feature, backend(name).support(pipeline)).level in _KEPT
    ]
    notes = [support.how]
    if can or others:
        notes.append("targets that can: " + ", ".join([*can, *others]))
    what = feature.value if len(feature.value) <= 40 else feature.value.split(":")[0]
    if support.level is Level.UNSUPPORTED:
        value = echoed(span.source.text[span.start : span.end], _SHORT)
        report.error(
            "E601",
            f"target `{target.name}`{_version(pipeline, target)} cannot keep `{what.partition(',')[0]}: {value}`",
            span,
            label="not possible there",
            notes=notes,
            help=_way_out(target.name, support, others),
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


def _version(pipeline: Pipeline, target: Backend) -> str:
    """The requested version, if the target has versions."""
    version = getattr(pipeline.targets.of(target.name), "version", None)
    return f" {version[0]}.{version[1]}" if isinstance(version, tuple) and len(version) == 2 else ""


def _way_out(name: str, support: Support, others: Sequence[str]) -> str:
    if support.since:
        return f'write `targets: {{{name}: {{version: "{support.since}"}}}}`'
    if others:
        return "remove it, or compile only for the other targets: " + " ".join(f"-t {other}" for other in others)
    return "remove it"
