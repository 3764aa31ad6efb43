"""Progress of a run: live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol

from dagwright.runtime.lines import PlainLines, duration_text, event_label, left_text, values_text
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan

_SHOWN = 12  # running tasks shown at once
_TICK = 0.1  # seconds between two updates


class Progress(AbstractContextManager["Progress"], Protocol):
    """The display of a run. `tick` is the interval, in seconds, of calls while nothing happens."""

    tick: float | None

    def observe(self, event: dict[str, Any]) -> None: ...

    def say(self, text: str) -> None:
        """Print a permanent line."""
        ...

    def summary(self, status: str) -> None: ...


def open_progress(plan: Plan, folder: str, mask: Mask, cut_off: Sequence[str], go_on: str, *, quiet: bool) -> Progress:
    """Live progress if stderr is a capable terminal, else plain lines."""
    if sys.stderr.isatty() and not quiet and os.environ.get("TERM") != "dumb":
        return LiveProgress(plan, folder, mask, cut_off, go_on)
    return LineProgress(plan, folder, mask, cut_off, go_on, quiet=quiet)


def _write(text: str) -> None:
    """Write to stderr; a closed stderr does not stop a run."""
    try:
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()
    except (OSError, ValueError):
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - lives as long as the process


class LineProgress:
    """Progress as plain lines, one per change of state."""

    tick: float | None = None

    def __init__(self, plan: Plan, folder: str, mask: Mask, cut_off: Sequence[str], go_on: str, *, quiet: bool) -> None:
        self._lines = PlainLines(_write, folder, quiet, mask, cut_off, plan.results, go_on)
        self.observe = self._lines
        self.say = _write
        self.summary = self._lines.summary

    def __enter__(self) -> LineProgress:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class LiveProgress:
    """Progress as a bar and the running tasks with their times, below the lines of failed tasks."""

    tick: float | None = _TICK

    def __init__(self, plan: Plan, folder: str, mask: Mask, cut_off: Sequence[str], go_on: str) -> None:
        from rich.console import Console
        from rich.live import Live

        self._total = len(plan.tasks) + len(plan.finally_tasks)
        self._ended = 0
        self._started = time.monotonic()
        self._instances = self._instances_ended = 0
        self._running: dict[str, tuple[float, str]] = {}  # start time, and the label of the instance
        self._console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self._live = Live(console=self._console, auto_refresh=False, transient=True, redirect_stdout=False)
        self._lines = PlainLines(self._print, folder, True, mask, cut_off, plan.results, go_on)
        self._drawn = 0.0
        self._unprinted: list[str] = []  # printed with the next update: each print causes one

    def __enter__(self) -> LiveProgress:
        self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._flush()
        self._live.__exit__(kind, error, traceback)

    def say(self, text: str) -> None:
        self._print(text)

    def summary(self, status: str) -> None:
        self._lines.summary(status)
        self._flush()

    def observe(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "start":
            self._running[event_label(event)] = time.monotonic(), values_text(event)
        elif kind == "end":
            self._running.pop(event_label(event), None)
        elif kind == "instances":
            self._instances += event["count"]
        elif kind == "instance":
            self._instances_ended += 1
        elif kind == "left":
            self._print(left_text(event))
        elif kind == "state":
            self._ended += 1
            if event["state"] in _MARKS and "kept" not in event:
                line = f"{_MARKS[event['state']]} {event['task']}  {event.get('reason', '')}"
                self._print(line.rstrip() + "\n")
        self._lines(event)
        self._draw()

    def _print(self, text: str) -> None:
        self._unprinted.append(text)

    def _flush(self) -> None:
        if self._unprinted:
            self._console.print("".join(self._unprinted), end="", soft_wrap=True)
            self._unprinted.clear()

    def _draw(self) -> None:
        now = time.monotonic()
        if now - self._drawn < _TICK:
            return
        self._drawn = now
        self._flush()
        self._live.update(self._picture(now), refresh=True)

    def _picture(self, now: float) -> Any:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        head = Table.grid(padding=(0, 1))
        counts = [f"{self._ended} of {self._total} tasks"]
        if self._instances:
            counts.append(f"{self._instances_ended} of {self._instances} instances")
        counts.append(duration_text(now - self._started))
        head.add_row(ProgressBar(self._total, self._ended, width=40), "  ".join(counts))
        shown = list(self._running.items())[:_SHOWN]
        rows = [Text(f"  {label}  {duration_text(now - started)}  {values}") for label, (started, values) in shown]
        if len(self._running) > _SHOWN:
            rows.append(Text(f"  and {len(self._running) - _SHOWN} more"))
        return Group(head, *rows)


_MARKS = {"succeeded": "\u2713", "skipped": "-", "upstream_failed": "\u2717"}
