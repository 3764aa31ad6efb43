"""The Makefile backend: a task is a phony target, and its needs are the prerequisites."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dagwright.backends.backend import Artifact, Level, Support
from dagwright.backends.features import Feature
from dagwright.diagnostics.model import Report
from dagwright.ir.expr import Const, Expr
from dagwright.ir.model import Command, Pipeline, Task
from dagwright_make.settings import settings

SUPPORT = {
    Feature.COMMAND: Support(Level.NATIVE, "the recipe, each argument quoted"),
    Feature.NEEDS: Support(Level.NATIVE, "the prerequisites"),
    Feature.LABELS: Support(Level.NATIVE, "comments"),
    Feature.RETRY: Support(Level.UNSUPPORTED, "make runs a recipe once"),
}


class MakeBackend:
    """The backend for GNU make: one Makefile, `make/<name>.mk`."""

    name = "make"

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        return SUPPORT

    def check(self, pipeline: Pipeline, report: Report) -> None:
        for task in pipeline.all_tasks:
            words = task.action.argv if isinstance(task.action, Command) else ()
            if any(isinstance(piece, str) and "\n" in piece for word in words for piece in word.pieces):
                report.error(
                    "E601",
                    "target `make` cannot keep a line break in a `command`",
                    task.origin_of("command"),
                    label="a line of a recipe ends at a line break",
                    help="move the text into a file",
                )

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        return (Artifact(f"make/{pipeline.name}.mk", _makefile(pipeline)),)


def _makefile(pipeline: Pipeline) -> str:
    chosen = settings(pipeline)
    names = " ".join(_target(task.name) for task in pipeline.tasks)
    head = [
        f"# {pipeline.name}: run with `make -f {pipeline.name}.mk`",
        f"# sha256 of the spec: {pipeline.digest}",
        *_comments(pipeline.owner or "", pipeline.description, pipeline.labels),
        f"SHELL := {chosen.shell.replace('$', '$$')}",
        f"MAKEFLAGS += --keep-going --jobs={chosen.jobs}",
        ".DEFAULT_GOAL := run",
        f".PHONY: run {names}",
        "",
        f"run: {names}",
    ]
    return "\n".join([*head, *(line for task in pipeline.tasks for line in _rule(task))]) + "\n"


def _rule(task: Task) -> list[str]:
    needs = "".join(f" {_target(name)}" for name in task.needs)
    recipe = " ".join(_quoted(word) for word in _words(task))
    return ["", *_comments("", task.description, task.labels), f"{_target(task.name)}:{needs}", f"\t{recipe}"]


def _comments(owner: str, description: str, labels: tuple[tuple[str, str], ...]) -> list[str]:
    texts = {"owner": owner, "description": description, **{f"label {key}": value for key, value in labels}}
    return [f"# {json.dumps(name)}: {json.dumps(text)}" for name, text in texts.items() if text]


def _target(name: str) -> str:
    """The target of a task. With the dot, make cannot read it as a directive."""
    return f"task.{name}"


def _words(task: Task) -> list[str]:
    assert isinstance(task.action, Command)
    return ["".join(map(_literal, text.pieces)) for text in task.action.argv]


def _literal(piece: str | Expr) -> str:
    """The text of a piece; no other expressions are left, since the table supports none."""
    assert isinstance(piece, str | Const)
    return piece if isinstance(piece, str) else piece.text


def _quoted(word: str) -> str:
    return "'" + word.replace("$", "$$").replace("'", "'\\''") + "'"


BACKEND = MakeBackend()
