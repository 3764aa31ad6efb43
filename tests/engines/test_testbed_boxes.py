"""The Go tests of the testbed's boxes, which run containers; they take seconds, and need no cluster."""

from __future__ import annotations

import json
import os
import subprocess
from collections import Counter
from collections.abc import Sequence

import pytest

from engines.argo_testbed import SOURCES, needed
from engines.golang import go
from engines.missing import Unavailable, skip


@pytest.mark.engine("argo")
def test_boxes() -> None:
    try:
        needed()
        modules()
    except Unavailable as why:
        skip(why)
    done = run(["test", "-json", "-count=1", "-timeout=120s", "./box/"])
    told = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == 0, "".join(event.get("Output", "") for event in told) + done.stderr
    ended = Counter(event["Action"] for event in told if event.get("Test"))
    assert ended["pass"] > 50, ended
    assert not ended["skip"], "where they are needed, none of them skips"


def modules() -> None:
    """Raise Unavailable if the Go modules of the boxes are not available. Compile errors are test failures."""
    done = run(["mod", "download", "golang.org/x/sys"])
    if done.returncode:
        raise Unavailable(f"a module of the testbed: {done.stderr.strip()[-300:]}")


def run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CGO_ENABLED": "0"}  # as in the build
    return subprocess.run(
        [go(), *arguments], cwd=SOURCES, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
