"""`dagwright` for tests, in a process of its own: a fork of a server (`serve.py`), or an interpreter started for it.

A fork is ten times as fast, since an interpreter must import the package first. An interpreter is for tests of its
start: of streams that are closed, of encodings and hash seeds, and of what a command imports.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import IO

from .ask import ask

HERE = Path(__file__).parent
ALONE = (sys.executable, "-m", "dagwright")


def dagwright(
    *arguments: str, cwd: Path, stdin: str = "", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """The result of a command, in a fork, with the variables of this process and `env`."""
    environment = {**os.environ, "TERM": "dumb", **(env or {})}
    with stream(stdin) as given, stream() as out, stream() as err:
        streams = [file.fileno() for file in (given, out, err)]
        code = ask(address(), list(arguments), str(cwd), environment, streams)
        told = [file.read() for file in (out, err) if file.seek(0) == 0]
    return subprocess.CompletedProcess(arguments, code, *told)


def dagwright_alone(*arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The result of a command, in an interpreter."""
    return subprocess.run(
        [*ALONE, *arguments], cwd=cwd, env={**os.environ, "TERM": "dumb", **env}, stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def command_line() -> str:
    """The shell command that runs `dagwright` in a fork, without its arguments."""
    return f'"{sys.executable}" -I -S "{HERE / "ask.py"}" "{address()}"'


def stream(text: str = "") -> IO[str]:
    """A standard stream: an open file with a text."""
    file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - the caller closes it
    file.write(text)
    file.seek(0)
    return file


@cache
def address() -> str:
    """The address of the server, which starts with the first command and runs until `end`."""
    server = subprocess.Popen(
        [sys.executable, str(HERE / "serve.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    STARTED.append(server)
    assert server.stdout is not None
    found = server.stdout.readline().rstrip("\n")
    assert found, "the server of commands did not start"
    return found


STARTED: list[subprocess.Popen[str]] = []


def end() -> None:
    """End the server, if there is one. Its input also ends with this process."""
    while STARTED:
        STARTED.pop().communicate()
