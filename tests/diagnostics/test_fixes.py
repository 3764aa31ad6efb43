"""Every fix is applied, and the spec is checked again: the finding is gone, without new errors."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from dagwright.diagnostics.fix import Edit, Fix, applied
from dagwright.diagnostics.model import Diagnostic, Severity
from dagwright.diagnostics.render import render
from diagnostics.cases import CASES, HERE, diagnose, report_of

# A help of this form gives the literal text to write, so it has a fix.
LITERAL = re.compile(r"did you mean `|write `[a-z_]+: [^`.…]+`$|write `[^`.…]+`, (in|without) quotes")


def repaired(case: Path, fix: Fix, copy: Path) -> Path:
    """A copy of a case with a fix applied."""
    shutil.copytree(case, copy)
    for source in {edit.span.source for edit in fix.edits}:
        (copy / source.path).write_bytes(applied(source, fix.edits).encode("utf-8", "surrogatepass"))
    return copy


def lines_of(edits: tuple[Edit, ...]) -> set[tuple[str, int]]:
    """The lines that the edits change, as lines of the new text."""
    touched = set()
    for edit in edits:
        source, line = edit.span.source, edit.span.source.position(edit.span.start)[0]
        before = [e for e in edits if e.span.source is source and e.span.start < edit.span.start]
        shift = sum(e.text.count("\n") - source.text[e.span.start : e.span.end].count("\n") for e in before)
        touched |= {(source.path, line + shift + more) for more in range(edit.text.count("\n") + 1)}
    return touched


def line_of(diagnostic: Diagnostic) -> tuple[str, int] | None:
    span = diagnostic.span
    return None if span is None else (span.source.path, span.source.position(span.start)[0])


def said(diagnostic: Diagnostic) -> tuple[str, str]:
    return diagnostic.code, diagnostic.message


@pytest.mark.parametrize("case", CASES)
def test_fixes(case: str, tmp_path: Path) -> None:
    before = report_of(case).diagnostics
    for index, diagnostic in enumerate(before):
        if diagnostic.fix is not None:
            check(before, diagnostic, diagnostic.fix, HERE / case, tmp_path / str(index))


def check(before: Sequence[Diagnostic], diagnostic: Diagnostic, fix: Fix, case: Path, copy: Path) -> None:
    made = repaired(case, fix, copy)
    after = diagnose(made).diagnostics
    text = (made / "pipeline.yaml").read_text(encoding="utf-8", errors="replace") + render(after, "text")
    assert Counter(map(said, after))[said(diagnostic)] < Counter(map(said, before))[said(diagnostic)], text
    known, touched = set(map(said, before)), lines_of(fix.edits)
    assert not [d for d in after if is_worse(d) and said(d) not in known and line_of(d) in touched], text


def is_worse(diagnostic: Diagnostic) -> bool:
    """Whether a finding is an error in the spec itself, not a feature missing in a target."""
    return diagnostic.severity is Severity.ERROR and not diagnostic.code.startswith("E6")


def test_literal_helps_have_fixes() -> None:
    """A help that can be pasted unchanged also has a fix; the others are prose, or leave a choice."""
    without = [
        (case, diagnostic.code, diagnostic.help)
        for case in CASES
        for diagnostic in report_of(case).diagnostics
        if diagnostic.fix is None and diagnostic.help and LITERAL.match(diagnostic.help)
    ]
    assert without == [], without
