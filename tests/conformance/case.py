"""A case: a folder with `pipeline.yaml`, and `expect.json` with the claim and the expected result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TARGETS = ("local", "airflow", "argo")
KEYS = {"proves", "trace", "refuse", "targets", "params", "secrets", "then", "calls"}


class Malformed(Exception):  # noqa: N818 - a verdict
    """Raised for a folder that is not a case; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected error of the compiler: `code` is a code or a prefix of codes, `at` is line:column.

    If `target` is given, only this target refuses, and the others accept.
    """

    code: str
    at: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Retry:
    """A retry of a run that has ended, and the expected trace after it.

    Without a task, the failed tasks run again, and everything after them; with a task, that task (or one instance of
    it) and everything after it.
    """

    trace: Mapping[str, Any]
    task: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """The contents of a case's folder. Exactly one of `trace` and `refuse` is given.

    `secrets` are the secrets of the run, `{name: {key: value}}`. `then` are retries after the run, and `calls` the
    number of times that each task asked the server of `calls.py`, in all tries.
    """

    folder: Path
    proves: str
    trace: Mapping[str, Any] | None = None
    refuse: Refusal | None = None
    targets: tuple[str, ...] = TARGETS
    params: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    then: tuple[Retry, ...] = ()
    calls: Mapping[str, int] | None = None

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def spec(self) -> Path:
        return self.folder / "pipeline.yaml"


def load_case(folder: Path) -> Case:
    """The case of a folder. Raises Malformed."""
    file = folder / "expect.json"
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Malformed(f"{file}: {error}") from None
    if not isinstance(found, dict) or not found.keys() <= KEYS or not isinstance(found.get("proves"), str):
        raise Malformed(f"{file}: an object of {', '.join(sorted(KEYS))} is needed, with `proves`")
    if ("trace" in found) == ("refuse" in found):
        raise Malformed(f"{file}: exactly one of `trace` and `refuse` is needed")
    if not (folder / "pipeline.yaml").is_file():
        raise Malformed(f"{folder}: there is no pipeline.yaml")
    refuse = Refusal(**found["refuse"]) if "refuse" in found else None
    targets = tuple(found.get("targets", TARGETS))
    if not set(targets) <= set(TARGETS) or (refuse is not None and refuse.target not in ("", *TARGETS)):
        raise Malformed(f"{file}: the targets are {', '.join(TARGETS)}")
    return Case(
        folder=folder.resolve(),
        proves=found["proves"],
        trace=found.get("trace"),
        refuse=refuse,
        targets=targets,
        params=found.get("params", {}),
        secrets=found.get("secrets", {}),
        then=tuple(retry_of(step, file) for step in found.get("then", ())),
        calls=found.get("calls"),
    )


def retry_of(step: Any, file: Path) -> Retry:
    """A step such as `{"retry": "failed", "trace": …}` or `{"retry": {"task": "b"}, "trace": …}`."""
    if isinstance(step, dict) and step.keys() == {"retry", "trace"}:
        match step["retry"]:
            case "failed":
                return Retry(step["trace"])
            case {"task": str(task), **others} if others.keys() <= {"index"}:
                return Retry(step["trace"], task, others.get("index"))
    raise Malformed(f'{file}: a step of `then` has a `trace` and a `retry`: "failed", or an object with a `task`')


@cache
def find_cases(folders: tuple[Path, ...] = ()) -> tuple[Case, ...]:
    """The cases of the given folders, each a case or a folder of cases; without any, the cases of this suite."""
    found: dict[Path, Case] = {}
    for folder in folders or (HERE,):
        inside = sorted(path.parent for path in folder.glob("*/expect.json"))
        for path in [folder] if (folder / "expect.json").is_file() or not inside else inside:
            found[path.resolve()] = load_case(path)
    return tuple(found.values())
