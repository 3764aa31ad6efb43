"""Random pipelines: the trace of every engine is that of the local runner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engines.missing import skip

from .engine import Outcome, engine
from .random_judge import compare, run, shrink
from .random_pipelines import Drafts, generate, render

# How many are run in every build; `--random-pipelines` asks for another number.
COUNTS = {"airflow": 200, "argo": 60}


@pytest.fixture(scope="module")
def asked(request: pytest.FixtureRequest) -> int | None:
    found: int | None = request.config.getoption("--random-pipelines")
    return found


@pytest.fixture(scope="module")
def pipelines(asked: int | None) -> list[Drafts]:
    return generate(asked or max(COUNTS.values()))


@pytest.fixture(scope="module")
def local(pipelines: Sequence[Drafts]) -> list[Outcome]:
    return run(pipelines, "local")


def test_the_strategy_reaches_everything(local: list[Outcome]) -> None:
    """Random pipelines are worth something only if they end in every way that there is."""
    assert [outcome.problem for outcome in local if outcome.problem] == []
    entries = [task for outcome in local for task in outcome.trace["tasks"].values()]
    states = {task["state"] for task in entries}
    assert states == {"succeeded", "failed", "skipped", "upstream_failed"}
    assert {outcome.trace["status"] for outcome in local} == {"succeeded", "failed"}
    assert {len(task["instances"]) for task in entries if "instances" in task} >= {0, 2, 3}
    assert {task["attempts"] for task in entries if "attempts" in task} >= {0, 1, 2, 3}


@pytest.mark.parametrize("name", COUNTS)
def test_traces_are_equal(
    name: str,
    asked: int | None,
    pipelines: Sequence[Drafts],
    local: list[Outcome],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("engine", engine(name).title)
    missing = engine(name).missing()
    if missing:
        skip(missing)
    some = pipelines[: asked or COUNTS[name]]
    wrong = {at: lines for at, outcome in enumerate(run(some, name)) if (lines := compare(local[at], outcome))}
    if wrong:
        for at in wrong:
            (tmp_path / f"{at}.yaml").write_text(render(some[at], f"random-{at}"), encoding="utf-8")
        smallest = tmp_path / "smallest.yaml"
        smallest.write_text(render(shrink(some[min(wrong)], "local", name), "smallest"), encoding="utf-8")
        pytest.fail(f"the specs are in {tmp_path}, the first of them made small in {smallest.name}: {wrong}")
