"""`compile --check`: the files on disk compared with the compiled files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from dagwright.backends.backend import Artifact
from dagwright.cli.write import open_file
from dagwright.diagnostics.model import Report
from dagwright.source.span import Source, Span

STALE = ("E902", "E903")
_NO_TEXT = re.compile("[\udc80-\udcff]")  # bytes that are not UTF-8
_HELP = "run the same command without `--check`"


def compare(artifacts: Iterable[tuple[str, Artifact]], folder: str, report: Report) -> Iterator[list[str]]:
    """Report each file that differs (E902) or is missing (E903); for a file that differs, also give a unified diff.

    `artifacts` are pairs of a spec's path and an artifact.
    """
    for spec, artifact in artifacts:
        place = os.path.join(folder, artifact.path)
        there = _read(place)
        made_from = [f"made from {spec if spec != '-' else 'standard input'}"]
        if there is None:
            span = Span(Source(place, ""), 0, 0)
            report.error("E903", "a generated file is missing", span, label="not there", notes=made_from, help=_HELP)
        elif there != artifact.text:
            span = _first_difference(place, there, artifact.text)
            report.error(
                "E902",
                "this file is not what its spec compiles to",
                span,
                label="the first difference",
                notes=made_from,
                help=_HELP,
            )
            yield _diff(place, there, artifact.text)


def _read(place: str) -> str | None:
    try:
        with open_file(place) as file:
            return file.read().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None


def _first_difference(place: str, there: str, wanted: str) -> Span:
    """The first line of the file that differs, or its last line if only lines after it are missing."""
    lines, others = there.split("\n"), wanted.split("\n")
    same = next((n for n, (line, other) in enumerate(zip(lines, others, strict=False)) if line != other), len(others))
    number = min(same, len(lines) - (2 if there.endswith("\n") and len(lines) > 1 else 1))
    start = sum(len(line) + 1 for line in lines[:number])
    return Span(Source(place, _NO_TEXT.sub("\ufffd", there)), start, start + len(lines[number]))


def _diff(place: str, there: str, wanted: str) -> list[str]:
    import difflib

    lines = difflib.unified_diff(
        there.splitlines(keepends=True), wanted.splitlines(keepends=True), place, f"{place} (expected)"
    )
    return [_visible(line) for line in lines]


def _visible(line: str) -> str:
    return line.encode("utf-8", "backslashreplace").decode() if line.endswith("\n") else f"{line}\n"
