"""Reliable standard streams, even if the process starts without them."""

import os
import sys


def open_missing_streams() -> None:
    """Open each standard stream that the caller has closed on the null device.

    Otherwise `sys.stdout` is None, and the next opened file gets the stream's number and its output.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null == descriptor:
                os.set_inheritable(descriptor, True)
            else:
                os.dup2(null, descriptor)
                os.close(null)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8"))  # open until the process ends


def print_any_text() -> None:
    """Make standard output write unencodable characters as `\\xNN` or `\\uNNNN`, instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def silence(descriptor: int) -> None:
    """Point a broken stream at the null device, so that the interpreter's last flush cannot fail either."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, descriptor)
        os.close(null)
    except OSError:
        pass
