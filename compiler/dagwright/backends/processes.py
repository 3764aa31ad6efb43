"""Checks of tasks that run as processes, on any engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from posixpath import normpath

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Task


def process_workdir(task: Task, folders: Iterable[tuple[str, str]] = ()) -> str | None:
    """The folder of a task relative to the work folder; None for the work folder itself.

    `folders` maps folders of an image, which a process does not have; the default is the work folder.
    """
    if task.workdir is None or not task.workdir.startswith("/"):
        return task.workdir
    inside = _absolute(task.workdir)
    known = [(_absolute(folder), here) for folder, here in folders]
    for folder, here in sorted(known, key=lambda entry: -len(entry[0].parts)):
        if inside.is_relative_to(folder):
            return str(PurePosixPath(here) / inside.relative_to(folder))
    return None


def _absolute(path: str) -> PurePosixPath:
    return PurePosixPath(normpath("/" + path.lstrip("/")))


def check_workdirs(processes: Iterable[Task], report: Report) -> None:
    """Report an E602 for each absolute `workdir` without an image, once even if several targets refuse it."""
    for task in processes:
        if task.image is not None or task.workdir is None or not task.workdir.startswith("/"):
            continue
        span = task.origin_of("workdir")
        if not report.is_new("E602", span):
            continue
        inside = task.workdir.strip("/") or "."
        report.error(
            "E602",
            f"`{task.name[:40]}` has no image, so its `workdir` must be relative",
            span,
            label="absolute, not relative to the work folder",
            notes=[
                "the work folder is the spec's own for `dagwright run`; `targets.airflow.workdir` sets it on Airflow"
            ],
            help=f"write `workdir: {inside}`, or give the task an `image` that has this folder",
        )
