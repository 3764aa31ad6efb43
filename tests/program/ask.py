"""The client of `serve.py`, as a function and as a program: `python ask.py ADDRESS ARGUMENT…`.

It imports little, so that the program starts in no time.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SCM_RIGHTS, SHUT_WR, SOL_SOCKET, socket

STREAMS = 3


def ask(address: str, arguments: list[str], folder: str, environment: dict[str, str], streams: list[int]) -> int:
    """The exit code of `dagwright` with these arguments, as a shell has it."""
    parts = [folder, str(len(arguments)), *arguments, *(f"{name}={value}" for name, value in environment.items())]
    rights = b"".join(stream.to_bytes(4, sys.byteorder) for stream in streams)
    connection = socket(AF_UNIX)
    try:
        connection.connect(address)
        connection.sendmsg([b"!"], [(SOL_SOCKET, SCM_RIGHTS, rights)])
        connection.sendall(os.fsencode("\0".join(parts)))
        connection.shutdown(SHUT_WR)
        (code,) = connection.recv(1)
    finally:
        connection.close()
    return code


if __name__ == "__main__":
    sys.exit(ask(sys.argv[1], sys.argv[2:], os.getcwd(), dict(os.environ), list(range(STREAMS))))
