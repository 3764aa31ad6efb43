"""The command line. `main` is the entry point of the `dagwright` script."""

from __future__ import annotations

import gc
import sys

from dagwright.cli.streams import forgive_stderr, say
from dagwright.runtime.streams import open_missing_streams, print_any_text, silence


def main() -> None:
    """Run one command and exit with a code of `cli.exits`, never with a traceback."""
    open_missing_streams()
    print_any_text()
    forgive_stderr()
    gc.disable()  # large trees live until the end of a compilation: garbage collection would be super-linear
    if sys.argv[1:] == ["--version"]:
        from dagwright import __version__

        _end(lambda: print(f"dagwright {__version__}"))
    from dagwright.cli.commands import run_cli

    _end(run_cli)


def _end(run: object) -> None:
    from dagwright.cli.exits import BROKEN_PIPE, INTERRUPTED, IO_ERROR

    assert callable(run)
    try:
        code = run() or 0
        sys.stdout.flush()
    except BrokenPipeError:
        code = BROKEN_PIPE
        silence(sys.stdout.fileno())
    except KeyboardInterrupt:
        code = INTERRUPTED
        say("\ninterrupted\n")
    except OSError as error:  # a full disk
        code = IO_ERROR
        place = "" if error.filename is None else f": {ascii(str(error.filename))[1:-1]}"
        say(f"error[E901]: {error.strerror or error}{place}\n")
        silence(1)
    raise SystemExit(code)
