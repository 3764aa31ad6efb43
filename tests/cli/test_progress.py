"""Progress of a run on a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

SPEC = """\
apiVersion: dagwright/v1
name: shown
tasks:
  sweep:
    matrix: {depth: [1, 2, 3], kind: [a]}
    script: sleep 1; test "$DEPTH" != 2
    env: {DEPTH: "${{ matrix.depth }}"}
  other: {script: 'sleep 2; echo 1 > leftover'}
  behind: {needs: [sweep], command: [echo]}
"""


def on_terminal(folder: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of `dagwright run` on a terminal of 120 columns, and its output."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "30"}
    command = [sys.executable, "-m", "dagwright", "run", *arguments]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            written += chunk
    os.close(ours)
    return process.returncode, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written.decode()).replace("\r", "")


def test_the_bar_counts_tasks_and_instances_and_shows_the_time(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC, encoding="utf-8")
    code, shown = on_terminal(tmp_path, "spec.yaml", "-j", "4")
    assert code == 5
    assert re.search(r"0 of 3 tasks  0 of 3 instances  \d\.\d s\n", shown)
    assert re.search(r"2 of 3 tasks  3 of 3 instances  \d\.\d s\n", shown)
    assert re.search(r"sweep\.1  \d\.\d s  depth=2, kind=a\n", shown)
    assert re.search(r"other  \d\.\d s", shown)
    assert "behind  `sweep` failed\n" in shown
    assert "left leftover in the work folder" in shown
    assert "  failed: sweep.1 (depth=2, kind=a): exit status 1\n" in shown
    assert "  upstream_failed: behind: `sweep` failed\n" in shown
