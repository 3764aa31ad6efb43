"""Every case on every engine, one test each. All runs of an engine are made at once, when its first test asks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engines.missing import skip

from .case import Case, find_cases
from .compare import differences
from .engine import ENGINES, engine, judges
from .judge import AGREES, Verdict, compile_case, judge, without_running
from .scoreboard import FILE, read, render, update

CASES = find_cases()
RUN = [
    (name, case)
    for name in ENGINES
    for case in CASES
    if case.trace is not None and engine(name).target in case.targets and judges(name, case.name)
]
COMPILED = [(name, case) for name in ("local", "airflow", "argo") for case in CASES if case.refuse is not None]

Judge = Callable[[str], dict[Path, Verdict]]


def ids(pair: tuple[str, Case]) -> str:
    return f"{pair[0]}-{pair[1].name}"


@pytest.fixture(scope="session")
def verdicts() -> Judge:
    """The verdicts of an engine, which runs when it is first asked for."""
    found: dict[str, dict[Path, Verdict]] = {}

    def of(name: str) -> dict[Path, Verdict]:
        if name not in found:
            found[name] = judge([case for case in CASES if judges(name, case.name)], name)
        return found[name]

    return of


@pytest.mark.parametrize("pair", RUN, ids=ids)
def test_the_engine_agrees(
    pair: tuple[str, Case], verdicts: Judge, record_property: Callable[[str, object], None]
) -> None:
    name, case = pair
    record_property("engine", engine(name).title)
    missing = engine(name).missing()
    if missing:
        skip(missing)
    verdict = verdicts(name)[case.folder]
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


def test_the_scoreboard_is_current(bless: bool, verdicts: Judge) -> None:
    """The page lists every case with what it proves; with --bless, all engines that there are run and are written."""
    if bless:
        update(CASES, {name: verdicts(name) for name in ENGINES if not engine(name).missing()})
    words = read()
    assert FILE.read_text(encoding="utf-8") == render(CASES, words), "run pytest tests/conformance --bless"
    allowed = ("refused E", "accepted", "not compared")
    odd = {
        (case, name): word
        for case, by_engine in words.items()
        for name, word in by_engine.items()
        if word != AGREES and not word.startswith(allowed) and judges(name, case)
    }
    assert odd == {}


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
