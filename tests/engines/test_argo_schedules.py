"""Schedules on a real Argo: the controller starts runs at ticks in a time zone, obeys `overlap`, and can be paused.

The tests take two to three minutes on one cluster. After the first tick, a schedule is suspended for the second tick,
and then resumed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagwright.backends.argo.backend import BACKEND
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Report
from engines.argo_cluster import Cluster, Refused, cluster
from engines.missing import Unavailable, skip

# Half an hour from UTC: the minutes of its clock differ.
ZONE = "Asia/Kolkata"
AHEAD = timedelta(hours=5, minutes=30)
SPEC = """\
apiVersion: dagwright/v1
name: {name}
schedule: {{cron: "{cron}", timezone: {zone}, overlap: {overlap}}}
tasks:
  tell:
    script: |
      printf '%s' "$AT" > "$DW_OUT/at"
      printf '%s' "$DAY" > "$DW_OUT/day"
      sleep {seconds}
    env: {{AT: "${{{{ run.scheduled_at }}}}", DAY: "${{{{ run.date }}}}"}}
    outputs: {{at: string, day: string}}
targets: {{argo: {{image: busybox}}}}
"""
LABEL = "workflows.argoproj.io/cron-workflow"
SCHEDULED = "workflows.argoproj.io/scheduled-time"
MINUTE = 75


def manifest(folder: Path, **told: object) -> list[Any]:
    path = folder / f"{told['name']}.yaml"
    path.write_text(SPEC.format(**{"zone": ZONE, "overlap": "forbid", "seconds": 0, **told}), encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None, report.diagnostics
    check_targets(pipeline, ["argo"], Options(), report)
    assert report.diagnostics == []
    return list(yaml.safe_load_all(BACKEND.emit(pipeline)[0].text))


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    try:
        with cluster(folder) as found:
            yield found
    except Unavailable as why:
        skip(why)


def runs(on: Cluster, name: str) -> list[dict[str, Any]]:
    """The Workflows of a CronWorkflow, in order."""
    made = [found for found in on.list("Workflow") if found["metadata"]["labels"].get(LABEL) == name]
    return sorted(made, key=scheduled)


def scheduled(run: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(run["metadata"]["annotations"][SCHEDULED]).astimezone(UTC)


def wait(what: str, seconds: int, met: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, f"not seen in {seconds} s: {what}"
        time.sleep(0.5)


def told(on: Cluster, name: str) -> dict[str, str]:
    """The outputs of the first run of a schedule, after its success."""
    (first, *_) = runs(on, name)
    wait(f"the end of {name}", 120, lambda: phase(on, first) not in ("", "Pending", "Running"))
    status = on.get("Workflow", first["metadata"]["name"])["status"]
    assert status["phase"] == "Succeeded", status
    (node,) = [node for node in status["nodes"].values() if node["templateName"] == "tell" and node["type"] == "Pod"]
    return {output["name"]: output["value"] for output in node["outputs"]["parameters"]}


def phase(on: Cluster, run: dict[str, Any]) -> str:
    found: str = on.get("Workflow", run["metadata"]["name"]).get("status", {}).get("phase", "")
    return found


@pytest.fixture
def schedules(tmp_path: Path) -> list[list[Any]]:
    """The schedules: a fast one, two slow ones, and one for the next minutes of Indian clocks."""
    soon = [(datetime.now(UTC) + AHEAD + timedelta(minutes=n)).minute for n in range(12)]
    return [
        manifest(tmp_path, name="quick", cron="* * * * *"),
        manifest(tmp_path, name="one", cron="* * * * *", seconds=200),
        manifest(tmp_path, name="many", cron="* * * * *", seconds=200, overlap="allow"),
        manifest(tmp_path, name="zoned", cron=",".join(map(str, sorted(soon))) + " * * * *"),
    ]


@pytest.mark.engine("argo")
def test_schedules(schedules: list[list[Any]], tmp_path: Path) -> None:
    with running(tmp_path / "cluster") as on:
        wrong = {**schedules[0][-1], "spec": {**schedules[0][-1]["spec"], "timeZone": "UTC"}}
        with pytest.raises(Refused, match="timeZone"):
            on.create(wrong)
        for made in schedules:
            for found in made:
                on.create(found)

        wait("the first tick", MINUTE, lambda: bool(runs(on, "quick")))
        on.patch("CronWorkflow", "quick", {"spec": {"suspend": True}})
        first = scheduled(runs(on, "quick")[0])
        assert first.second == 0
        assert told(on, "quick") == {
            "at": first.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "day": (first + AHEAD).date().isoformat(),
        }

        wait("the second tick", MINUTE, lambda: len(runs(on, "many")) == 2)
        time.sleep(3)
        assert [scheduled(run) for run in runs(on, "many")] == [first, first + timedelta(minutes=1)]
        assert len(runs(on, "one")) == 1, "`overlap: forbid` keeps to one run"
        assert len(runs(on, "zoned")) == 2, "the minutes are those of the zone"
        assert len(runs(on, "quick")) == 1, "a suspended schedule starts nothing"

        on.patch("CronWorkflow", "quick", {"spec": {"suspend": False}})
        wait("a run after the pause", MINUTE, lambda: len(runs(on, "quick")) >= 2)
        # The last tick of a pause starts late, within `startingDeadlineSeconds`.
        assert [scheduled(run) for run in runs(on, "quick")][:2] == [first, first + timedelta(minutes=1)]
