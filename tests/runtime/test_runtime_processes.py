"""All processes of a task end with its attempt, even outside its process group."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from running import Runner, alive, pipeline_of, script_of, wait_for

from dagwright.runtime.processes import children, end_all, family, parents, parents_by_ps, signal_processes
from dagwright.runtime.step import GRACE, Attempt, StepFailed, run_step

ESCAPES = """
tasks:
  late:
    script: |
      setsid sh -c 'echo $$ > stopped; sleep 97' &
      sleep 98
    timeout: 2s
  left:
    needs: [late]
    trigger_rule: all_done
    script: |
      (setsid sh -c 'echo $$ > left; sleep 99' &)
      (env -i PATH="$PATH" setsid sh -c 'echo $$ > nameless; sleep 100' &)
      until [ -s left ] && [ -s nameless ]; do sleep 0.1; done
"""
TERM_IS_HEARD = """
tasks:
  t:
    script: |
      trap 'sleep 2; exit 1' TERM
      setsid sh -c 'trap "echo heard > heard; exit" TERM; echo $$ > ready; while :; do sleep 0.1; done' &
      wait
    timeout: 3s
"""


def pid_of(file: Path) -> int:
    return int(file.read_text())


def test_what_has_left_its_group_is_ended_too(here: Runner) -> None:
    ran = here.spec(ESCAPES)
    assert ran.states == {"late": "failed", "left": "succeeded"}
    assert [name for name in ("stopped", "left", "nameless") if alive(pid_of(here.folder / name))] == []


def test_other_systems_end_what_has_a_parent_at_the_timeout(tmp_path: Path) -> None:
    """Without Linux, orphans do not become children of the runner, as documented for the local runner."""
    runner = Runner("portable", tmp_path)
    assert runner.spec(ESCAPES).states == {"late": "failed", "left": "succeeded"}
    assert not alive(pid_of(tmp_path / "stopped"))
    for name in ("left", "nameless"):
        os.killpg(pid_of(tmp_path / name), signal.SIGKILL)


def test_term_reaches_what_has_left_the_group(runner: Runner) -> None:
    assert runner.spec(TERM_IS_HEARD).states == {"t": "failed"}
    assert (runner.folder / "heard").exists()


def test_ctrl_c_ends_what_has_left_its_group(runner: Runner) -> None:
    spec = "\ntasks:\n  t: {script: \"setsid sh -c 'trap : TERM; echo $$ > pid; sleep 101; sleep 101' & wait\"}\n"
    process = runner.start(script_of(pipeline_of(spec, runner.folder)))
    wait_for(runner.folder / "pid")
    process.send_signal(signal.SIGINT)
    assert runner.end(process).code == 130
    assert not alive(pid_of(runner.folder / "pid"))


def test_parallel_attempts_keep_what_is_theirs(here: Runner) -> None:
    ran = here.spec(
        """
tasks:
  owner: {script: "(setsid sh -c 'echo $$ > pid; sleep 105' &) ; sleep 3; kill -0 $(cat pid)"}
  other: {foreach: [1, 2, 3, 4], script: "sleep 0.3"}
""",
        "-j",
        "4",
    )
    assert ran.states == {"owner": "succeeded", "other": "succeeded"}
    assert not alive(pid_of(here.folder / "pid"))


def test_children_of_the_caller_and_what_they_leave_are_not_ours(here: Runner) -> None:
    path = here.folder / "case.py"
    path.write_text(script_of(pipeline_of("\ntasks:\n  t: {script: 'sleep 3'}\n", here.folder)))
    (here.folder / "orphan.sh").write_text("echo $$ > orphan\nexec sleep 103\n")
    (here.folder / "start.sh").write_text(
        "sh -c 'echo $$ > child; exec sleep 102' &\n(sleep 1; setsid sh orphan.sh &) &\nexec \"$@\"\n"
    )
    command = ["sh", "start.sh", sys.executable, str(path), "--runs-dir", str(here.folder / "runs")]
    done = subprocess.run(command, cwd=here.folder, check=False, stderr=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0
    left = [pid_of(here.folder / name) for name in ("child", "orphan")]
    running = [alive(pid) for pid in left]
    signal_processes(left, signal.SIGKILL)
    assert running == [True, True]


def test_processes_and_their_parents_are_found_in_two_ways() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 104 & wait"]) as child:
        try:
            for found in (parents(), parents_by_ps()):
                assert found[os.getpid()] == os.getppid()
                assert found[child.pid] == os.getpid()
            while len(below := family([child.pid], parents())) < 2:
                time.sleep(0.05)
            assert os.getpid() not in below
            assert child.pid in children()
        finally:
            signal_processes(family([child.pid], parents()), signal.SIGKILL)
    assert child.pid not in children()


def test_what_cannot_be_ended_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that now belongs to another user does not delay the run."""

    def refuse(pid: int, number: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    started = time.monotonic()
    end_all(lambda: [os.getpid()])
    assert time.monotonic() - started < 0.5


def test_the_blocking_step_ends_what_has_left_its_session(tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"]}
    script = "(setsid sh -c 'echo $$ > a; sleep 106' &) ; until [ -s a ]; do sleep 0.1; done"
    run_step(["sh", "-c", script], env, str(tmp_path), None, print, lambda attempt: None)
    assert not alive(pid_of(tmp_path / "a"))
    with pytest.raises(StepFailed, match="timed out after 2 s"):
        run_step(["sh", "-c", "setsid sh -c 'echo $$ > b; sleep 107' & wait"], env, str(tmp_path), 2, print, print)
    assert not alive(pid_of(tmp_path / "b"))


def test_the_blocking_step_can_be_stopped_with_all_that_it_has_started(tmp_path: Path) -> None:
    def stop_soon(attempt: Attempt) -> None:
        def stop() -> None:
            wait_for(tmp_path / "pid")
            attempt.stop(GRACE)

        threading.Thread(target=stop).start()

    with pytest.raises(StepFailed, match="killed by SIGTERM"):
        run_step(
            ["sh", "-c", "setsid sh -c 'echo $$ > pid; sleep 108' & wait"],
            {"PATH": os.environ["PATH"]},
            str(tmp_path),
            None,
            print,
            stop_soon,
        )
    assert not alive(pid_of(tmp_path / "pid"))


STOPPED = """
import os, signal, sys
from dagwright.runtime.step import run_step

def started(attempt):
    signal.signal(signal.SIGTERM, lambda *_: attempt.stop(3.0))
    print("ready", file=open("ready", "w"))

script = "trap '' TERM; setsid sh -c 'trap \"\" TERM; echo $$ > away; sleep 110' & echo $$ > near; sleep 111; sleep 111"
run_step(["sh", "-c", script], dict(os.environ), ".", None, print, started)
"""


def test_a_task_that_airflow_stops_leaves_nothing_behind(tmp_path: Path) -> None:
    """Airflow sends TERM, and KILL five seconds later, to its own process, not to the descendants."""
    process = subprocess.Popen([sys.executable, "-c", STOPPED], cwd=tmp_path, stderr=subprocess.DEVNULL)
    for name in ("away", "near", "ready"):
        wait_for(tmp_path / name)
    process.terminate()
    try:
        process.wait(20)
    finally:
        process.kill()
        left = [name for name in ("away", "near") if alive(pid_of(tmp_path / name))]
    assert left == []


def test_a_child_that_is_not_the_step_s_goes_on(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "109"], start_new_session=True) as other:
        run_step(["true"], {"PATH": os.environ["PATH"]}, str(tmp_path), None, print, lambda attempt: None)
        running = other.poll() is None
        other.kill()
    assert running
