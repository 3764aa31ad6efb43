"""Nothing of a run outlives a runner that is killed: its guard ends the tasks, or the next run does."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Runner, alive, pipeline_of, script_of, wait_for

from dagwright.runtime import abandoned
from dagwright.runtime.abandoned import by_environment, by_record, end_abandoned, unfinished
from dagwright.runtime.guard import Guard, groups_at_the_end
from dagwright.runtime.processes import children, marked
from dagwright.runtime.record import is_live
from program.running import dagwright

TASKS = """
tasks:
  near: {script: "sleep 121 & echo $! > near; wait"}
  away: {script: "setsid sh -c 'echo $$ > away; sleep 122' & wait"}
  deaf: {script: "trap '' TERM HUP INT; echo $$ > deaf; sleep 123; sleep 123"}
"""
NAMES = ("near", "away", "deaf")


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def started(runner: Runner, *arguments: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A run whose tasks wait, and the processes of the tasks."""
    process = runner.start(script_of(pipeline_of(TASKS, runner.folder)), "-j", "4", *arguments)
    for name in NAMES:
        wait_for(runner.folder / name)
    return process, [int((runner.folder / name).read_text()) for name in NAMES]


def guards_of(pid: int) -> list[int]:
    """The child of a runner that is in another session and executes the same program."""
    own = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    program = Path(f"/proc/{pid}/cmdline").read_bytes()
    return [child for child in own if Path(f"/proc/{child}/cmdline").read_bytes() == program]


def test_the_tasks_of_a_killed_runner_end(runner: Runner) -> None:
    process, pids = started(runner)
    process.kill()
    process.communicate()
    assert wait_until(lambda: not any(map(alive, pids)))


def test_the_run_is_live_until_its_guard_has_ended_the_tasks(here: Runner) -> None:
    process, pids = started(here)
    (guard,) = guards_of(process.pid)
    os.kill(guard, signal.SIGSTOP)
    run = str(here.folder / "runs" / "latest")
    process.kill()
    process.communicate()
    assert is_live(run)
    assert all(map(alive, pids))
    os.kill(guard, signal.SIGCONT)
    assert wait_until(lambda: not is_live(run))
    assert not any(map(alive, pids))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_the_group_of_the_runner_leaves_the_guard(here: Runner, number: int) -> None:
    process, _ = started(here)
    (guard,) = guards_of(process.pid)
    os.kill(guard, number)
    time.sleep(0.2)
    assert alive(guard)
    process.kill()
    process.communicate()
    assert wait_until(lambda: not alive(guard))


def test_kill_at_any_moment_leaves_no_process(here: Runner) -> None:
    script = "setsid sleep 124 & sleep 0.02; [ $DW_INDEX = 3 ] && sleep 124"
    spec = f"\ntasks:\n  t: {{foreach: [1, 2, 3, 4, 5, 6], script: '{script}'}}\n"
    script = script_of(pipeline_of(spec, here.folder))
    choose = random.Random(5)
    for _ in range(8):
        process = here.start(script, "-j", "3")
        time.sleep(choose.uniform(0.1, 0.8))
        process.kill()
        process.communicate()
    outs = str(here.folder / "runs") + "/"
    assert wait_until(lambda: not [pid for pid in marked(outs) if alive(pid)])


def test_a_run_leaves_no_guard(here: Runner) -> None:
    spec = "\ntasks:\n  t: {script: 'echo $PPID > runner'}\n  u: {needs: [t], script: 'sleep 0.5'}\n"
    process = here.start(script_of(pipeline_of(spec, here.folder)))
    wait_for(here.folder / "runner")
    (guard,) = guards_of(process.pid)
    assert here.end(process).code == 0
    assert not alive(guard)


def test_a_run_goes_on_without_its_guard(here: Runner) -> None:
    spec = "\ntasks:\n  t: {script: 'echo $PPID > runner; sleep 1'}\n  u: {needs: [t], command: ['true']}\n"
    process = here.start(script_of(pipeline_of(spec, here.folder)))
    wait_for(here.folder / "runner")
    (guard,) = guards_of(process.pid)
    os.kill(guard, signal.SIGKILL)
    assert here.end(process).states == {"t": "succeeded", "u": "succeeded"}


# ---- the guard itself ------------------------------------------------------------------------------------------------


def heard(messages: bytes) -> set[int] | None:
    reader, writer = os.pipe()
    os.write(writer, messages)
    os.close(writer)
    try:
        return groups_at_the_end(reader)
    finally:
        os.close(reader)


@pytest.mark.parametrize(
    ("messages", "groups"),
    [(b"", set()), (b"7\n8\n-7\n", {8}), (b"7\n-7\n9", set()), (b"7\n0\n", None), (b"-7\n7\n", {7})],
)
def test_the_groups_that_a_guard_ends(messages: bytes, groups: set[int] | None) -> None:
    assert heard(messages) == groups


def test_a_guard_that_is_closed_ends_nothing(tmp_path: Path) -> None:
    guard = Guard(f"{tmp_path}/")
    with subprocess.Popen(["sleep", "125"], env={**os.environ, "DW_OUT": f"{tmp_path}/a"}, process_group=0) as child:
        guard.started(child.pid)
        guard.close()
        running = child.poll() is None
        child.kill()
    assert running
    assert guard.pid not in children()


# ---- the next run ----------------------------------------------------------------------------------------------------


