"""The selection of tests: only requested engines, samples that add up to all tests, and a summary of missing tests."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engines import marked
from engines.order import LONGEST
from engines.sample import Sample

SUITE = """
import pytest
from engines import marked, missing

def test_plain(): pass

@pytest.mark.engine("argo")
def test_argo(): marked.use("argo")

@pytest.mark.engine("argo", "airflow-3.3")
def test_both(): marked.use("airflow-3.3")

@pytest.mark.engine("airflow-2.11")
def test_old(): missing.skip("no uv")

def test_unmarked(): marked.use("argo")
"""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of the little suite with the options and the summary of this one."""
    (folder / "test_little.py").write_text(SUITE, encoding="utf-8")
    env = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "DAGWRIGHT_"))}
    env["PYTHONPATH"] = str(Path(marked.__file__).parent.parent)
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the suite needs no other plugins, which take long to import
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "conftest", "-v", "test_little.py", *arguments]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def outcomes(printed: str) -> dict[str, str]:
    lines = (line.split() for line in printed.splitlines() if line.startswith("test_little.py::"))
    return {words[0].partition("::")[2]: words[1] for words in lines}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((), {"plain"}),
        (("--engines=argo",), {"plain", "argo"}),
        (("--engines=airflow",), {"plain", "old"}),
        (("--engines=airflow-3.3,argo",), {"plain", "argo", "both"}),
        (("--engines",), {"plain", "argo", "both", "old"}),
        (("--engines=full", "-m", "engine"), {"argo", "both", "old"}),
    ],
)
def test_a_run_takes_what_is_asked_for(asked: tuple[str, ...], expected: set[str], tmp_path: Path) -> None:
    done = run(tmp_path, "--deselect", "test_little.py::test_unmarked", *asked)
    assert done.returncode == 0, done.stdout
    found = outcomes(done.stdout)
    assert set(found) == {f"test_{name}" for name in expected}
    assert set(found.values()) <= {"PASSED", "SKIPPED"}


def test_an_engine_serves_no_test_without_its_marker(tmp_path: Path) -> None:
    done = run(tmp_path, "--engines")
    assert outcomes(done.stdout)["test_unmarked"] == "FAILED"
    assert "mark this test with `engine('argo')`" in done.stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "workers"])
def test_the_summary_names_the_engines_that_did_not_judge(workers: tuple[str, ...], tmp_path: Path) -> None:
    told = run(tmp_path, *workers).stdout
    assert "Argo Workflows 4.0.2 did NOT judge 2 tests: pytest --engines=argo\n" in told
    assert "Airflow 3.3.2 did NOT judge 1 tests: pytest --engines=airflow-3.3\n" in told
    assert "all engines: pytest --engines\n" in told
    assert " judged " not in told


def test_the_summary_names_the_engines_that_judged(tmp_path: Path) -> None:
    told = run(tmp_path, "--engines").stdout
    assert "Argo Workflows 4.0.2 judged 2 tests\n" in told
    assert "did NOT judge 1 tests: an engine is missing: no uv\n" in told


def test_an_engine_that_is_not_known() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no engine is called tests/cli; there are airflow"):
        marked.asked("tests/cli")


def test_the_longest_files_are_there(root: Path) -> None:
    there = [path.name for path in (root / "tests").rglob("test_*.py")]
    assert [name for name in LONGEST if name not in there] == []


def test_samples_take_everything_once() -> None:
    parts = [Sample(part, 4).of(range(10)) for part in range(4)]
    assert sorted(number for part in parts for number in part) == list(range(10))
    assert {len(part) for part in parts} == {2, 3}
    assert str(Sample(2, 4)) == "sample 3 of 4"
