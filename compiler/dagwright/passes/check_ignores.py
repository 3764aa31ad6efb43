"""Comments that ignore a warning that does not occur (W140)."""

from __future__ import annotations

from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.fix import replace
from dagwright.diagnostics.model import Report
from dagwright.source.span import Source

_LONGEST = 20  # characters of a quoted code
_OF_TARGETS = "W6"  # depends on the requested targets, which passes do not know


def report_unused_ignores(source: Source, report: Report) -> None:
    """Warn about each code in a comment of the spec that ignored no warning."""
    unused = [found for found in report.unused_ignores(source) if not found.code.startswith(_OF_TARGETS)]
    for found in unused:
        alone = source.text[found.comment.start : found.comment.end].count(",") == 0
        report.warning(
            "W140",
            f"this comment ignores `{echoed(found.code, _LONGEST)}`, which is not reported for its line",
            found.span,
            label="nothing to ignore" if found.code.startswith("W") else "only warnings can be ignored",
            help=replace("remove the comment", found.comment, "") if alone else "remove the code from the comment",
        )
