"""`dagwright` and generated scripts for tests: in a fork of a server (`serve.py`), or in an interpreter of their own.

A fork is ten times as fast, since an interpreter must import or compile everything first. An interpreter is for tests
of its start: of streams that are closed, of encodings and hash seeds, and of what a command imports.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO

from .ask import ask

HERE = Path(__file__).parent
ALONE = (sys.executable, "-m", "dagwright")


def dagwright(
    *arguments: str, cwd: Path, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The result of `dagwright` in a fork, with the variables of this process and `env`."""
    return run_in_fork(["dagwright", *arguments], cwd, {**os.environ, "TERM": "dumb", **(env or {})}, stdin)


def run_in_fork(
    command: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """The result of `dagwright` or of a generated script, named by its path, in a fork."""
    with stream(stdin) as given, stream() as out, stream() as err:
        streams = [file.fileno() for file in (given, out, err)]
        code = ask(address(), list(command), str(cwd), dict(env), streams)
        told = [file.read() for file in (out, err) if file.seek(0) == 0]
    return subprocess.CompletedProcess(command, code, *told)


def dagwright_alone(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The result of a command, in an interpreter."""
    return subprocess.run(
        [*ALONE, *arguments], cwd=cwd, env={**os.environ, "TERM": "dumb", **env}, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def command_line() -> str:
    """The shell command that runs `dagwright` in a fork, without its arguments."""
    return f'"{sys.executable}" -I -S "{HERE / "ask.py"}" "{address()}" dagwright'


def stream(text: str = "") -> IO[str]:
    """A standard stream: an open file with a text."""
    file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - the caller closes it
    file.write(text)
    file.seek(0)
    return file


def address() -> str:
    """The address of the server, which starts with the first command and runs until `end`."""
    with STARTING:
        return start()


@cache
def start() -> str:
    server = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    STARTED.append(server)
    atexit.register(end)
    assert server.stdout is not None
    found = server.stdout.readline().rstrip("\n")
    assert found, "the server of commands did not start"
    return found


STARTING = threading.Lock()
STARTED: list[subprocess.Popen[str]] = []


def end() -> None:
    """End the server, if there is one. Its input also ends with this process."""
    while STARTED:
        STARTED.pop().communicate()
