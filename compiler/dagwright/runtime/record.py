"""The folder of a run, with an append-only file of events, and functions to read them.

`<runs>/<run id>/` contains `record.jsonl` (one event per line), `plan.json`, `trace.json` (at the end), `logs/`,
`outputs/`, `inputs/` and `lock`, which is locked during the run. `<runs>/latest` points to the newest run.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional

from dagwright.runtime.work_folder import remove_folder

VERSION = 1  # of the record; a reader refuses a newer one
RECORD = "record.jsonl"
TRACE = "trace.json"


def new_run_id() -> str:
    """A unique run id that sorts by time: `20260131T040506.123456Z-9f2c`."""
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{moment}-{secrets.token_hex(2)}"


class RunFolder:
    """The folder of one run, locked until `close`. All paths are absolute. Raises OSError.

    The folder is new, or that of the run `resumed`; raises BlockingIOError if this run is still in progress.
    """

    def __init__(self, runs: str, resumed: Optional[str] = None) -> None:
        self.runs = os.path.abspath(runs)
        if resumed is None:
            self._create()
            return
        self.id = resumed
        self.path = os.path.join(self.runs, resumed)
        self._lock_it()

    def _lock_it(self) -> None:
        self._lock = os.open(os.path.join(self.path, "lock"), os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise

    def _create(self) -> None:
        os.makedirs(self.runs, exist_ok=True)
        while True:
            self.id = new_run_id()
            self.path = os.path.join(self.runs, self.id)
            try:
                os.mkdir(self.path)  # only one run can create it
                break
            except FileExistsError:
                continue
        self._lock_it()
        for name in ("logs", "outputs", "inputs"):
            os.mkdir(os.path.join(self.path, name))
        os.mkdir(os.path.join(self.path, "inputs", "none"))  # the `$DW_IN` of tasks without inputs
        self._point_latest()

    def _point_latest(self) -> None:
        """Point `latest` to this run, if the file system supports links."""
        temporary = os.path.join(self.runs, f".latest-{self.id}")
        with contextlib.suppress(OSError):
            os.symlink(self.id, temporary)
            os.replace(temporary, os.path.join(self.runs, "latest"))

    @property
    def kept(self) -> List[int]:
        """The descriptors that keep the run locked while they are open in a process."""
        return [self._lock]

    def log(self, label: str, attempt: int) -> str:
        """The log file of an attempt; `label` is the task, or `<task>.<index>` for an instance."""
        return f"{self.path}/logs/{label}.attempt-{attempt}.log"

    def work(self, label: str, attempt: int) -> str:
        """The work folder of an attempt with its own folder, which the executor creates and deletes."""
        return f"{self.path}/work/{label}.attempt-{attempt}"

    def write_plan(self, plain: Mapping[str, Any]) -> Dict[str, str]:
        """Store a plan, and return its file and digest for the record. A run that is resumed may have several."""
        data = json.dumps(plain, separators=(",", ":")).encode("ascii")
        digest = hashlib.sha256(data).hexdigest()
        name, number = "plan.json", 1
        while os.path.exists(os.path.join(self.path, name)):
            with open(os.path.join(self.path, name), "rb") as file:
                if file.read() == data:
                    return {"file": name, "sha256": digest}
            number += 1
            name = f"plan.{number}.json"
        with open(os.path.join(self.path, name), "wb") as file:
            file.write(data)
        return {"file": name, "sha256": digest}

    def write_trace(self, trace: Dict[str, Any]) -> None:
        """Write `trace.json` atomically."""
        path = os.path.join(self.path, TRACE)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(dump_trace(trace))
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    def discard(self) -> None:
        """Remove the folder of a run."""
        with contextlib.suppress(OSError):
            if os.readlink(os.path.join(self.runs, "latest")) == self.id:
                os.unlink(os.path.join(self.runs, "latest"))
        self.close()
        remove_folder(self.path)

    def close(self) -> None:
        """Release the lock."""
        os.close(self._lock)


def cut_torn_line(folder: str) -> None:
    """Remove the end of a record after its last complete line, before anything is appended. Raises OSError."""
    path = os.path.join(folder, RECORD)
    with open(path, "rb") as file:
        data = file.read()
    end = data.rfind(b"\n") + 1
    if end < len(data):
        os.truncate(path, end)


def is_live(folder: str) -> bool:
    """Whether the run of this folder is still in progress."""
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
    """A trace as text, one line per task."""
    tasks = trace.get("tasks")
    if not tasks:
        return json.dumps(trace) + "\n"
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in tasks.items())
    return f'{{"status": {json.dumps(trace["status"])}, "tasks": {{\n{lines}\n}}}}\n'


def read_record(folder: str) -> List[Dict[str, Any]]:
    """The events of a run, oldest first. A last line cut off by a crash is left out. Raises OSError."""
    with open(os.path.join(folder, RECORD), "rb") as file:
        lines = file.read().split(b"\n")
    events = []
    for line in lines[:-1]:  # text after the last line end is incomplete
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            events.append(event)
    return events
