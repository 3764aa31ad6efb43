"""The record of a run: a folder, a file of events that only grows, and readers for it.

`<runs>/<run id>/` holds `record.jsonl` (an event a line), `trace.json` (at the end), `logs/`, `outputs/`, `inputs/`
and `lock`, which is held while the run lives. `<runs>/latest` points to the newest run.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from datetime import datetime, timezone
from typing import Any, Dict, List

RECORD = "record.jsonl"
TRACE = "trace.json"


def new_run_id() -> str:
    """An id that sorts by time and that no other run has: `20260131T040506.123456Z-9f2c`."""
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{moment}-{secrets.token_hex(2)}"


class RunFolder:
    """The folder of one run, made new and locked until `close`. All paths are absolute. Raises OSError."""

    def __init__(self, runs: str) -> None:
        self.runs = os.path.abspath(runs)
        os.makedirs(self.runs, exist_ok=True)
        while True:
            self.id = new_run_id()
            self.path = os.path.join(self.runs, self.id)
            try:
                os.mkdir(self.path)  # only one run can make it
                break
            except FileExistsError:
                continue
        self._lock = os.open(os.path.join(self.path, "lock"), os.O_RDWR | os.O_CREAT, 0o666)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for name in ("logs", "outputs", "inputs"):
            os.mkdir(os.path.join(self.path, name))
        self.empty_input = os.path.join(self.path, "inputs", "none")
        os.mkdir(self.empty_input)
        self._point_latest()

    def _point_latest(self) -> None:
        """Let `latest` point here. Where there can be no links, there is none."""
        temporary = os.path.join(self.runs, f".latest-{self.id}")
        with contextlib.suppress(OSError):
            os.symlink(self.id, temporary)
            os.replace(temporary, os.path.join(self.runs, "latest"))

    def log(self, label: str, attempt: int) -> str:
        """Where the output of an attempt goes; `label` is the task, of an instance `<task>.<index>`."""
        return f"{self.path}/logs/{label}.attempt-{attempt}.log"

    def out(self, label: str, attempt: int) -> str:
        """The `$DW_OUT` of an attempt, which the scheduler makes."""
        return f"{self.path}/outputs/{label}.attempt-{attempt}"

    def work(self, label: str, attempt: int) -> str:
        """The work folder of an attempt that has one of its own, which the scheduler makes and deletes."""
        return f"{self.path}/work/{label}.attempt-{attempt}"

    def write_trace(self, trace: Dict[str, Any]) -> None:
        """Write `trace.json` whole or not at all."""
        path = os.path.join(self.path, TRACE)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(dump_trace(trace))
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    def close(self) -> None:
        """Let go of the lock."""
        os.close(self._lock)


def is_live(folder: str) -> bool:
    """Whether the run of this folder is still going on."""
    try:
        descriptor = os.open(os.path.join(folder, "lock"), os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def dump_trace(trace: Dict[str, Any]) -> str:
    """A trace as text, one line a task."""
    tasks = trace.get("tasks")
    if not tasks:
        return json.dumps(trace) + "\n"
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in tasks.items())
    return f'{{"status": {json.dumps(trace["status"])}, "tasks": {{\n{lines}\n}}}}\n'


class Record:
    """Appends events to `record.jsonl`, one write a `flush`, so that what was flushed survives our own death."""

    def __init__(self, folder: str) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._descriptor = os.open(os.path.join(folder, RECORD), flags, 0o666)
        self._pending: List[str] = []
        self._encode = json.JSONEncoder(separators=(",", ":")).encode

    def add(self, event: Dict[str, Any]) -> None:
        """Take an event up; it gets the time as `at`, in seconds since 1970."""
        event["at"] = round(time.time(), 6)
        self._pending.append(self._encode(event))

    def flush(self) -> None:
        """Hand everything to the kernel in one write."""
        if not self._pending:
            return
        data = ("\n".join(self._pending) + "\n").encode("ascii")
        self._pending.clear()
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Flush, and wait until the disk has it."""
        self.flush()
        os.fsync(self._descriptor)
        os.close(self._descriptor)


def read_record(folder: str) -> List[Dict[str, Any]]:
    """The events of a run, oldest first. A last line that was cut off by a crash is left out. Raises OSError."""
    with open(os.path.join(folder, RECORD), "rb") as file:
        lines = file.read().split(b"\n")
    events = []
    for line in lines[:-1]:  # what stands behind the last line end was never finished
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events
