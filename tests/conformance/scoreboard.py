"""The scoreboard `docs/conformance.md`: every case with its claim and each engine's verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from .case import HERE, TARGETS, Case, find_cases
from .engine import ENGINES, engine
from .judge import AGREES, DIFFERS, Verdict

FILE = HERE.parent.parent / "docs" / "conformance.md"
UNKNOWN = "not run"

HEAD = """# Conformance

Each case is one line of the execution model or of the language: a small pipeline, run by every engine, and the trace
that must come out. The engines run for real. The cases are in `tests/conformance`.

`agrees` means that the trace is the expected one, that no task started before one of its ancestors had ended, and that
no more instances ran at once than `max_parallel` allows. `refused` gives the code that the compiler refuses with.

The suite does not compare times, files that tasks leave in their [work folders](targets/local.md#the-work-folder), and
which ticks of a schedule start a run. A tick that comes during another run runs late on Airflow, and Argo drops
it ([W601](diagnostics/W601.md)).

This page is generated: `python -m tests.conformance --bless --engine {engines}`.

"""

Words = Mapping[str, Mapping[str, str]]  # by case, then by engine


def render(cases: Sequence[Case], words: Words) -> str:
    """The page."""
    rows = [f"| `{case.name}` | {escape(case.proves)} | {' | '.join(cells(case, words))} |" for case in in_order(cases)]
    titles = [engine(name).title for name in ENGINES]
    totals = "".join(f"* {engine(name).title}: {total(cases, name, words)}\n" for name in ENGINES)
    head = HEAD.format(engines=",".join(ENGINES))
    table = "\n".join([f"| case | proves | {' | '.join(titles)} |", "|---|---|" + "---|" * len(titles), *rows])
    count = (
        f"{len(cases)} cases: {run_by_all(cases)} run on every target, {refused(cases)} must be refused, and the others"
    )
    return f"{head}{count} hold for some targets.\n\n{totals}\n{table}\n"


def in_order(cases: Sequence[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: case.name)


def run_by_all(cases: Sequence[Case]) -> int:
    """The number of cases that run on every target."""
    return sum(case.refuse is None and set(case.targets) == set(TARGETS) for case in cases)


def refused(cases: Sequence[Case]) -> int:
    return sum(case.refuse is not None for case in cases)


def cells(case: Case, words: Words) -> list[str]:
    return [words.get(case.name, {}).get(name, UNKNOWN) for name in ENGINES]


def total(cases: Sequence[Case], name: str, words: Words) -> str:
    found = [words.get(case.name, {}).get(name, UNKNOWN) for case in cases]
    agree = found.count(AGREES)
    as_expected = sum(word.startswith("refused") or word == "accepted" for word in found)
    return f"{agree} agree, {found.count(DIFFERS)} differ, {as_expected} decided by the compiler"


def escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def read() -> dict[str, dict[str, str]]:
    """The verdicts on the current page, for the engines on it."""
    if not FILE.is_file():
        return {}
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    by_title = {engine(name).title: name for name in ENGINES}
    found: dict[str, dict[str, str]] = {}
    titles: list[str] = []
    for line in lines:
        parts = line.strip("|").replace("\\|", "\0").split("|")
        case, _, *verdicts = (part.strip() for part in parts)
        if case == "case":
            titles = verdicts
        else:
            shown = zip(titles, verdicts, strict=True)
            found[case.strip("`")] = {by_title[title]: word for title, word in shown if title in by_title}
    return found


def update(verdicts: Mapping[str, Mapping[Path, Verdict]]) -> None:
    """Write the page: new verdicts for judged cases of the suite, and the old verdicts for all others."""
    words = read()
    own = find_cases()
    for name, by_folder in verdicts.items():
        for case in own:
            if case.folder in by_folder:
                words.setdefault(case.name, {})[name] = by_folder[case.folder].word
    FILE.write_text(render(own, words), encoding="utf-8")
