"""No process started by tests outlives them, not even one in its own session that ignores SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engines import processes

# A process whose child has its own session and ignores SIGTERM.
STUBBORN = """
import os, signal, time
if not os.fork():
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(f"{os.getpid()}.pid", "w").close()
time.sleep(600)
"""
SUITE = f'''
import sys
from engines import processes

def test_waits():
    processes.GRACE = 1
    with processes.owned([sys.executable, "-c", """{STUBBORN}"""]) as process:
        process.wait()
'''


@pytest.mark.parametrize(
    "signals",
    [(signal.SIGTERM,), (signal.SIGINT,), (signal.SIGINT, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)],
    ids=lambda signals: "-".join(number.name for number in signals),
)
def test_an_interrupted_run_leaves_nothing(signals: Sequence[signal.Signals], tmp_path: Path) -> None:
    (tmp_path / "test_little.py").write_text(SUITE, encoding="utf-8")
    path = str(Path(processes.__file__).parent.parent)
    env = {**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "conftest", "test_little.py"]
    output: dict[str, Any] = {"stdout": subprocess.PIPE, "text": True}
    with processes.owned(command, cwd=tmp_path, env=env, preexec_fn=hear_interruptions, **output) as run:
        started = pids(tmp_path, 2)
        for number in signals:
            run.send_signal(number)
            time.sleep(0.3)
        told, _ = run.communicate(timeout=60)
    assert run.returncode == pytest.ExitCode.INTERRUPTED, told
    assert processes.family(started) == {}


def hear_interruptions() -> None:
    """Tests started in the background by a shell ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def pids(folder: Path, count: int) -> list[int]:
    """The ids of the processes that reported their start."""
    end = time.monotonic() + 60
    while len(found := [int(file.stem) for file in folder.glob("*.pid")]) < count:
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def test_a_process_is_asked_once_its_parent_has_ended(tmp_path: Path) -> None:
    """A parent that cleans up after its children is not disturbed."""
    script = """
    trap 'kill $child; wait; echo parent >> said; exit' TERM
    sh -c 'trap "echo child >> said; exit" TERM; touch $$.pid; while :; do sleep 0.1; done' & child=$!
    touch $$.pid; while :; do sleep 0.1; done
    """
    with processes.owned(["sh", "-c", script], cwd=tmp_path):
        started = pids(tmp_path, 2)
    assert processes.family(started) == {}
    assert (tmp_path / "said").read_text(encoding="utf-8") == "child\nparent\n"