def left_behind(here: Runner) -> list[int]:
    """The processes of a run whose runner and guard were killed."""
    process, pids = started(here)
    (guard,) = guards_of(process.pid)
    os.kill(guard, signal.SIGKILL)
    process.kill()
    process.communicate()
    assert wait_until(lambda: not is_live(str(here.folder / "runs" / "latest")))
    assert all(map(alive, pids))
    return pids


def test_the_next_run_ends_what_a_run_has_left(here: Runner) -> None:
    pids = left_behind(here)
    run = (here.folder / "runs" / "latest").resolve().name
    (here.folder / "next.yaml").write_text("apiVersion: dagwright/v1\nname: next\ntasks: {t: {command: ['true']}}\n")
    done = dagwright("run", "next.yaml", "--runs-dir", "runs", cwd=here.folder)
    assert done.returncode == 0
    assert f"processes of the run {run}, whose runner was killed, still ran; ended now" in done.stderr
    assert wait_until(lambda: not any(map(alive, pids)))
    again = dagwright("run", "next.yaml", "--runs-dir", "runs", cwd=here.folder)
    assert "still ran" not in again.stderr


def test_processes_are_found_in_two_ways(here: Runner) -> None:
    pids = left_behind(here)
    runs = str(here.folder / "runs")
    run = (here.folder / "runs" / "latest").resolve().name
    by_proc, by_ps = by_environment(runs, ""), by_record(runs, "")
    assert set(by_proc) == set(by_ps) == {run}
    assert set(pids) <= by_proc[run]
    assert len(by_ps[run]) == 3
    assert end_abandoned(runs, "") == [
        f"note: {len(by_proc[run])} processes of the run {run}, whose runner was killed, still ran; ended now\n"
    ]
    assert wait_until(lambda: not any(map(alive, pids)))


def test_a_resumed_run_ends_what_its_earlier_runner_has_left(here: Runner) -> None:
    pids = left_behind(here)
    runs = str(here.folder / "runs")
    run = (here.folder / "runs" / "latest").resolve().name
    lock = os.open(os.path.join(runs, run, "lock"), os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert [by_environment(runs, ""), by_record(runs, "")] == [{}, {}]
        assert list(by_record(runs, run)) == [run]
        assert len(end_abandoned(runs, run)) == 1
    finally:
        os.close(lock)
    assert wait_until(lambda: not any(map(alive, pids)))


def test_without_proc_the_groups_of_the_record_end(here: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = left_behind(here)
    runs = str(here.folder / "runs")
    monkeypatch.setattr(abandoned, "abandoned", by_record)
    monkeypatch.setattr("dagwright.runtime.guard.marked", lambda below: {})
    assert end_abandoned(runs, "")[0].startswith("note: 3 processes of the run ")
    assert wait_until(lambda: not any(map(alive, pids)))
    assert by_record(runs, "") == {}


def test_a_process_with_a_used_id_is_not_of_the_run(here: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = left_behind(here)
    runs = str(here.folder / "runs")
    later = time.time() + 60
    monkeypatch.setattr(abandoned, "starts_by_ps", lambda: dict.fromkeys(range(1, 1 << 22), later))
    found = by_record(runs, "")
    monkeypatch.undo()
    end_abandoned(runs, "")
    assert found == {}
    assert wait_until(lambda: not any(map(alive, pids)))


def test_a_run_in_progress_is_left_alone(here: Runner) -> None:
    process, pids = started(here)
    runs = str(here.folder / "runs")
    found = [by_environment(runs, ""), by_record(runs, "")]
    running = list(map(alive, pids))
    process.kill()
    process.communicate()
    assert found == [{}, {}]
    assert running == [True, True, True]
    assert wait_until(lambda: not any(map(alive, pids)))


def test_attempts_that_have_not_ended() -> None:
    events = [
        {"event": "start", "task": "a", "attempt": 1, "pid": 11, "at": "1970-01-01T00:00:01.000000Z"},
        {"event": "end", "task": "a", "attempt": 1, "at": "1970-01-01T00:00:02.000000Z"},
        {"event": "start", "task": "a", "attempt": 2, "pid": 12, "at": "1970-01-01T00:00:03.000000Z"},
        {"event": "start", "task": "b", "index": 0, "attempt": 1, "pid": 13, "at": "1970-01-01T00:00:04.000000Z"},
        {"event": "start", "task": "b", "index": 1, "attempt": 1, "pid": 14, "at": "1970-01-01T00:00:04.000000Z"},
        {"event": "end", "task": "b", "index": 0, "attempt": 1, "at": "1970-01-01T00:00:05.000000Z"},
        {"event": "start", "task": "c", "attempt": 1, "at": "1970-01-01T00:00:06.000000Z"},
    ]
    assert unfinished(events) == [(12, 3.0), (14, 4.0)]


# ---- Airflow ---------------------------------------------------------------------------------------------------------

STEP = """
import os
from dagwright.runtime.step import run_step

script = "setsid sh -c 'echo $$ > away; sleep 126' & echo $$ > near; trap '' TERM; sleep 127; sleep 127"
env = {"PATH": os.environ["PATH"], "DW_OUT": os.path.join(os.getcwd(), "out of $(it)")}
run_step(["sh", "-c", script], env, ".", None, print, lambda attempt: None)
"""


def test_the_step_of_a_killed_task_of_airflow_ends(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", STEP], cwd=tmp_path)
    for name in ("away", "near"):
        wait_for(tmp_path / name)
    process.kill()
    process.wait()
    pids = [int((tmp_path / name).read_text()) for name in ("away", "near")]
    assert wait_until(lambda: not any(map(alive, pids)))
