"""Every case on every engine, one test each. The first test of an engine starts all its runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from engines.missing import skip
from engines.sample import sampled

from .case import Case, find_cases
from .compare import differences
from .engine import ENGINES, MAIN, NEEDED, SAMPLED, engine, judges
from .judge import AGREES, NOT_COMPARED, Verdict, Verdicts, compile_case, without_running
from .scoreboard import FILE, UNKNOWN, read, render, update

CASES = find_cases()
COMPILED = [(name, case) for name in MAIN for case in CASES if case.refuse is not None]


def ids(pair: tuple[str, Case]) -> str:
    return f"{pair[0]}-{pair[1].name}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "verdicts" in metafunc.fixturenames:
        metafunc.parametrize(
            ("case", "verdicts"), [found for name in ENGINES for found in judged(name, metafunc.config)]
        )


def judged(name: str, config: pytest.Config) -> Iterator[Any]:
    """The cases of an engine in this test run, each with the work that runs all of them at once."""
    runs = [c for c in CASES if c.trace is not None and engine(name).target in c.targets and judges(name, c.name)]
    if name in SAMPLED:
        runs = sampled(config, runs, "cases", NEEDED[name])
    work = Verdicts(name, tuple(case.name for case in runs))
    for case in runs:
        yield pytest.param(case, work, id=f"{name}-{case.name}", marks=pytest.mark.ahead(work))


def test_the_engine_agrees(case: Case, verdicts: Verdicts, done: Callable[[Verdicts], Mapping[Path, Verdict]]) -> None:
    missing = engine(verdicts.name).missing()
    if missing:
        skip(missing)
    verdict = done(verdicts)[case.folder]
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
    """The page lists every case with its claim; `python -m tests.conformance --bless` writes the verdicts."""
    if bless:
        update({})
    words = read()
    assert FILE.read_text(encoding="utf-8") == render(CASES, words), "run pytest tests/conformance --bless"
    assert {name: odd for name in ENGINES if (odd := odd_words(words, name))} == {}


def odd_words(words: Mapping[str, Mapping[str, str]], name: str) -> dict[str, str]:
    """The cases on the page with a difference on an engine, or without a run on one of the main three engines."""
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
