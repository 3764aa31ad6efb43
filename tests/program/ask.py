"""The client of `serve.py`, as a function and as a program: `python ask.py ADDRESS PROGRAM ARGUMENT…`.

It imports little, so that the program starts in no time.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SOL_SOCKET, socket

STREAMS = 3
LENGTH = 4  # bytes of the length of a request
PATIENCE = 180  # seconds


def ask(address: str, command: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> int:
    """The exit code of `dagwright` or of a generated script, as a shell has it; TimeoutError if it does not end."""
    program, *arguments = command
    parts = [
        folder,
        program,
        str(len(arguments)),
        *arguments,
        *(f"{name}={value}" for name, value in environment.items()),
    ]
    rights = b"".join(stream.to_bytes(4, sys.byteorder) for stream in streams)
    connection = socket(AF_UNIX)
    try:
        connection.settimeout(PATIENCE)
        connection.connect(address)
        text = os.fsencode("\0".join(parts))
        connection.sendmsg([len(text).to_bytes(LENGTH, "big")], [(SOL_SOCKET, SCM_RIGHTS, rights)])
        connection.sendall(text)
        (code,) = connection.recv(1)
    finally:
        connection.close()
    return code


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], sys.argv[2:], os.getcwd(), dict(os.environ), list(range(STREAMS))))
