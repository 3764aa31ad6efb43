"""Files that tasks leave in the work folder, and work folders that tasks do not share."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from pathlib import Path

import pytest
from running import Runner, pipeline_of, script_of

from dagwright.runtime import work_folder
from dagwright.runtime.step import StepFailed
from dagwright.runtime.work_folder import Watch, copy_folder, remove_folder

HANDS_ON = """
tasks:
  train: {script: "mkdir -p models; echo model > models/m.pkl"}
  use: {needs: [train], command: [cat, models/m.pkl]}
"""
NOTE = "task `train` left models/m.pkl in the work folder; on Argo no other task sees it: declare it under `outputs`\n"


def test_a_file_in_the_work_folder_is_named_once_and_changes_nothing(runner: Runner) -> None:
    ran = runner.spec(HANDS_ON)
    assert ran.code == 0
    assert ran.stderr.count(NOTE) == 1
    (left,) = ran.events("left")
    assert (left["tasks"], left["count"], left["paths"]) == (["train"], 1, ["models/m.pkl"])
    assert "left" not in runner.spec(HANDS_ON, "--quiet").stderr


def test_what_is_there_and_what_tools_keep_is_not_named(here: Runner) -> None:
    (here.folder / "data.csv").write_text("1")
    old = here.folder / "old.txt"
    old.write_text("1")
    time.sleep(0.1)
    ran = here.spec(
        """
tasks:
  reads: {script: "cat data.csv; mkdir -p __pycache__ .git .venv/lib; touch __pycache__/a .git/b .venv/lib/c"}
  tidies: {needs: [reads], script: "echo 1 > scratch; rm scratch"}
  makes: {needs: [tidies], script: "echo 1 > $DW_OUT/o", outputs: {o: file}}
"""
    )
    assert ran.code == 0
    assert ran.events("left") == []


def test_a_change_counts_as_a_new_file(here: Runner) -> None:
    (here.folder / "state.txt").write_text("1")
    time.sleep(0.1)
    (left,) = here.spec("\ntasks:\n  t: {script: 'echo 2 >> state.txt'}\n").events("left")
    assert left["paths"] == ["state.txt"]


def test_only_a_task_that_ran_alone_is_blamed_alone(here: Runner) -> None:
    ran = here.spec(
        """
tasks:
  a: {script: "sleep 1; echo 1 > of_a; sleep 1"}
  b: {script: "sleep 2"}
  c: {needs: [a, b], script: "sleep 0.3; echo 1 > of_c"}
""",
        "-j",
        "2",
    )
    found = {path: event["tasks"] for event in ran.events("left") for path in event["paths"]}
    assert sorted(found["of_a"]) == ["a", "b"]
    assert found["of_c"] == ["c"]
    assert "one of the tasks `a`, `b` left of_a in the work folder" in ran.stderr.replace("`b`, `a`", "`a`, `b`")


def test_very_many_files_are_counted(here: Runner) -> None:
    ran = here.spec("\ntasks:\n  t: {script: 'for i in $(seq 300); do : > f$i; done'}\n")
    (left,) = ran.events("left")
    assert left["count"] == 300
    assert len(left["paths"]) == 100
    assert "task `t` left f1 and 299 more in the work folder; on Argo no other task sees them" in ran.stderr


def test_a_pipeline_for_local_runs_alone_may_leave_what_it_wants(here: Runner) -> None:
    assert here.spec(HANDS_ON + "targets: {local: {}}\n").events("left") == []
    assert len(here.spec(HANDS_ON + "targets: {local: {}, argo: {image: busybox}}\n").events("left")) == 1


def test_a_look_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    watch = Watch(str(tmp_path), str(tmp_path / "runs"))
    watch.begin(1, "t", time.time())
    for at in range(50):
        (deep / str(at)).write_text("")
    (tmp_path / "top").write_text("")
    watch.end(1)
    monkeypatch.setattr(work_folder, "MOST_ENTRIES", 10)
    ((tasks, paths),) = watch.look(at_once=True)
    assert tasks == ["t"]
    assert "top" in paths
    assert len(paths) < 10


def test_looks_take_a_bounded_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(str(tmp_path), str(tmp_path / "runs"))
    monkeypatch.setattr(work_folder, "SHARE", 10**9)
    for name in ("a", "b", "c"):
        watch.begin(1, name, time.time())
        (tmp_path / name).write_text("")
        watch.end(1)
        time.sleep(0.05)
        if name == "a":
            assert watch.look(at_once=False) == [(["a"], ["a"])]
        else:
            assert watch.look(at_once=False) == []
    assert sorted(watch.look(at_once=True)) == [(["b"], ["b"]), (["c"], ["c"])]


def test_a_file_of_a_task_that_still_runs_can_wait(tmp_path: Path) -> None:
    watch = Watch(str(tmp_path), str(tmp_path / "runs"))
    watch.begin(1, "short", time.time())
    watch.end(1)
    time.sleep(0.05)
    watch.begin(2, "long", time.time())
    (tmp_path / "x").write_text("")
    assert watch.look(at_once=True) == []
    watch.end(2)
    assert watch.look(at_once=True) == [(["long"], ["x"])]


def test_a_file_is_seen_that_was_written_before_the_runner_knew_of_the_process(tmp_path: Path) -> None:
    """On a busy machine, a task may have written its files before the runner learns that it has started."""
    watch = Watch(str(tmp_path), str(tmp_path / "runs"))
    before = time.time()
    (tmp_path / "x").write_text("")
    time.sleep(0.1)
    watch.begin(1, "quick", before)
    watch.end(1)
    assert watch.look(at_once=True) == [(["quick"], ["x"])]


def test_an_isolated_run_fails_where_argo_fails(runner: Runner) -> None:
    (runner.folder / "data.csv").write_text("1")
    ran = runner.spec(HANDS_ON, "--isolated")
    assert ran.states == {"train": "succeeded", "use": "failed"}
    assert not (runner.folder / "models").exists()
    assert ran.events("left") == []
    assert list((ran.folder / "work").iterdir()) == []


def test_an_isolated_attempt_has_a_whole_copy_and_cannot_change_the_original(here: Runner) -> None:
    (here.folder / "lib").mkdir()
    (here.folder / "lib" / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (here.folder / "lib" / "run.sh").chmod(0o755)
    (here.folder / "link").symlink_to("lib/run.sh")
    (here.folder / "data.csv").write_text("1\n")
    os.mkfifo(here.folder / "pipe")
    for name in (".git", "sub"):
        (here.folder / name).mkdir()
        (here.folder / name / "file").write_text("x")
    ran = here.spec(
        """
