"""The standard streams of a process that was started without some of them."""

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
