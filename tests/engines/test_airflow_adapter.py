"""The adapter of Airflow: a case that hangs or kills its process fails alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engines import airflow

# Prints a trace for each requested case, but hangs in a case called `hang` and dies in a case called `die`.
WORKER = """
import json, os, sys, time
for case in json.load(sys.stdin):
    if case["dag"] == "hang":
        time.sleep(600)
    if case["dag"] == "die":
        os._exit(3)
    print(json.dumps({"status": case["dag"]}), flush=True)
"""


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a script that replaces the script for Airflow's environment."""
    (tmp_path / "airflow.db").touch()
    (tmp_path / "bin").mkdir()
    interpreter = tmp_path / "bin" / "python"
    interpreter.symlink_to(sys.executable)
    script = tmp_path / "worker.py"
    script.write_text(WORKER, encoding="utf-8")
    monkeypatch.setattr(airflow, "python", lambda version: str(interpreter))
    monkeypatch.setattr(airflow, "START", 10)
    monkeypatch.setattr(airflow, "HANGS", 1)
    return str(script)


def test_others_are_not_harmed(worker: str) -> None:
    names = ["a", "hang", "b", "die", "c"]
    found = airflow.run([airflow.Case(name, timeout=1) for name in names], script=worker)
    assert [trace["status"] for trace in found] == ["a", "timeout", "b", "error", "c"]


def test_what_never_starts_is_an_error(worker: str) -> None:
    with pytest.raises(AssertionError, match="did not start"):
        airflow.run([airflow.Case("die", timeout=1)], script=worker)
