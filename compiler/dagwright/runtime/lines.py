"""Progress as plain lines, for terminals and files: starts and ends of tasks, and the logs of failures."""

from __future__ import annotations

import os
import shlex
import time
from typing import Any, Callable, Dict, List, Mapping, Sequence, Set, Tuple

from dagwright.runtime.step import printable

_TAIL = 20  # lines shown of a failed attempt's log
_TAIL_BYTES = 8192
_FAILURES = 20  # failures repeated at the end
_MOST_NOTES = 10  # of files that tasks have left
_LISTED = 8  # names in a list
_VALUES = 60  # characters of the values of an instance
NOT_EVALUATED = "cannot be evaluated"
COUNTED = ("succeeded", "failed", "upstream_failed", "skipped", "not_selected", "cancelled")


def event_label(event: Mapping[str, Any]) -> str:
    """The task of an event, with the index of an instance: `train.0`."""
    index = event.get("index")
    return str(event["task"]) if index is None else f"{event['task']}.{index}"


def values_text(event: Mapping[str, Any]) -> str:
    """The values of an instance on one line: `model=boosting, depth=3`."""
    shown = ", ".join([f"{name}={value}" for name, value in event.get("values", {}).items()])
    shown = printable(shown[: _VALUES + 1])
    return shown if len(shown) <= _VALUES else shown[:_VALUES] + "..."


def duration_text(seconds: float) -> str:
    """A duration for people: `0.3 s`, `2 min 5 s`, `1 h 2 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def log_tail(path: str, mask: Callable[[str], str]) -> List[str]:
    """The last lines of a log, with secrets masked and made printable: a log can contain any bytes."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES))
            text = file.read().decode("utf-8", "backslashreplace")
    except OSError:
        return []
    if size > _TAIL_BYTES:
        text = text.partition("\n")[2] or text  # a partial line may contain a partial secret, which cannot be masked
    text = mask(text)
    lines = text.rstrip("\n").split("\n")[-_TAIL:] if text.strip() else []
    return [printable(line.rstrip("\r"), keep="\t") for line in lines]


def count_text(states: Mapping[str, str]) -> str:
    """The number of tasks per state: `5 succeeded, 1 skipped`."""
    values = list(states.values())
    parts = [f"{values.count(state)} {state}" for state in COUNTED if state in values]
    return ", ".join(parts) or "no tasks"


