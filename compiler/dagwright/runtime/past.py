"""Runs as recorded: their results, states and attempts; and the runs of a folder."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from dagwright.runtime.inputs import Complaint, Refused, shorten
from dagwright.runtime.record import RECORD, VERSION, is_live

_TAIL_OF_RECORD = 4096  # bytes; the last event is short
Key = Tuple[str, Optional[int]]  # a task, and the index of an instance


def label_of(task: str, index: Optional[int]) -> str:
    """The name of a job: `train`, or `train.0` for an instance."""
    return task if index is None else f"{task}.{index}"


@dataclass(frozen=True)
class Recorded:
    """A recorded success: its folder below `outputs/`, and its outputs with secrets masked."""

    made: str
    attempt: int
    outputs: Mapping[str, str]
    written: Mapping[str, Mapping[str, Any]]


@dataclass
class Past:
    """A run as recorded. `opening` is the event of its last start, `first` that of its first."""

    path: str
    first: Mapping[str, Any] = field(default_factory=dict)
    opening: Mapping[str, Any] = field(default_factory=dict)
    status: Optional[str] = None
    states: Dict[str, str] = field(default_factory=dict)
    reasons: Dict[str, str] = field(default_factory=dict)
    results: Dict[Key, Recorded] = field(default_factory=dict)
    attempts: Dict[str, int] = field(default_factory=dict)
    made: Dict[str, Recorded] = field(default_factory=dict)
    ended: str = ""  # the time of the last event
    damaged: int = 0  # lines that cannot be read

    @property
    def id(self) -> str:
        return os.path.basename(self.path)

    @property
    def state(self) -> str:
        """The status of an ended run; `running`, or `interrupted` if its runner was killed."""
        return self.status or ("running" if is_live(self.path) else "interrupted")

    def read(self, event: Mapping[str, Any]) -> None:
        """Take in the next event."""
        self.ended = event.get("at", "")
        read = _EVENT_READERS.get(event["event"])
        if read is not None:
            read(self, event)


def _read_run(past: Past, event: Mapping[str, Any]) -> None:
    past.first = past.first or event
    past.opening, past.status = event, None
    past.states.clear()
    past.reasons.clear()
    kept = {(entry["task"], entry.get("index")): past.made.get(entry["made"]) for entry in event.get("kept", ())}
    past.results = {key: result for key, result in kept.items() if result is not None}
    for entry in event.get("given", ()):
        result = Recorded(entry["made"], entry["attempt"], entry.get("outputs", {}), entry.get("written", {}))
        past.results[entry["task"], entry.get("index")] = past.made[result.made] = result


def _read_start(past: Past, event: Mapping[str, Any]) -> None:
    key = event["task"], event.get("index")
    label = label_of(*key)
    past.results.pop(key, None)
    past.attempts[label] = max(past.attempts.get(label, 0), event["attempt"])


def _read_end(past: Past, event: Mapping[str, Any]) -> None:
    if event["ok"]:
        key = event["task"], event.get("index")
        made = f"{label_of(*key)}.attempt-{event['attempt']}"
        result = Recorded(made, event["attempt"], event.get("outputs", {}), event.get("written", {}))
        past.results[key] = past.made[made] = result


def _read_state(past: Past, event: Mapping[str, Any]) -> None:
    past.states[event["task"]] = event["state"]
    past.reasons[event["task"]] = event.get("reason", "")


def _read_run_end(past: Past, event: Mapping[str, Any]) -> None:
    past.status = event["status"]


_EVENT_READERS: Dict[str, Callable[[Past, Mapping[str, Any]], None]] = {
    "run": _read_run,
    "resume": _read_run,
    "start": _read_start,
    "end": _read_end,
    "state": _read_state,
    "run_end": _read_run_end,
}


def read_past(path: str, whole: bool = False) -> Past:
    """A run from its record, as far as it can be read; with `whole`, refused if a line is damaged. Raises Refused."""
    past = Past(path)
    try:
        with open(os.path.join(path, RECORD), "rb") as file:
            lines = file.read().split(b"\n")[:-1]  # text after the last line end is incomplete
    except OSError as error:
        raise Refused([_unusable(past, f"cannot be read: {error.strerror}", "choose another run")]) from None
    for number, line in enumerate(lines, 1):
        try:
            event = json.loads(line)
            if number == 1 and event.get("record", VERSION) > VERSION:
                reason = f"has version {event['record']}; this Dagwright reads version {VERSION}"
                raise Refused([_unusable(past, reason, "upgrade Dagwright")])
            past.read(event)
        except (ValueError, KeyError, TypeError, AttributeError):
            past.damaged += 1
            if whole:
                advice = f"dagwright runs show {past.id}"
                raise Refused([_unusable(past, f"is damaged in line {number}", advice)]) from None
    if not past.first:
        raise Refused([_unusable(past, "is empty: the run had not begun", "start a new run")])
    return past


def _unusable(past: Past, reason: str, advice: str) -> Complaint:
    return Complaint("E812", f"the record of the run {past.id} {reason}", advice)


def stored_plan(past: Past) -> Dict[str, Any]:
    """The plan with which a run was started last. Raises Refused."""
    stored = past.opening.get("plan", {})
    try:
        with open(os.path.join(past.path, stored["file"]), "rb") as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() == stored["sha256"]:
            found: Dict[str, Any] = json.loads(data)
            return found
        reason = f"does not fit its {stored['file']}"
    except (OSError, ValueError, KeyError):
        reason = "has no plan that can be read"
    raise Refused([_unusable(past, reason, "give the spec with --spec, or start a new run")])


# ---- the runs of a folder ----


def run_names(runs: str) -> List[str]:
    """The ids of all runs, newest first."""
    try:
        names = os.listdir(runs)
    except OSError:
        return []
    found = [name for name in names if os.path.isfile(os.path.join(runs, name, RECORD)) and name != "latest"]
    return sorted(found, reverse=True)


def find_run(runs: str, name: str) -> str:
    """The id of the run with a name: the id, the beginning of one, or `latest`. Raises Refused."""
    names = run_names(runs)
    if name == "latest" and names:
        return names[0]
    matching = [known for known in names if known.startswith(name)] if name else []
    if name in names or len(matching) == 1:
        return name if name in names else matching[0]
    if matching:
        message = f"{len(matching)} runs have an id that begins with `{shorten(name)}`"
        raise Refused([Complaint("E810", message, f"give more of the id, such as {matching[0]}")])
    advice = f"the newest run is {names[0]}" if names else f"there are no runs in {shorten(runs, 60)}"
    raise Refused([Complaint("E810", f"no run has the id `{shorten(name)}`", advice)])


def state_of_run(path: str) -> str:
    """The state of a run as in `Past.state`, from the end of its record."""
    with open(os.path.join(path, RECORD), "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL_OF_RECORD))
        line = file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
    try:
        event = json.loads(line)
        if event["event"] == "run_end":
            return str(event["status"])
    except (ValueError, KeyError, TypeError):
        pass
    return "running" if is_live(path) else "interrupted"


def last_unsuccessful(runs: str) -> str:
    """The id of the newest run that has ended without success. Raises Refused."""
    for name in run_names(runs):
        if state_of_run(os.path.join(runs, name)) not in ("succeeded", "running"):
            return name
    raise Refused([Complaint("E810", "there is no run to resume: none has failed or was interrupted",
                             f"start one with dagwright run; runs are stored in {shorten(runs, 60)}")])  # fmt: skip
