"""A server that runs `dagwright` and generated scripts in forks of itself: processes that need not import anything.

It prints the address of its socket, and ends with its standard input. A request has the working directory, the
program with its arguments, the environment and the three standard streams; the answer is the exit code. `ask.py` is
the client.
"""

from __future__ import annotations
import __future__

import contextlib
import gc
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from types import CodeType, ModuleType

from ask import LENGTH, STREAMS

import dagwright
from dagwright.backends.registry import BACKENDS, backend
from dagwright.cli import main
from dagwright.ir.expr import Text
from dagwright.ir.model import Command, Pipeline, Task
from dagwright.schema.accept import acceptor


@dataclass(frozen=True)
class Request:
    """The command of a client, with its standard streams."""

    folder: str
    program: str
    arguments: list[str]
    environment: dict[str, str]
    streams: list[int]


def load_all() -> None:
    """Do once what every command does: import all modules, and read the parts that generated files share.

    Without `__main__`, which runs a command, and parts that need Airflow.
    """
    for found in pkgutil.walk_packages(dagwright.__path__, "dagwright."):
        if not found.name.endswith("__main__"):
            with contextlib.suppress(ModuleNotFoundError):
                import_module(found.name)
    for kind in ("pipeline", "components"):
        acceptor(kind)
    for name in BACKENDS:
        backend(name).emit(Pipeline("small", "0" * 64, (Task("small", Command((Text(("true",)),))),)))
    gc.collect()
    gc.freeze()  # so that the forks do not write to these pages


def serve(listening: socket.socket) -> Request | None:
    """The request that this process must run, since it is a fork; None in the server at the end of its input."""
    running: dict[int, socket.socket] = {}  # the connections of the processes that have not ended
    noticed, ended = os.pipe()
    os.set_blocking(ended, False)
    signal.set_wakeup_fd(ended)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    while True:
        ready, _, _ = select.select([0, noticed, listening, *running.values()], [], [])
        for pid, connection in list(running.items()):
            if 0 in ready or connection in ready:  # its client has gone
                os.kill(pid, signal.SIGTERM)
                running.pop(pid).close()
        if 0 in ready:
            return None
        if noticed in ready:
            os.read(noticed, 4096)
            answer(running)
        if listening in ready:
            connection, _ = listening.accept()
            request = receive(connection)
            prepare(request)
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                for descriptor in (noticed, ended):
                    os.close(descriptor)
                for other in (listening, connection, *running.values()):
                    other.close()
                return request
            running[pid] = connection
            for stream in request.streams:
                os.close(stream)


def prepare(request: Request) -> None:
    """Do what other requests share with this one."""
    if request.program != "dagwright":
        for text in parts(request.program)[1:]:
            compiled(text)
    elif "graph" in request.arguments:
        import_module("networkx")


def receive(connection: socket.socket) -> Request:
    """The request of a client."""
    length, streams, _, _ = socket.recv_fds(connection, LENGTH, STREAMS)
    text = connection.recv(int.from_bytes(length, "big"), socket.MSG_WAITALL)
    folder, program, count, *words = os.fsdecode(text).split("\0")
    arguments, variables = words[: int(count)], words[int(count) :]
    return Request(folder, program, arguments, dict(variable.split("=", 1) for variable in variables), streams)


def answer(running: dict[int, socket.socket]) -> None:
    """Send the exit codes of all processes that have ended, as a shell has them."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            connection = running.pop(ended[0], None)
            code = os.waitstatus_to_exitcode(ended[1])
            if connection is not None:
                with connection, contextlib.suppress(BrokenPipeError):
                    connection.send(bytes([code if code >= 0 else 128 - code]))


def become(request: Request) -> None:
    """Run the requested program, and end this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(request.streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(request.folder)
    os.environ.clear()
    os.environ.update(request.environment)
    time.tzset()
    sys.argv = [request.program, *request.arguments]
    try:
        if request.program == "dagwright":
            main()
        run_script(request.program)
    except SystemExit as ended:
        sys.stdout.flush()
        os._exit(int(ended.code or 0))  # an interpreter that takes its modules apart copies all their pages


def run_script(path: str) -> None:
    """Run a generated script as the main program. The server has compiled its runtime, which other scripts share."""
    own, *shared = parts(path)
    sys.modules["__main__"] = main_module = ModuleType("__main__")
    main_module.__file__ = path
    for code in (compile(own, path, "exec", dont_inherit=True), *map(compiled, shared)):
        exec(code, vars(main_module))


def parts(path: str) -> list[str]:
    """A generated script up to the end of its plan, and each statement of its runtime."""
    own, end, body = Path(path).read_text(encoding="utf-8").partition('\n"""\n)\n')
    assert body, "no generated script"
    return [own + end, *body.split("\n\n\n")]


@cache
def compiled(text: str) -> CodeType:
    """The code of a part of a runtime."""
    return compile(text, "script", "exec", __future__.annotations.compiler_flag, dont_inherit=True)


def listen() -> tuple[socket.socket, Path]:
    """A socket that only this user can reach, and its address."""
    address = Path(tempfile.mkdtemp(prefix="dagwright-"), "socket")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(address))
    listening.listen(16)
    return listening, address


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    load_all()
    listening, address = listen()
    print(address, flush=True)
    request = serve(listening)
    if request is None:
        shutil.rmtree(address.parent)
    else:
        become(request)
