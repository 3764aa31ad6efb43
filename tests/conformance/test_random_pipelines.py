"""Random pipelines: every engine has the same trace as the local runner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from engines.missing import skip
from engines.sample import sampled

from .engine import NEEDED, Outcome, engine
from .random_judge import DRAWN, RandomRuns, compare, drawn, shrink
from .random_pipelines import render

# The number of pipelines to sample from; `--random-pipelines` gives a number of pipelines that are all run.
COUNTS = {"local": DRAWN, "airflow": 200, "argo": 60}

Done = Callable[[RandomRuns], Mapping[int, Outcome]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    local, *others = [runs(name, metafunc.config) for name in COUNTS]
    if "judged" in metafunc.fixturenames:
        params = [pytest.param(local, o, id=o.name, marks=pytest.mark.ahead(local, o)) for o in others]
        metafunc.parametrize(("local", "judged"), params)
    elif "local" in metafunc.fixturenames:
        metafunc.parametrize("local", [pytest.param(local, marks=pytest.mark.ahead(local))])


def runs(name: str, config: pytest.Config) -> RandomRuns:
    """The random pipelines of an engine in this test run."""
    asked = config.getoption("--random-pipelines")
    numbers = range(asked) if asked else sampled(config, range(COUNTS[name]), "random pipelines", NEEDED[name])
    return RandomRuns(name, tuple(numbers))


def test_the_strategy_reaches_everything(local: RandomRuns, done: Done) -> None:
    """The random pipelines reach every state, so that the comparison covers all of them."""
    outcomes = done(local).values()
    assert [outcome.problem for outcome in outcomes if outcome.problem] == []
    entries = [task for outcome in outcomes for task in outcome.trace["tasks"].values()]
    states = {task["state"] for task in entries}
    assert states == {"succeeded", "failed", "skipped", "upstream_failed"}
    assert {outcome.trace["status"] for outcome in outcomes} == {"succeeded", "failed"}
    assert {len(task["instances"]) for task in entries if "instances" in task} >= {0, 2, 3}
    assert {task["attempts"] for task in entries if "attempts" in task} >= {0, 1, 2, 3}


def test_traces_are_equal(local: RandomRuns, judged: RandomRuns, done: Done, tmp_path: Path) -> None:
    missing = engine(judged.name).missing()
    if missing:
        skip(missing)
    reference = done(local)
    wrong = {at: lines for at, found in done(judged).items() if (lines := compare(reference[at], found))}
    if wrong:
        specs = dict(zip(wrong, drawn(tuple(wrong)), strict=True))
        for at, spec in specs.items():
            (tmp_path / f"{at}.yaml").write_text(render(spec, f"random-{at}"), encoding="utf-8")
        smallest = tmp_path / "smallest.yaml"
        smallest.write_text(render(shrink(specs[min(wrong)], "local", judged.name), "smallest"), encoding="utf-8")
        pytest.fail(f"the specs are in {tmp_path}, the first of them made small in {smallest.name}: {wrong}")
