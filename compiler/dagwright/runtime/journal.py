"""The journal of a run: events in `record.jsonl`, without the values of secrets."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import Any, Callable, Collection, Dict, List

from dagwright.runtime.masking import Mask
from dagwright.runtime.record import RECORD

_LONGEST_TEXT = 1000  # characters of one recorded argument or value


class Journal:
    """A writer of events, with one write per `flush`; flushed events survive this process.

    `observe` gets every event that is told.
    """

    def __init__(self, folder: str, mask: Mask, observe: Callable[[Dict[str, Any]], None]) -> None:
        self.mask, self.observe = mask, observe
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._descriptor = os.open(os.path.join(folder, RECORD), flags, 0o666)
        self._pending: List[str] = []
        self._encode = json.JSONEncoder(separators=(",", ":")).encode

    def tell(self, event: Dict[str, Any], artifacts: Collection[str] = ()) -> None:
        """Record an event without secrets, and show it. The outputs named in `artifacts` are paths of the run."""
        if "reason" in event:
            event["reason"] = self.mask(event["reason"])
        if "argv" in event:
            event["argv"] = [self._cut(arg) for arg in event["argv"]]
        if "values" in event:
            event["values"] = {name: self._cut(text) for name, text in event["values"].items()}
        if "outputs" in event:
            outputs = event["outputs"].items()
            event["outputs"] = {name: text if name in artifacts else self.mask(text) for name, text in outputs}
        self.add(event)
        self.observe(event)

    def _cut(self, text: str) -> str:
        """A text without secrets, shortened if it is long."""
        text = self.mask(text)
        extra = len(text) - _LONGEST_TEXT
        return text if extra <= 0 else f"{text[:_LONGEST_TEXT]}... ({extra} more characters)"

    def add(self, event: Dict[str, Any]) -> None:
        """Add an event unchanged, with the time as `at`."""
        event["at"] = datetime.now(timezone.utc).isoformat(timespec="microseconds")[:-6] + "Z"
        self._pending.append(self._encode(event))

    def flush(self) -> None:
        """Pass all events to the kernel in one write."""
        if not self._pending:
            return
        data = ("\n".join(self._pending) + "\n").encode("ascii")
        self._pending.clear()
        while data:
            data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Flush, and wait until the events are on disk."""
        self.flush()
        os.fsync(self._descriptor)
        os.close(self._descriptor)
