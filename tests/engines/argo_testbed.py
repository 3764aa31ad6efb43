"""The testbed, real Argo Workflows on this machine, built once from `tests/engines/testbed` and stored in the cache.

Its folder is `testbed-<hash of its sources>` below `DAGWRIGHT_CACHE` or `~/.cache/dagwright`; `DAGWRIGHT_TESTBED`
names the folder of an existing build. `DAGWRIGHT_ARGO` selects another version of Argo, such as `v3.7.4`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO

from .golang import go
from .kept import cache_folder
from .marked import use
from .missing import Unavailable
from .progress import say

SOURCES = Path(__file__).resolve().parent / "testbed"
LIMIT = 3600
WHAT = "the testbed (etcd, kube-apiserver and Argo Workflows; 5 minutes on two cores, once)"


def program() -> Path:
    """The program `testbed`. Raises Unavailable."""
    return home() / "bin" / "testbed"


def version() -> str:
    """The version of Argo, without a `v`. Raises Unavailable."""
    file = home() / "version"
    return file.read_text(encoding="utf-8").strip().removeprefix("v") if file.is_file() else "of unknown version"


def home() -> Path:
    """The folder of a built testbed: `bin/testbed`, `crds`, and Argo's `schema.json`. Raises Unavailable."""
    use("argo")
    found = _home()
    if isinstance(found, str):
        raise Unavailable(found)
    return found


@cache
def _home() -> Path | str:
    """The folder, or the reason for a failed build, which is not repeated for every test."""
    given = os.environ.get("DAGWRIGHT_TESTBED")
    if given:
        there = Path(given, "bin", "testbed").is_file()
        return Path(given) if there else f"DAGWRIGHT_TESTBED names {given}, which holds no bin/testbed"
    try:
        needed()
        return built(cache_folder())
    except Unavailable as why:
        return f"the testbed: {why}"


def needed() -> None:
    """Raise Unavailable if containers of the testbed cannot run here."""
    if sys.platform != "linux":
        raise Unavailable("it needs Linux")
    if os.geteuid() != 0:
        raise Unavailable("it needs root, for the namespaces of its containers")
    if not may_make_namespaces():
        raise Unavailable("this root may not make namespaces")
    go()


def may_make_namespaces() -> bool:
    probe = shutil.which("unshare")
    if probe is None:
        return True  # starting containers will show it
    command = [probe, "--mount", "--pid", "--fork", "true"]
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def digest() -> str:
    """The hash of all inputs of the build."""
    found = hashlib.sha256()
    for file in sorted(path for path in SOURCES.rglob("*") if is_source(path)):
        text = file.read_bytes()
        found.update(f"{file.relative_to(SOURCES).as_posix()} {len(text)}\n".encode() + text)
    return found.hexdigest()[:16]


def is_source(path: Path) -> bool:
    named = path.name in ("build", "go.mod", "go.sum") or (path.suffix == ".go" and not path.name.endswith("_test.go"))
    return named and path.is_file() and ".build" not in path.parts


def built(cache_folder: Path) -> Path:
    """The testbed of the cache, built if needed; a second builder waits for the first."""
    asked = os.environ.get("DAGWRIGHT_ARGO", "")
    folder = cache_folder / "-".join(filter(None, ("testbed", digest(), asked)))
    if folder.is_dir():
        return folder
    cache_folder.mkdir(parents=True, exist_ok=True)
    with alone(beside(folder, ".lock"), f"waiting for another process, which builds {WHAT}") as lock:
        if not folder.is_dir():
            unfinished = beside(folder, ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            build(unfinished, asked, lock)
            unfinished.rename(folder)
    return folder


def beside(folder: Path, ending: str) -> Path:
    return folder.with_name(folder.name + ending)


@contextmanager
def alone(path: Path, meanwhile: str = "") -> Iterator[int]:
    """Hold a lock among all processes of the machine, until this process and those that inherit the lock end.

    `meanwhile` is the message to print while another process holds the lock.
    """
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if meanwhile:
                say(meanwhile)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


@contextmanager
def only_cluster() -> Iterator[None]:
    """Wait until no other process of this user has a cluster: parallel clusters are slower than sequential ones."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with alone(cache_folder() / "cluster.lock"):
        yield


def build(folder: Path, asked: str, lock: int) -> None:
    """Build into a folder, printing one line per minute; `asked` is a version of Argo other than the default.

    The builder keeps the lock if it outlives this process.
    """
    say(f"building {WHAT}")
    started = time.monotonic()
    environment = {**os.environ, "PATH": os.pathsep.join((str(Path(go()).parent), os.environ.get("PATH", "")))}
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        child = subprocess.Popen(
            [str(SOURCES / "build"), *(["--argo", asked] if asked else []), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            pass_fds=(lock,),
            start_new_session=True,
        )
        try:
            wait(child, started)
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        if child.returncode:
            raise Unavailable(f"it cannot be built: {last_words(output)}")
    say(f"built the testbed in {time.monotonic() - started:.0f} s")


def wait(child: subprocess.Popen[bytes], started: float) -> None:
    while (passed := time.monotonic() - started) < LIMIT:
        try:
            child.wait(min(60, LIMIT - passed))
            return
        except subprocess.TimeoutExpired:
            say(f"still building the testbed, {time.monotonic() - started:.0f} s")
    raise Unavailable(f"it was not built in {LIMIT} s")


def last_words(output: IO[str]) -> str:
    output.seek(0)
    return output.read().strip()[-600:]
