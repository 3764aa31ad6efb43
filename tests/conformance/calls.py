"""A server that counts calls, so that a task can fail only the first time, and a test knows how often each task ran.

A task asks `$CALLS/$DW_PIPELINE/$DW_TASK/$DW_INDEX`, and gets the number of its calls in all tries of the run, from 1.
`CALLS` is the key `url` of the secret `conformance-calls`, which every run of a case with `calls` has.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "conformance-calls"


@dataclass
class Calls:
    """The numbers of calls, by pipeline and `task` or `task[index]`."""

    url: str = ""
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, path: str) -> int:
        """The number of this call."""
        _, pipeline, task, index = path.split("/")
        with self.lock:
            self.counts[pipeline, f"{task}[{index}]" if index else task] += 1
            return self.counts[pipeline, f"{task}[{index}]" if index else task]

    def of(self, pipeline: str) -> dict[str, int]:
        """The numbers of calls of a pipeline's tasks."""
        return {task: count for (of_pipeline, task), count in self.counts.items() if of_pipeline == pipeline}

    @property
    def secrets(self) -> dict[str, dict[str, str]]:
        return {SECRET: {"url": self.url}}


@contextmanager
def counting() -> Iterator[Calls]:
    """A running server."""
    calls = Calls()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = str(calls.next(self.path)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        calls.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield calls
        finally:
            server.shutdown()
            thread.join()
