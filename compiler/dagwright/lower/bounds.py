"""Contradictory bounds of a param."""

from __future__ import annotations

from dagwright.diagnostics.fix import Advice, Edit, Fix
from dagwright.diagnostics.model import Label, Report
from dagwright.ir.model import Param
from dagwright.lower.names import text
from dagwright.source.tree import Mapping


def report_contradictions(node: Mapping, param: Param, report: Report) -> bool:
    """Report an E269 for each lower bound above its upper bound, at the later one; return whether there is any."""
    pairs = (
        ("minimum", "maximum", param.minimum, param.maximum),
        ("min_length", "max_length", param.min_length, param.max_length),
    )
    found = [(low, high) for low, high, least, most in pairs if least is not None and most is not None and least > most]
    for low, high in found:
        first, again = sorted((node.keys[low], node.keys[high]), key=lambda key: key.start)
        report.error(
            "E269",
            f"no value of `{param.name[:30]}` can obey both `{low}` and `{high}`",
            again.span,
            label=f"contradicts `{first.text}`",
            secondary=[Label(first.span, "first here")],
            help=Advice(
                f"write `{low}: {text(node.values[high])}, {high}: {text(node.values[low])}`",
                Fix(
                    tuple(
                        Edit(node.values[key].span, text(node.values[other]))
                        for key, other in ((low, high), (high, low))
                    )
                ),
            ),
        )
    return bool(found)