tasks:
  t:
    script: |
      ./link
      test ! -e .git; test ! -e pipe; test ! -e runs
      echo "attempt $DW_ATTEMPT" >> data.csv
      cat data.csv
      test "$DW_ATTEMPT" = 2
    retry: 1
  below: {workdir: sub, script: "cat file; mkdir locked; touch locked/f; chmod 0 locked"}
""",
        "--isolated",
    )
    assert ran.code == 0, ran.stderr
    assert (ran.folder / "logs" / "t.attempt-2.log").read_text() == "ran\n1\nattempt 2\n"
    assert (here.folder / "data.csv").read_text() == "1\n"
    assert list((ran.folder / "work").iterdir()) == []


def test_a_copy_of_an_attempt_that_cannot_start_is_deleted(here: Runner) -> None:
    ran = here.spec("\ntasks:\n  t: {command: [./none], retry: 1}\n", "--isolated")
    assert ran.task("t")["attempts"] == 2
    assert list((ran.folder / "work").iterdir()) == []


def test_a_copy_says_what_cannot_be_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_text("x")
    (source / "b").write_text("x")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(work_folder.shutil, "copyfileobj", fail)  # type: ignore[attr-defined]
    monkeypatch.setattr(work_folder.fcntl, "ioctl", fail)  # type: ignore[attr-defined]
    with pytest.raises(StepFailed, match=r"the work folder cannot be copied: [ab]: .*No space left.*, and 1 more"):
        copy_folder(str(source), str(tmp_path / "target"), str(tmp_path / "runs"))


def test_modes_and_times_are_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "source"
    (source / "ro").mkdir(parents=True)
    (source / "ro" / "f").write_text("x")
    os.utime(source / "ro" / "f", (1, 1))
    (source / "ro" / "f").chmod(0o500)
    (source / "ro").chmod(0o555)
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(source)  # names of sockets are short
        server.bind("s")
        copy_folder(str(source), str(tmp_path / "t" / "u"), str(source / "runs"))
    copied = tmp_path / "t" / "u" / "ro" / "f"
    assert (copied.read_text(), copied.stat().st_mtime, stat.S_IMODE(copied.stat().st_mode)) == ("x", 1, 0o500)
    assert not (tmp_path / "t" / "u" / "s").exists()
    remove_folder(str(tmp_path / "t" / "u"))
    assert not (tmp_path / "t" / "u").exists()
    (source / "ro").chmod(0o755)


WORKDIRS = """
tasks:
  app: {image: x, workdir: /app, command: [pwd]}
  deep: {image: x, workdir: /srv/jobs/daily, command: [pwd]}
  other: {image: x, workdir: /srv/x/, command: [pwd]}
"""


def test_a_folder_of_an_image_is_the_work_folder_or_what_the_settings_say(here: Runner) -> None:
    for folder in ("sub/daily", "x"):
        (here.folder / folder).mkdir(parents=True)
    ran = here.spec(WORKDIRS + "targets: {local: {workdirs: {/srv: ., /srv/jobs: sub}}}\n")
    assert ran.code == 0, ran.stderr
    shown = {name: (ran.folder / "logs" / f"{name}.attempt-1.log").read_text().strip() for name in ran.states}
    own = os.path.realpath(here.folder)
    assert shown == {"app": own, "deep": f"{own}/sub/daily", "other": f"{own}/x"}
    assert ran.stderr.count("/app of these images is the work folder here (see `targets.local.workdirs`)\n") == 1
    ran = here.spec(WORKDIRS)
    assert "/app, /srv/jobs/daily, /srv/x/ of these images are the work folder here" in ran.stderr
    assert ran.code == 0
    assert json.loads(ran.stdout)["status"] == "succeeded"


def test_other_paths_with_the_same_beginning_are_others(here: Runner) -> None:
    spec = (
        "\ntasks:\n  t: {image: x, workdir: /application, command: [pwd]}\ntargets: {local: {workdirs: {/app: no}}}\n"
    )
    assert here.spec(spec).code == 0
    script = script_of(pipeline_of(spec, here.folder))
    assert '"image_workdirs": ["/application"]' in script
