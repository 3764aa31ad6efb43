"""Random pipelines: the trace of every engine is that of the local runner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engines.missing import skip

from .engine import Outcome, engine
from .random_judge import DRAWN, RandomRuns, compare, first, shrink
from .random_pipelines import render

# How many are run in every build; `--random-pipelines` asks for another number.
COUNTS = {"local": DRAWN, "airflow": 200, "argo": 60}

Done = Callable[[RandomRuns], list[Outcome]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    asked = metafunc.config.getoption("--random-pipelines")
    local, *others = [RandomRuns(name, asked or count) for name, count in COUNTS.items()]
    if "judged" in metafunc.fixturenames:
        params = [pytest.param(local, o, id=o.name, marks=pytest.mark.ahead(local, o)) for o in others]
        metafunc.parametrize(("local", "judged"), params)
    elif "local" in metafunc.fixturenames:
        metafunc.parametrize("local", [pytest.param(local, marks=pytest.mark.ahead(local))])


def test_the_strategy_reaches_everything(local: RandomRuns, done: Done) -> None:
    """Random pipelines are worth something only if they end in every way that there is."""
    outcomes = done(local)
    assert [outcome.problem for outcome in outcomes if outcome.problem] == []
    entries = [task for outcome in outcomes for task in outcome.trace["tasks"].values()]
    states = {task["state"] for task in entries}
    assert states == {"succeeded", "failed", "skipped", "upstream_failed"}
    assert {outcome.trace["status"] for outcome in outcomes} == {"succeeded", "failed"}
    assert {len(task["instances"]) for task in entries if "instances" in task} >= {0, 2, 3}
    assert {task["attempts"] for task in entries if "attempts" in task} >= {0, 1, 2, 3}


def test_traces_are_equal(
    local: RandomRuns, judged: RandomRuns, done: Done, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    record_property("engine", engine(judged.name).title)
    missing = engine(judged.name).missing()
    if missing:
        skip(missing)
    pairs = zip(done(local), done(judged), strict=False)  # of the local ones there may be more
    wrong = {at: lines for at, pair in enumerate(pairs) if (lines := compare(*pair))}
    if wrong:
        specs = first(judged.count)
        for at in wrong:
            (tmp_path / f"{at}.yaml").write_text(render(specs[at], f"random-{at}"), encoding="utf-8")
        smallest = tmp_path / "smallest.yaml"
        smallest.write_text(render(shrink(specs[min(wrong)], "local", judged.name), "smallest"), encoding="utf-8")
        pytest.fail(f"the specs are in {tmp_path}, the first of them made small in {smallest.name}: {wrong}")
