"""Progress as plain lines, for terminals and files alike: what started, how it ended, and the log of what failed."""

from __future__ import annotations

import os
import time
from typing import Any, Callable, Dict, List, Mapping, Set

_TAIL = 20  # lines of a failed attempt's log that are shown
_TAIL_BYTES = 8192
_VALUES = 60  # characters of what distinguishes an instance
IMAGES_NOTE = "tasks run as processes here: their images are not used\n"
COUNTED = ("succeeded", "failed", "upstream_failed", "skipped", "cancelled")


def event_label(event: Mapping[str, Any]) -> str:
    """The task of an event, with the index of an instance: `train.0`."""
    index = event.get("index")
    return str(event["task"]) if index is None else f"{event['task']}.{index}"


def values_text(event: Mapping[str, Any]) -> str:
    """What distinguishes an instance, on one line: `model=boosting, depth=3`."""
    shown = ", ".join([f"{name}={value}" for name, value in event.get("values", {}).items()])
    shown = "".join([c if c.isprintable() else ascii(c)[1:-1] for c in shown[: _VALUES + 1]])
    return shown if len(shown) <= _VALUES else shown[:_VALUES] + "..."


def duration_text(seconds: float) -> str:
    """A length of time for people: `0.3 s`, `2 min 5 s`, `1 h 2 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def log_tail(path: str, mask: Callable[[str], str]) -> List[str]:
    """The last lines of a log without the values of secrets, made printable: a log can hold anything."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "backslashreplace")
    except OSError:
        return []
    if size > _TAIL_BYTES:
        text = text.partition("\n")[2] or text  # a line, or a secret, that is cut is not known again
    text = mask(text)
    lines = text.rstrip("\n").split("\n")[-_TAIL:] if text.strip() else []
    return ["".join(c if c.isprintable() or c == "\t" else ascii(c)[1:-1] for c in line.rstrip("\r")) for line in lines]


def count_text(states: Mapping[str, str]) -> str:
    """How many tasks ended in which state: `5 succeeded, 1 skipped`."""
    values = list(states.values())
    parts = [f"{values.count(state)} {state}" for state in COUNTED if state in values]
    return ", ".join(parts) or "no tasks"


class PlainLines:
    """An observer of a run that writes a line for each change of state. `quiet` leaves only what went wrong."""

    def __init__(self, write: Callable[[str], object], folder: str, quiet: bool, mask: Callable[[str], str]) -> None:
        self.write, self.folder, self.quiet, self.mask = write, folder, quiet, mask
        self.started = time.monotonic()
        self.states: Dict[str, str] = {}
        self._begun: Set[str] = set()

    def __call__(self, event: Mapping[str, Any]) -> None:
        show = getattr(self, "_" + str(event["event"]), None)
        if show is not None:
            show(event)

    def _line(self, word: str, label: str, rest: str = "") -> None:
        self.write(f"{time.strftime('%H:%M:%S')}  {word:<15}  {label}{'  ' + rest if rest else ''}\n")

    def _start(self, event: Mapping[str, Any]) -> None:
        self._begun.add(event["task"])
        if not self.quiet:
            again = "" if event["attempt"] == 1 else f"attempt {event['attempt']}"
            self._line("started", event_label(event), "  ".join(filter(None, (values_text(event), again))))

    def _end(self, event: Mapping[str, Any]) -> None:
        if event["ok"]:
            if not self.quiet:
                self._line("succeeded", event_label(event), duration_text(event["seconds"]))
            return
        rest = f"{event['reason']}, after {duration_text(event['seconds'])}"
        if "retry_in" in event:
            rest += f"; again in {event['retry_in']} s"
        self._line("attempt failed", event_label(event), rest)
        if event["reason"] == "stopped":
            return
        path = os.path.join(self.folder, "logs", f"{event_label(event)}.attempt-{event['attempt']}.log")
        for line in log_tail(path, self.mask):
            self.write(f"          | {line}\n")
        self.write(f"          log: {path}\n")

    def _instance(self, event: Mapping[str, Any]) -> None:
        if event["state"] == "failed" and event.get("reason", "").startswith("cannot be evaluated"):
            self._line("failed", event_label(event), event["reason"])

    def _state(self, event: Mapping[str, Any]) -> None:
        self.states[event["task"]] = event["state"]
        if event["state"] == "cancelled" and event["task"] not in self._begun:
            return  # of these there may be very many; the summary counts them
        if event["state"] == "failed" or (event["state"] != "succeeded" and not self.quiet):
            self._line(event["state"], event["task"], event.get("reason", ""))

    def _stopping(self, event: Mapping[str, Any]) -> None:
        self.write(f"{event['signal']}: stopping; once more ends everything at once\n")

    def summary(self, status: str) -> None:
        """The last words: how the run ended, what became of its tasks, and where everything is."""
        taken = duration_text(time.monotonic() - self.started)
        self.write(f"{status}: {count_text(self.states)}, in {taken}\n")
        self.write(f"  record, logs and outputs: {self.folder}\n")
