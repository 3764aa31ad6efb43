"""The commands that look at runs: `runs`, `runs show`, `runs prune`, `logs` and `outputs`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from program.running import dagwright

SPEC = """\
apiVersion: dagwright/v1
name: churn
params: {who: {type: string, default: me}}
tasks:
  load: {script: echo loading; echo 3 > $DW_OUT/rows; echo x > $DW_OUT/data, outputs: {rows: integer, data: file}}
  train:
    foreach: [a, b]
    needs: load
    env: {ITEM: "${{ item }}"}
    script: echo try $DW_ATTEMPT of $ITEM; test $ITEM = a
    retry: {limit: 1, delay: 0s}
  release: {needs: train, command: [echo, released]}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run that failed, and an older one of another pipeline that succeeded."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "other.yaml").write_text("apiVersion: dagwright/v1\nname: other\ntasks: {t: {command: ['true']}}\n")
    (folder / "churn.yaml").write_text(SPEC)
    assert dagwright("run", "other.yaml", "--quiet", cwd=folder).returncode == 0
    assert dagwright("run", "churn.yaml", "--quiet", cwd=folder).returncode == 5
    return folder


def ids(folder: Path) -> list[str]:
    """The ids of the runs of a folder, newest first."""
    return sorted((p.name for p in (folder / ".dagwright" / "runs").iterdir() if p.name != "latest"), reverse=True)


def test_the_table_has_every_run_newest_first(home: Path) -> None:
    done = dagwright("runs", cwd=home)
    assert done.returncode == 0
    first, *rows = [line.split() for line in done.stdout.splitlines()]
    assert first == ["RUN", "PIPELINE", "STATE", "STARTED", "TIME", "TASKS"]
    assert [row[:3] for row in rows] == [[ids(home)[0], "churn", "failed"], [ids(home)[1], "other", "succeeded"]]
    assert rows[0][7:] == ["1", "succeeded,", "1", "failed,", "1", "upstream_failed"]


@pytest.mark.parametrize(
    ("options", "pipelines"),
    [
        ((), ["churn", "other"]),
        (("--last", "1"), ["churn"]),
        (("--state", "succeeded"), ["other"]),
        (("--pipeline", "other"), ["other"]),
        (("--pipeline", "other", "--state", "failed"), []),
    ],
)
def test_runs_can_be_chosen(home: Path, options: tuple[str, ...], pipelines: list[str]) -> None:
    found = json.loads(dagwright("runs", "--json", *options, cwd=home).stdout)
    assert [run["pipeline"] for run in found] == pipelines


def test_a_run_is_shown(home: Path) -> None:
    text = dagwright("runs", "show", cwd=home).stdout
    rows = [line.split(maxsplit=3) for line in text.partition("TASK")[2].splitlines()[1:]]
    assert rows == [
        ["load", "succeeded", "1"],
        ["train", "failed", "3"],
        ["release", "upstream_failed", "`train`", "failed"],
    ]
    assert "param who    me" in text
    shown = json.loads(dagwright("runs", "show", ids(home)[1], "--json", cwd=home).stdout)
    assert (shown["pipeline"], shown["state"], shown["tasks"]) == ("other", "succeeded", {"succeeded": 1})


