"""Work on artifacts delays neither timeouts nor signals nor other tasks."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import pipeline_of

from dagwright.backends.local.plan import make_plan
from dagwright.runtime.artifacts import SEALS
from dagwright.runtime.executor import process
from dagwright.runtime.helper import Helper
from dagwright.runtime.model import read_plan
from dagwright.runtime.record import RunFolder, read_record
from dagwright.runtime.scheduler import Settings
from dagwright.runtime.session import Result, new_facts, run_plan

TIMED_OUT = """
tasks:
  make: {script: 'mkdir "$DW_OUT/d"; echo x > "$DW_OUT/d/f"', outputs: {d: directory}}
  read: {command: [cat, "${{ tasks.make.outputs.d }}/f"]}
  slow: {script: "trap 'echo heard > heard; exit 1' TERM; while :; do sleep 0.1; done", timeout: 2s}
  next: {needs: [slow], trigger_rule: all_done, script: "echo ran > next"}
"""
LONGEST = 60.0


def run(spec: str, folder: Path) -> tuple[Result, list[dict[str, Any]]]:
    plan = read_plan(make_plan(pipeline_of(spec, folder)))
    runs = RunFolder(str(folder / "runs"))
    facts = new_facts(runs, plan, {})
    result = run_plan(plan, facts, Settings(str(folder), 4), runs, lambda event: None, {"event": "run"})
    return result, read_record(runs.path)


def wait_for(path: Path) -> None:
    """Wait in the helper until the rest of the run has come this far; a run that waits for the helper never does."""
    end = time.monotonic() + LONGEST
    while not path.exists():
        if time.monotonic() > end:
            raise OSError(f"{path} never came")
        time.sleep(0.02)


@pytest.mark.parametrize("at", ["seal", "place", "freeze"])
def test_a_timeout_and_the_next_task_do_not_wait_for_artifacts(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(work: Callable[..., None]) -> Callable[..., None]:
        def wait_and_work(*args: Any) -> None:
            wait_for(tmp_path / "next")
            work(*args)

        return wait_and_work

    if at == "seal":
        monkeypatch.setitem(SEALS, "directory", late(SEALS["directory"]))
    else:
        monkeypatch.setattr(process, at, late(getattr(process, at)))
    result, record = run(TIMED_OUT, tmp_path)
    assert {name: task["state"] for name, task in result.trace["tasks"].items()} == {
        "make": "succeeded",
        "read": "succeeded",
        "slow": "failed",
        "next": "succeeded",
    }
    assert (tmp_path / "heard").exists()
    assert record[-1]["event"] == "run_end"


@pytest.mark.parametrize("at", ["seal", "place"])
def test_a_signal_is_answered_while_artifacts_are_worked_on(
    at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def stop_and_wait(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        over.wait(LONGEST)

    if at == "seal":
        monkeypatch.setitem(SEALS, "directory", stop_and_wait)
    else:
        monkeypatch.setattr(process, "place", stop_and_wait)
    start = time.monotonic()
    try:
        result, record = run(TIMED_OUT.replace(", timeout: 2s", ""), tmp_path)
    finally:
        over.set()
    assert time.monotonic() - start < LONGEST
    assert result.stopped_by == signal.SIGTERM
    assert result.status == "cancelled"
    states = {name: task["state"] for name, task in result.trace["tasks"].items()}
    assert states["read"] == "cancelled"
    assert states["make"] == ("cancelled" if at == "seal" else "succeeded")
    assert record[-1]["event"] == "run_end"


def test_the_input_folders_of_a_run_can_be_deleted_at_its_end(tmp_path: Path) -> None:
    run(TIMED_OUT, tmp_path)
    folders = [path for path in (tmp_path / "runs" / "latest" / "inputs").rglob("*") if path.is_dir()]
    assert len(folders) >= 3
    assert [path for path in folders if not path.stat().st_mode & 0o200] == []


def test_what_goes_wrong_in_the_helper_is_raised_by_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("unexpected")

    monkeypatch.setitem(SEALS, "directory", fail)
    with pytest.raises(KeyError, match="unexpected"):
        run(TIMED_OUT, tmp_path)


def test_a_helper_does_its_work_in_order_and_reports_it_when_asked() -> None:
    helper, found = Helper(), []
    for number in range(5):
        helper.do(lambda number=number: number, found.append)
    helper.finish()
    assert found == []
    helper.collect()
    assert found == [0, 1, 2, 3, 4]
