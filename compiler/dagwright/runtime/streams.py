"""The standard streams of a process, whatever it was started with."""

import os
import sys


def open_missing_streams() -> None:
    """Open each standard stream that the caller has closed on the null device.

    Else Python has None in its place, and the next file to be opened takes its number and what is printed there.
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null == descriptor:
                os.set_inheritable(descriptor, True)
            else:
                os.dup2(null, descriptor)
                os.close(null)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8"))  # lives as long as the process


def print_any_text() -> None:
    """Let standard output write a character that its encoding lacks as `\\xNN` or `\\uNNNN`, instead of failing."""
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
