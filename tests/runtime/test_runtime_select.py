"""Runs of some tasks only: which tasks run, and which run gives the outputs of the others."""

from __future__ import annotations

import pytest
from running import Runner

SPEC = """
params: {word: {type: string, default: one}}
tasks:
  load:
    env: {WORD: "${{ params.word }}"}
    script: echo "$WORD" > $DW_OUT/data; echo 3 > $DW_OUT/rows
    outputs: {data: file, rows: integer}
  train:
    foreach: ['a', 'b']
    env: {DATA: "${{ tasks.load.outputs.data }}", ITEM: "${{ item }}"}
    script: echo "$(cat "$DATA") $ITEM" > $DW_OUT/model
    outputs: {model: file}
  release:
    env: {MODELS: "${{ tasks.train.outputs.model }}", ROWS: "${{ tasks.load.outputs.rows }}"}
    script: cat "$MODELS"/* > $DW_OUT/all; echo "$ROWS" >> $DW_OUT/all; test ! -e break
    outputs: {all: file}
  alert: {needs: release, trigger_rule: any_failed, command: [echo]}
finally:
  report: {command: [echo, "${{ run.status }}"]}
"""
ALL = {"load", "train", "release", "alert", "report"}


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (("--only", "release"), {"release"}),
        (("--only", "load", "--only", "rep*"), {"load", "report"}),
        (("--from", "train"), {"train", "release", "alert", "report"}),
        (("--until", "train"), {"load", "train"}),
        (("--from", "train", "--until", "release"), {"train", "release"}),
        (("--only", "report", "--until", "load"), {"report", "load"}),
    ],
)
def test_only_the_chosen_tasks_run(here: Runner, options: tuple[str, ...], chosen: set[str]) -> None:
    first = here.spec(SPEC, "--param", "word=first")
    ran = here.spec(SPEC, "--param", "word=second", *options)
    assert ran.code == 0, ran.stderr
    assert ran.folder != first.folder
    assert {name for name, state in ran.states.items() if state == "not_selected"} == ALL - chosen
    started = {event["task"] for event in ran.events("start")}
    assert started == chosen - {"alert"}
    assert f"left out: {len(ALL - chosen)} of 5 tasks" in ran.stderr
    if "release" in chosen:
        made = (ran.folder / "outputs" / "release.attempt-1" / "all").read_text(encoding="utf-8")
        assert made == "first a\nfirst b\n3\n"
        assert f"come from the run {first.folder.name}" in ran.stderr


def test_the_named_run_gives_the_outputs_else_the_newest_that_has_them(here: Runner) -> None:
    runs = [here.spec(SPEC, "--param", f"word={word}") for word in ("first", "second")]
    here.spec(SPEC, "--only", "report")  # a newer run without the outputs

    def made(*options: str) -> str:
        ran = here.spec(SPEC, "--only", "release", *options)
        return (ran.folder / "outputs" / "release.attempt-1" / "all").read_text(encoding="utf-8").split()[0]

    assert made() == "second"
    assert made("--inputs", runs[0].folder.name) == "first"
    (runs[1].folder / "outputs" / "train.1.attempt-1" / "model").unlink()
    assert made("--inputs", "latest") == "first"  # outputs that were taken can be taken again


def test_a_run_of_some_tasks_is_resumed_with_the_same_tasks(here: Runner) -> None:
    first = here.spec(SPEC)
    (here.folder / "break").touch()
    failed = here.spec(SPEC, "--from", "release")
    assert failed.code == 5
    (here.folder / "break").unlink()
    (first.folder / "outputs" / "load.attempt-1" / "rows").unlink()  # the run has its own link
    ran = here.spec(SPEC, "--resume", "latest")
    assert ran.code == 0, ran.stderr
    assert ran.states == {
        "load": "not_selected", "train": "not_selected", "release": "succeeded", "alert": "skipped",
        "report": "succeeded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--only", "nothing"), "error[E814]: `--only nothing` matches no task"),
        (("--from", "release", "--until", "load"), "error[E814]: the selection has no tasks"),
        (("--only", "train"), "error[E815]: task `load` is left out, and no run has its output `data`"),
        (("--only", "train", "--inputs", "2026"), "error[E810]: no run has the id `2026`"),
    ],
)
def test_a_selection_that_cannot_run_is_refused(here: Runner, options: tuple[str, ...], says: str) -> None:
    ran = here.spec(SPEC, *options)
    assert ran.code == 2
    assert says in ran.stderr
    assert not list((here.folder / "runs").glob("2*"))


def test_a_run_without_the_outputs_cannot_give_them(here: Runner) -> None:
    here.spec(SPEC, "--only", "report")
    ran = here.spec(SPEC, "--only", "train", "--inputs", "latest")
    assert ran.code == 2
    assert "error[E815]: the run latest cannot give the output `data` of `load`" in ran.stderr
    assert "its task `load` has no such result" in ran.stderr