def named(names: Sequence[str]) -> str:
    """A list of names, shortened if there are many."""
    more = len(names) - _LISTED
    return ", ".join(names[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def images_text(workdirs: Sequence[str]) -> str:
    """The lines about images, and about their folders, in which tasks would start."""
    text = "tasks run as processes here: their images are not used\n"
    if workdirs:
        verb = "is" if len(workdirs) == 1 else "are"
        text += f"{named(workdirs)} of these images {verb} the work folder here (see `targets.local.workdirs`)\n"
    return text


def nothing_to_do_text(run: str) -> str:
    """The line for a run that has nothing left to do."""
    return f"nothing to do: the run {run} has succeeded, and its outputs are as they were\n"


def left_text(event: Mapping[str, Any]) -> str:
    """The lines about files that tasks have left in the work folder."""
    tasks, paths, count = event["tasks"], event["paths"], event["count"]
    who = f"task `{tasks[0]}`" if len(tasks) == 1 else f"one of the tasks {named([f'`{task}`' for task in tasks])}"
    shown = printable(paths[0])
    what, them = (shown, "it") if count == 1 else (f"{shown} and {count - 1} more", "them")
    return f"{who} left {what} in the work folder; on Argo no other task sees {them}: declare {them} under `outputs`\n"


class Failures:
    """The failures of a run, for the summary at its end: one line per failure, with the log of its last attempt."""

    def __init__(self, cut_off: Sequence[str]) -> None:
        """`cut_off` are the variables of the caller that tasks do not see."""
        self.cut_off = cut_off
        self.attempts = False  # whether any process has failed
        self._found: List[Tuple[str, str]] = []
        self._tasks: Set[str] = set()
        self._values: Dict[str, str] = {}
        self._not_run: Dict[Tuple[str, str], List[str]] = {}

    def __call__(self, event: Mapping[str, Any], path: str) -> None:
        """Record an event; `path` is the log of an attempt."""
        kind = event["event"]
        if kind == "start":
            self._values[event_label(event)] = values_text(event)
        elif kind == "end" and "retry_in" not in event:
            values = self._values.pop(event_label(event), "")
            if not event["ok"] and event["reason"] != "stopped":
                self.attempts = True
                again = "" if event["attempt"] == 1 else f", in attempt {event['attempt']}"
                self._add(event, values, event["reason"] + again, path)
        elif kind == "instance" and event["state"] == "failed" and event.get("reason", "").startswith(NOT_EVALUATED):
            self._add(event, values_text(event), event["reason"], "")
        elif kind == "state" and event["state"] == "failed" and event["task"] not in self._tasks:
            self._add(event, "", event.get("reason", ""), "")
        elif kind == "state" and event["state"] in ("upstream_failed", "skipped"):
            self._not_run.setdefault((event["state"], event.get("reason", "")), []).append(event["task"])

    def _add(self, event: Mapping[str, Any], values: str, reason: str, path: str) -> None:
        self._tasks.add(event["task"])
        shown = f" ({values})" if values else ""
        self._found.append((f"failed: {event_label(event)}{shown}: {reason}", path))

    def lines(self) -> List[str]:
        """The lines of the summary; [] without failures."""
        if not self._found:
            return []
        lines = []
        for text, path in self._found[:_FAILURES]:
            lines += [text, *([f"  less {shlex.quote(near(path))}"] if path else [])]
        if len(self._found) > _FAILURES:
            lines.append(f"failed: {len(self._found) - _FAILURES} more")
        groups = list(self._not_run.items())
        lines += [f"{state}: {named(tasks)}: {reason}" for (state, reason), tasks in groups[:_FAILURES]]
        if len(groups) > _FAILURES:
            lines.append(f"not run: {sum(len(tasks) for _, tasks in groups[_FAILURES:])} more")
        if self.attempts and self.cut_off:
            verb = "has" if len(self.cut_off) == 1 else "have"
            lines.append(f"{named(self.cut_off)} of your environment {verb} no effect on tasks; to pass them on, write")
            lines.append(f"  targets: {{local: {{pass_env: [{', '.join(self.cut_off)}]}}}}")
        return lines


class Results:
    """The results of a run: the artifacts that no task reads, with their paths."""

    def __init__(self, artifacts: Sequence[Tuple[str, str]], folder: str) -> None:
        """`artifacts` are pairs of a task and a file name."""
        self.folder = folder
        self._names: Dict[str, List[str]] = {}
        for task, filename in artifacts:
            self._names.setdefault(task, []).append(filename)
        self._found: List[str] = []

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Record an event."""
        if event["event"] == "end" and event["ok"]:
            made = os.path.join(self.folder, "outputs", f"{event_label(event)}.attempt-{event['attempt']}")
            self._found += [os.path.join(made, name) for name in self._names.get(event["task"], ())]

    def lines(self) -> List[str]:
        """One line per file; [] without files."""
        shown = [f"output: {near(path)}" for path in self._found[:_LISTED]]
        more = len(self._found) - len(shown)
        return [*shown, f"output: {more} more"] if more > 0 else shown


def near(path: str) -> str:
    """A path relative to the current folder, if it is below."""
    try:
        beside = os.path.relpath(path)
    except OSError:  # the current folder was deleted
        return path
    return path if beside.startswith(os.pardir) else beside


class PlainLines:
    """An observer of a run that writes one line per change of state; with `quiet`, only final failures."""

    def __init__(
        self,
        write: Callable[[str], object],
        folder: str,
        quiet: bool,
        mask: Callable[[str], str],
        cut_off: Sequence[str] = (),
        results: Sequence[Tuple[str, str]] = (),
        go_on: str = "",
    ) -> None:
        """`go_on` is the command that resumes the run."""
        self.write, self.folder, self.quiet, self.mask, self.go_on = write, folder, quiet, mask, go_on
        self.started = time.monotonic()
        self.states: Dict[str, str] = {}
        self._begun: Set[str] = set()
        self._failures = Failures(cut_off)
        self._results = Results(results, folder)
        self._notes = 0  # of files that were left
        self._shows: Dict[str, Callable[[Mapping[str, Any]], None]] = {
            "start": self._start,
            "end": self._end,
            "instance": self._instance,
            "state": self._state,
            "left": self._left,
            "stopping": self._stopping,
        }

    def __call__(self, event: Mapping[str, Any]) -> None:
        if "task" in event:
            self._failures(event, self._log(event) if event["event"] == "end" else "")
            self._results(event)
        show = self._shows.get(event["event"])
        if show is not None:
            show(event)

    def _log(self, event: Mapping[str, Any]) -> str:
        return os.path.join(self.folder, "logs", f"{event_label(event)}.attempt-{event['attempt']}.log")

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
        if self.quiet and "retry_in" in event:
            return
        rest = f"{event['reason']}, after {duration_text(event['seconds'])}"
        if "retry_in" in event:
            rest += f"; again in {event['retry_in']} s"
        self._line("attempt failed", event_label(event), rest)
        if event["reason"] == "stopped":
            return
        path = self._log(event)
        for line in log_tail(path, self.mask):
            self.write(f"          | {line}\n")
        self.write(f"          log: {path}\n")

    def _instance(self, event: Mapping[str, Any]) -> None:
        if event["state"] == "failed" and event.get("reason", "").startswith(NOT_EVALUATED):
            self._line("failed", event_label(event), event["reason"])

    def _state(self, event: Mapping[str, Any]) -> None:
        self.states[event["task"]] = event["state"]
        unbegun = event["state"] == "cancelled" and event["task"] not in self._begun
        if unbegun or event["state"] == "not_selected":
            return  # there may be very many; the summary counts them
        if event["state"] == "failed" or (event["state"] != "succeeded" and not self.quiet):
            self._line(event["state"], event["task"], event.get("reason", ""))

    def _left(self, event: Mapping[str, Any]) -> None:
        self._notes += 1
        if not self.quiet and self._notes <= _MOST_NOTES:
            self.write(left_text(event))

    def _stopping(self, event: Mapping[str, Any]) -> None:
        self.write(f"{event['signal']}: stopping; once more ends everything at once\n")

    def summary(self, status: str) -> None:
        """Write the summary: the state of the run, the states of its tasks, and the folder."""
        taken = duration_text(time.monotonic() - self.started)
        self.write(f"{status}: {count_text(self.states)}, in {taken}\n")
        for line in self._failures.lines():
            self.write(f"  {line}\n")
        if status != "succeeded" and self.go_on:
            self.write(f"  to resume this run: {self.go_on}\n")
        for line in self._results.lines() if status == "succeeded" else ():
            self.write(f"  {line}\n")
        self.write(f"  record, logs and outputs: {self.folder}\n")
