"""Stories of failure and recovery: what goes wrong, what is changed, and exactly which tasks run in the resumed run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from running import Ran, Runner, pipeline_of, script_of, wait_for

SPEC = """
tasks:
  load:
    script: echo data > $DW_OUT/data; echo 3 > $DW_OUT/rows; test ! -e break-load
    outputs: {data: file, rows: integer}
  clean:
    env: {DATA: "${{ tasks.load.outputs.data }}", SCALE: "1"}
    script: cp "$DATA" $DW_OUT/clean; test ! -e break-clean
    outputs: {clean: file}
  train:
    foreach: ['a', 'b', 'c']
    env: {ITEM: "${{ item }}", CLEAN: "${{ tasks.clean.outputs.clean }}"}
    script: |
      test -s "$CLEAN"; echo begun >> begun-$ITEM
      while test -e wait-$ITEM; do sleep 0.1; done
      test ! -e break-$ITEM; echo model of $ITEM > $DW_OUT/model
    outputs: {model: file}
  release:
    env: {MODELS: "${{ tasks.train.outputs.model }}", ROWS: "${{ tasks.load.outputs.rows }}"}
    script: cat "$MODELS"/*; test ! -e break-release; echo "$ROWS" > $DW_OUT/rows
    outputs: {rows: integer}
  optional: {when: params.full, command: [echo, optional]}
  after: {needs: [optional, load], trigger_rule: none_failed, command: [echo, after]}
  alert: {needs: release, trigger_rule: any_failed, command: [echo, alert]}
finally:
  report: {script: test ! -e break-report, env: {STATUS: "${{ run.status }}"}}
params:
  full: {type: boolean, default: false}
"""
ALERT = "  alert: {needs: release, trigger_rule: any_failed, command: [echo, alert]}\n"
TRAIN = {"train.0", "train.1", "train.2"}
ENDS = {"release", "report"}

Change = Callable[[Path], object]


def broken(name: str) -> Change:
    return lambda folder: (folder / f"break-{name}").touch()


def repaired(name: str) -> Change:
    return lambda folder: (folder / f"break-{name}").unlink()


def output(name: str) -> Path:
    """The path of an output in the only run of a folder."""
    return Path("runs", "latest", "outputs", name)


def deleted(name: str) -> Change:
    return lambda folder: (folder / output(name)).unlink()


def rewritten(name: str, text: str) -> Change:
    def change(folder: Path) -> None:
        path = folder / output(name)
        path.chmod(0o644)
        path.write_text(text, encoding="utf-8")

    return change


def nothing(folder: Path) -> None:
    """No change."""


@dataclass(frozen=True)
class Story:
    """`before` is done before the first run, `then` after it; `edit` changes the spec for the resumed run, which has
    the `options`. `ran` are the jobs that run in it, and `says` is part of what it prints.
    """

    name: str
    ran: set[str]
    before: Change = nothing
    then: Change = nothing
    edit: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    says: str = ""
    code: int = 0
    states: dict[str, str] = field(default_factory=dict)


STORIES = (
    Story("an instance is repaired", {"train.1", *ENDS}, broken("b"), repaired("b"),
          says="train: instance 1 did not succeed", states={"alert": "skipped", "after": "succeeded"}),
    Story("an instance is still broken", {"train.1", "alert", "report"}, broken("b"), code=5,
          states={"train": "failed", "release": "upstream_failed"}),
    Story("a task is repaired", {"clean", *TRAIN, *ENDS}, broken("clean"), repaired("clean"), says="clean: it failed"),
    Story("the first task is repaired", {"load", "clean", *TRAIN, "after", *ENDS}, broken("load"), repaired("load")),
    Story("the last task is repaired, and the handler had run", ENDS, broken("release"), repaired("release"),
          says="alert: `release` runs again", states={"alert": "skipped"}),
    Story("only finally is repaired", {"report"}, broken("report"), repaired("report"), says="7 of 8 tasks are kept"),
    Story("all has succeeded", set(), says="nothing to do"),
    Story("a script has changed", {*TRAIN, *ENDS}, edit=(("model of", "model for"),),
          says="train: its `script` has changed"),
    Story("an env has changed", {"clean", *TRAIN, *ENDS}, edit=(('SCALE: "1"', 'SCALE: "2"'),),
          says="clean: its `env` has changed"),
    Story("a failure is repaired in the spec", {"train.1", *ENDS}, broken("b"),
          edit=(("    foreach: ['a', 'b', 'c']", "    foreach: ['a', 'd', 'c']"),), says="train: its list has changed"),
    Story("an item is added", {"train.3", *ENDS}, edit=(("'c']", "'c', 'd']"),), says="train: its list has changed"),
    Story("an item is added before the others", {"train.0", *ENDS}, edit=(("['a'", "['d', 'a'"),)),
    Story("an item is removed", ENDS, edit=((", 'b'", ""),), says="release: `train` runs again"),
    Story("items change places", ENDS, edit=(("'a', 'b', 'c'", "'c', 'a', 'b'"),)),
    Story("an output is added", {"load", "clean", *TRAIN, "after", *ENDS},
          edit=(("rows: integer}\n  clean", "rows: integer, n: {type: string, default: x}}\n  clean"),),
          says="load: its `outputs` has changed"),
    Story("a condition has changed", {"optional", "after", "report"},
          edit=(("when: params.full", "when: not params.full"),),
          says="optional: its `when` has changed", states={"optional": "succeeded"}),
    Story("a task is added", {"more", "report"},
          edit=(("  alert:", "  more: {needs: load, command: [echo]}\n  alert:"),), says="more: it is new"),
    Story("a task is removed", set(), edit=((ALERT, ""),)),
    Story("a retry and a limit are added", set(),
          edit=(("{clean: file}", "{clean: file}\n    retry: {limit: 2}\n    timeout: 1h"),), says="nothing to do"),
    Story("a need is added", set(), edit=(("[optional, load]", "[optional, load, clean]"),),
          says="nothing to do"),
    Story("a file is deleted", {"clean", *TRAIN, *ENDS}, then=deleted("clean.attempt-1/clean"),
          says="clean: its output `clean` is missing"),
    Story("a file has changed", {"load", "clean", *TRAIN, "after", *ENDS},
          then=rewritten("load.attempt-1/data", "date\n"), says="load: its output `data` has changed since"),
    Story("a value has changed", {"load", "clean", *TRAIN, "after", *ENDS}, then=rewritten("load.attempt-1/rows", "4"),
          says="load: its output `rows` has changed since"),
    Story("a file of an instance is deleted", {"train.2", *ENDS}, then=deleted("train.2.attempt-1/model"),
          says="train: of instance 2, the output `model` is missing"),
    Story("a task is named", {"clean", *TRAIN, *ENDS}, options=("--again", "cl*"), says="clean: --again names it"),
    Story("with copies of the work folder", {"train.1", *ENDS}, broken("b"), repaired("b"), options=("--isolated",)),
)  # fmt: skip


def ran_after(ran: Ran) -> set[str]:
    """The jobs that the last start of a run has started."""
    found: set[str] = set()
    for event in ran.record:
        if event["event"] == "resume":
            found = set()
        elif event["event"] == "start":
            found.add(event["task"] + (f".{event['index']}" if "index" in event else ""))
    return found


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_exactly_these_tasks_run_again(here: Runner, story: Story) -> None:
    story.before(here.folder)
    isolated = [option for option in story.options if option == "--isolated"]
    first = here.spec(SPEC, *isolated)
    story.then(here.folder)
    spec = SPEC
    for old, new in story.edit:
        assert old in spec
        spec = spec.replace(old, new)
    ran = here.spec(spec, "--resume", "latest", *story.options)
    assert ran.folder == first.folder
    assert story.says in ran.stderr, ran.stderr
    assert ran.code == story.code, ran.stderr
    if "nothing to do" in ran.stderr:
        assert story.ran == set()
        assert ran.record == first.record
        return
    assert ran_after(ran) == story.ran, ran.stderr
    for task, state in story.states.items():
        assert ran.states[task] == state
    assert json.loads((ran.folder / "trace.json").read_text(encoding="utf-8")) == ran.trace


def test_attempts_go_on_counting_and_the_limit_is_a_new_one(here: Runner) -> None:
    spec = "\ntasks:\n  t: {script: 'echo $DW_ATTEMPT >> tries; test -e ok', retry: {limit: 1}}\n"
    assert here.spec(spec).task("t")["attempts"] == 2
    assert here.spec(spec, "--resume", "latest").task("t")["attempts"] == 4
    (here.folder / "ok").touch()
    assert here.spec(spec, "--resume", "latest").task("t") == {"state": "succeeded", "attempts": 5, "outputs": {}}
    assert (here.folder / "tries").read_text(encoding="utf-8").split() == ["1", "2", "3", "4", "5"]


def test_a_run_goes_on_many_times_with_many_specs(here: Runner) -> None:
    broken("b")(here.folder)
    here.spec(SPEC)
    longer = SPEC.replace("'a', 'b', 'c'", "'x', 'a', 'b', 'c'")
    assert ran_after(here.spec(longer, "--resume", "latest")) == {"train.0", "train.2", "alert", "report"}
    assert ran_after(here.spec(longer, "--resume", "latest")) == {"train.2", "alert", "report"}
    repaired("b")(here.folder)
    assert ran_after(here.spec(SPEC, "--resume", "latest")) == {"train.1", *ENDS}
    done = here.spec(SPEC, "--resume", "latest")
    assert "nothing to do" in done.stderr
    log = (done.folder / "logs" / "release.attempt-1.log").read_text(encoding="utf-8")
    assert log == "model of a\nmodel of b\nmodel of c\n"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_whose_runner_ends_goes_on(here: Runner, number: int) -> None:
    (here.folder / "wait-b").touch()
    script = script_of(pipeline_of(SPEC, here.folder))
    process = here.start(script, "-j", "1")
    wait_for(here.folder / "begun-b")
    process.send_signal(number)
    process.communicate(timeout=60)
    (here.folder / "wait-b").unlink()
    ran = here.run(script, "--resume", "latest")
    assert ran.code == 0
    assert ran_after(ran) == {"train.1", "train.2", *ENDS}
    assert ran.trace["tasks"]["train"]["instances"][0]["attempts"] == 1
    assert ran.trace["tasks"]["train"]["instances"][1]["attempts"] == 2


def test_of_two_resumes_at_once_one_is_refused(here: Runner) -> None:
    broken("b")(here.folder)
    here.spec(SPEC)
    repaired("b")(here.folder)
    (here.folder / "begun-b").unlink()
    (here.folder / "wait-b").touch()
    script = script_of(pipeline_of(SPEC, here.folder))
    process = here.start(script, "--resume", "latest")
    wait_for(here.folder / "begun-b")
    second = here.run(script, "--resume", "latest")
    assert second.code == 75
    assert "error[E811]" in second.stderr
    assert second.trace == {"status": "refused"}
    (here.folder / "wait-b").unlink()
    assert here.end(process).code == 0


def test_a_torn_last_line_is_removed_and_the_run_goes_on(here: Runner) -> None:
    broken("b")(here.folder)
    record = here.spec(SPEC).folder / "record.jsonl"
    repaired("b")(here.folder)
    record.write_bytes(record.read_bytes() + b'{"event":"sta')
    ran = here.spec(SPEC, "--resume", "latest")
    assert ran.code == 0
    for line in record.read_text(encoding="utf-8").splitlines():
        json.loads(line)


def damaged(folder: Path) -> None:
    record = folder / "runs" / "latest" / "record.jsonl"
    record.write_bytes(record.read_bytes().replace(b'{"event":"end"', b'{"event":', 1))


def line_of_first_end(folder: Path) -> int:
    lines = (folder / "record.jsonl").read_text(encoding="utf-8").splitlines()
    return next(at for at, line in enumerate(lines, 1) if '"event":"end"' in line)


def newer(folder: Path) -> None:
    record = folder / "runs" / "latest" / "record.jsonl"
    record.write_bytes(record.read_bytes().replace(b'"record":1', b'"record":2', 1))


def empty(folder: Path) -> None:
    (folder / "runs" / "latest" / "record.jsonl").write_bytes(b"")


@pytest.mark.parametrize(
    ("then", "edit", "options", "says"),
    [
        (damaged, (), (), "error[E812]: the record of the run RUN is damaged in line LINE"),
        (newer, (), (), "error[E812]: the record of the run RUN has version 2; this Dagwright reads version 1"),
        (empty, (), (), "error[E812]: the record of the run RUN is empty: the run had not begun"),
        (nothing, ("full: {type: boolean, default: false}", "full: {type: boolean}\n  size: integer"), (),
         "error[E813]: the spec no longer fits the run: param `size` has no default"),
        (nothing, (), ("--param", "full=true"), "error[E813]: --param cannot change when a run is resumed"),
        (nothing, (), ("--only", "train"), "error[E813]: --only cannot change when a run is resumed"),
        (nothing, (), ("--again", "tarin"), "error[E814]: `--again tarin` matches no task"),
    ],
)  # fmt: skip
def test_a_run_that_cannot_go_on_is_refused_and_unchanged(
    here: Runner, then: Change, edit: tuple[str, str], options: tuple[str, ...], says: str
) -> None:
    broken("b")(here.folder)
    first = here.spec(SPEC)
    line = line_of_first_end(first.folder)
    then(here.folder)
    before = {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()}
    ran = here.spec(SPEC.replace(*edit) if edit else SPEC, "--resume", "latest", *options)
    assert ran.code == 2
    assert says.replace("RUN", first.folder.name).replace("LINE", str(line)) in ran.stderr
    assert {path: path.read_bytes() for path in first.folder.rglob("*") if path.is_file()} == before


def test_a_run_of_another_pipeline_is_refused(here: Runner) -> None:
    here.spec(SPEC)
    script = script_of(pipeline_of(SPEC, here.folder)).replace('"name": "case"', '"name": "other"')
    ran = here.run(script, "--resume", "latest")
    assert ran.code == 2
    assert "error[E813]: this run is one of the pipeline `case`, not of `other`" in ran.stderr


@pytest.mark.parametrize(("name", "says"), [("2026", "no run has the id `2026`"), ("", "no run has the id")])
def test_a_run_that_is_not_there(here: Runner, name: str, says: str) -> None:
    process = here.start(script_of(pipeline_of(SPEC, here.folder)), "--resume", name)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"error[E810]: {says}" in stderr


def test_a_param_with_a_secret_is_not_recorded(here: Runner) -> None:
    spec = """
params: {address: string}
tasks:
  t: {command: ["false"], env: {A: "${{ params.address }}"}, secrets: {TOKEN: {name: mail, key: token}}}
"""
    env = {"DW_SECRET_MAIL_TOKEN": "abcdef"}
    first = here.spec(spec, "--param", "address=http://abcdef@x", env=env)
    assert "abcdef" not in (first.folder / "record.jsonl").read_text(encoding="utf-8")
    ran = here.spec(spec, "--resume", "latest", env=env)
    assert ran.code == 2
    assert "param `address` of the run has a secret in it" in ran.stderr
    without = here.spec(spec, "--resume", "latest")
    assert "error[E805]" in without.stderr


def dagwright(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dagwright", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_goes_on_with_the_last_failed_run(tmp_path: Path) -> None:
    pipeline_of(SPEC, tmp_path)
    broken("b")(tmp_path)
    failed = dagwright(tmp_path, "run", "--quiet")
    assert failed.returncode == 5
    (line,) = [line for line in failed.stderr.splitlines() if "to resume this run: " in line]
    repaired("b")(tmp_path)
    assert dagwright(tmp_path, "run", "--quiet").returncode == 0  # a newer run that has succeeded
    looked = dagwright(tmp_path, "resume", "--dry-run")
    assert looked.returncode == 0
    assert "runs again: train: instance 1 did not succeed" in looked.stdout
    assert dagwright(tmp_path, *line.split(": ")[1].split()[1:]).returncode == 0
    again = dagwright(tmp_path, "resume")
    assert again.returncode == 2
    assert "error[E810]: there is no run to resume" in again.stderr
    changed = (tmp_path / "pipeline.yaml").read_text(encoding="utf-8").replace("model of", "model for")
    (tmp_path / "pipeline.yaml").write_text(changed, encoding="utf-8")
    kept = dagwright(tmp_path, "resume", "latest")
    assert "nothing to do" in kept.stderr  # without --spec, the plan of the run counts
    spec = dagwright(tmp_path, "resume", "latest", "--spec", "pipeline.yaml")
    assert spec.returncode == 0
    assert "runs again: train: its `script` has changed" in spec.stderr