def test_a_damaged_record_is_shown_as_far_as_it_can_be_read(home: Path, tmp_path: Path) -> None:
    run = tmp_path / "20260102T103000.000000Z-1a2b"
    run.mkdir()
    lines = (home / ".dagwright" / "runs" / "latest" / "record.jsonl").read_text(encoding="utf-8").splitlines()
    lines[2] = '{"event": "en'
    (run / "record.jsonl").write_text("\n".join([*lines[:-1], lines[-1][:9]]) + "", encoding="utf-8")
    text = dagwright("runs", "show", "latest", "--runs-dir", str(tmp_path), cwd=home).stdout
    assert "1 lines of the record cannot be read" in text
    assert "interrupted" in text
    assert "upstream_failed" in text


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (("load",), "loading\n"),
        (("train.1",), "try 2 of b\n"),
        (("train.1", "--attempt", "1"), "try 1 of b\n"),
        (("train.0", "-f"), "try 1 of a\n"),
    ],
)
def test_a_log_is_printed(home: Path, arguments: tuple[str, ...], printed: str) -> None:
    done = dagwright("logs", *arguments, cwd=home)
    assert (done.returncode, done.stdout) == (0, printed)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("logs", "train"), "there are logs of: train.0, train.1"),
        (("logs", "nothing"), "there are logs of: load, train.0, train.1"),
        (("logs", "../../churn"), "there are logs of: load, train.0, train.1"),
        (("logs", "load", "--attempt", "2"), "its attempts are 1 to 1"),
        (("logs", "load", "--run", "1"), "error[E810]: no run has the id `1`"),
        (("outputs", "latest", "train"), "there are outputs of: load"),
        (("outputs", "x"), "error[E810]: no run has the id `x`"),
        (("runs", "show", "x"), "error[E810]: no run has the id `x`"),
        (("runs", "prune"), "Give --keep, --older or both."),
        (("runs", "prune", "--older", "soon"), "'soon' is not an age such as 30d, 12h or 2w."),
    ],
)
def test_what_is_not_there_is_said(home: Path, arguments: tuple[str, ...], says: str) -> None:
    done = dagwright(*arguments, cwd=home)
    assert done.returncode == 2
    assert says in done.stderr


def test_outputs_are_printed(home: Path) -> None:
    path = home / ".dagwright" / "runs" / ids(home)[0] / "outputs" / "load.attempt-1" / "data"
    done = dagwright("outputs", "latest", "load", cwd=home)
    assert (
        done.stdout == f"load.data = {path}\nload.rows = 3\n" or done.stdout == f"load.rows = 3\nload.data = {path}\n"
    )
    assert json.loads(dagwright("outputs", "latest", "--json", cwd=home).stdout) == {
        "load": {"rows": "3", "data": str(path)}
    }


def test_a_log_is_followed_until_the_attempt_ends(tmp_path: Path) -> None:
    script = "echo begun; while ! test -e go; do sleep 0.1; done; echo ended"
    spec = f"apiVersion: dagwright/v1\nname: p\ntasks: {{t: {{script: '{script}'}}}}\n"
    (tmp_path / "p.yaml").write_text(spec)
    command = [sys.executable, "-m", "dagwright"]
    run = subprocess.Popen([*command, "run", "p.yaml"], cwd=tmp_path, stderr=subprocess.DEVNULL)
    log = tmp_path / ".dagwright" / "runs" / "latest" / "logs" / "t.attempt-1.log"
    while not (log.exists() and log.read_text()):
        assert run.poll() is None
        time.sleep(0.05)
    follow = subprocess.Popen([*command, "logs", "-f", "t"], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert follow.stdout is not None
    assert follow.stdout.readline() == "begun\n"
    assert follow.poll() is None
    (tmp_path / "go").touch()
    assert follow.communicate(timeout=60)[0] == "ended\n"
    assert (follow.returncode, run.wait(60)) == (0, 0)


def test_old_runs_are_removed(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("apiVersion: dagwright/v1\nname: p\ntasks: {t: {command: ['true']}}\n")
    for _ in range(3):
        assert dagwright("run", "p.yaml", "--quiet", cwd=tmp_path).returncode == 0
    newest, *older = ids(tmp_path)
    assert dagwright("runs", "prune", "--keep", "1", "--older", "1m", cwd=tmp_path).stdout == ""
    time.sleep(1)  # ages are compared in seconds
    looked = dagwright("runs", "prune", "--keep", "1", "--dry-run", cwd=tmp_path).stdout
    assert looked == "".join(f"would remove {name}\n" for name in older)
    assert ids(tmp_path) == [newest, *older]
    assert dagwright("runs", "prune", "--keep", "1", cwd=tmp_path).stdout.count("removed") == 2
    assert ids(tmp_path) == [newest]
    assert dagwright("runs", "prune", "--keep", "0", cwd=tmp_path).returncode == 0
    assert ids(tmp_path) == []
    assert not (tmp_path / ".dagwright" / "runs" / "latest").is_symlink()
