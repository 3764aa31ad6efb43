"""Go, and the small Go programs of the tests: real parsers of engines, each built once per session."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from .marked import use
from .missing import Unavailable

USUAL = Path("/usr/local/go/bin/go")


@cache
def go() -> str:
    """The Go command. Raises Unavailable."""
    found = shutil.which("go") or (str(USUAL) if USUAL.is_file() else None)
    if found is None:
        raise Unavailable("there is no Go compiler")
    return found


def build(sources: Path) -> Path:
    """The program of a folder. Raises Unavailable if the build fails, for example without its modules."""
    use("argo-libraries")
    return _build(sources)


@cache
def _build(sources: Path) -> Path:
    folder = tempfile.mkdtemp(prefix="dagwright-go-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Path(folder, sources.name)
    command = [go(), "build", "-buildvcs=false", "-o", str(program), "."]
    try:
        done = subprocess.run(command, cwd=sources, capture_output=True, text=True, timeout=600, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{sources.name} was not built in 600 s") from None
    if done.returncode:
        raise Unavailable(f"{sources.name} cannot be built: {done.stderr.strip()[-300:]}")
    return program
