"""Every case on every engine, one test each. All runs of an engine are made at once, when its first test asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from engines.missing import skip

from .case import Case, find_cases
from .compare import differences
from .engine import ENGINES, MAIN, engine, judges
from .judge import AGREES, NOT_COMPARED, Verdict, Verdicts, compile_case, without_running
from .scoreboard import FILE, UNKNOWN, read, render, update

CASES = find_cases()
RUN = [
    (name, case)
    for name in ENGINES
    for case in CASES
    if case.trace is not None and engine(name).target in case.targets and judges(name, case.name)
]
COMPILED = [(name, case) for name in MAIN for case in CASES if case.refuse is not None]


def ids(pair: tuple[str, Case]) -> str:
    return f"{pair[0]}-{pair[1].name}"


@pytest.mark.parametrize(
    "pair", [pytest.param(pair, id=ids(pair), marks=pytest.mark.ahead(Verdicts(pair[0]))) for pair in RUN]
)
def test_the_engine_agrees(
    pair: tuple[str, Case],
    done: Callable[[Verdicts], Mapping[Path, Verdict]],
    record_property: Callable[[str, object], None],
) -> None:
    name, case = pair
    record_property("engine", engine(name).title)
    missing = engine(name).missing()
    if missing:
        skip(missing)
    verdict = done(Verdicts(name))[case.folder]
    assert not verdict.wrong, "\n".join(verdict.details)


@pytest.mark.parametrize("pair", COMPILED, ids=ids)
def test_the_compiler_refuses(pair: tuple[str, Case]) -> None:
    name, case = pair
    judged = engine(name)
    verdict = without_running(case, judged, compile_case(case, judged))
    assert verdict is not None
    assert not verdict.wrong, "\n".join(verdict.details)


def test_there_are_enough_cases() -> None:
    refused = sum(case.refuse is not None for case in CASES)
    assert len(CASES) >= 120
    assert refused * 4 >= len(CASES)


def test_every_case_says_something_of_its_own() -> None:
    said = [case.proves for case in CASES]
    assert [text for text in set(said) if said.count(text) > 1] == []


def test_the_scoreboard_is_current(bless: bool) -> None:
    """The page lists every case with what it proves; verdicts are written by `python -m tests.conformance --bless`."""
    if bless:
        update({})
    words = read()
    assert FILE.read_text(encoding="utf-8") == render(CASES, words), "run pytest tests/conformance --bless"
    assert {name: odd for name in ENGINES if (odd := odd_words(words, name))} == {}


def odd_words(words: Mapping[str, Mapping[str, str]], name: str) -> dict[str, str]:
    """The cases of which the page shows that an engine differs, or that one of the main three did not run."""
    fine = {AGREES, "accepted", NOT_COMPARED} | ({UNKNOWN} if name not in MAIN else set())
    shown = {case: by_engine[name] for case, by_engine in words.items()}
    return {case: word for case, word in shown.items() if word not in fine and not word.startswith("refused E")}


def test_differences_are_seen() -> None:
    expected = {"status": "failed", "tasks": {"a": {"state": "failed", "outputs": {"n": 1}, "instances": [1, 2]}}}
    assert differences(expected, expected) == []
    assert differences(expected, {"status": "failed", "tasks": {}}) == ["trace.tasks.a: missing"]
    found = {"status": "succeeded", "tasks": {"a": {"state": "failed", "outputs": {"n": True}, "instances": [1]}}}
    assert [line.split(":")[0] for line in differences(expected, found)] == [
        "trace.status",
        "trace.tasks.a.outputs.n",
        "trace.tasks.a.instances",
    ]
