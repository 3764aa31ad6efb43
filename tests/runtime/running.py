"""Runs specs and pipelines through their generated scripts, under several interpreters."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from dagwright.backends.local.backend import BACKEND
from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.runtime.record import read_record
from engines.missing import skip
from program.running import ALONE, run_in_fork

# Names that CPython has only on Linux; the runner must work without them.
LINUX_ONLY = """
import ctypes, os, signal
del ctypes.CDLL
for module, names in (
    (signal, ("sigtimedwait", "sigwaitinfo", "pidfd_send_signal", "SIGRTMIN", "SIGRTMAX", "SIGPOLL", "SIGPWR")),
    (os, ("sched_getaffinity", "pidfd_open", "fdatasync", "pipe2", "waitid", "O_TMPFILE", "O_PATH", "memfd_create",
          "posix_fadvise", "posix_fallocate", "copy_file_range", "sendfile", "getrandom", "eventfd", "splice")),
):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
exists = os.path.exists
os.path.exists = lambda path: not str(path).startswith("/proc/") and exists(path)
"""


def pipeline_of(spec: str, folder: Path) -> Pipeline:
    """The checked pipeline of a spec, which must be without errors."""
    path = folder / "pipeline.yaml"
    path.write_text("apiVersion: dagwright/v1\nname: case\n" + spec, encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None, [(d.code, d.message, d.help) for d in report.diagnostics]
    return pipeline


def script_of(pipeline: Pipeline) -> str:
    (artifact,) = BACKEND.emit(pipeline)
    return artifact.text


@cache
def python39() -> str | None:
    """An interpreter of version 3.9, from PATH, pyenv or uv, or None."""
    candidates = [shutil.which("python3.9")]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += [str(path) for path in sorted(pyenv.glob("versions/3.9*/bin/python"))]
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    if os.path.exists(uv):
        found = subprocess.run([uv, "python", "find", "--offline", "3.9"], capture_output=True, text=True, check=False)
        candidates.append(found.stdout.strip() if found.returncode == 0 else None)
    for candidate in candidates:
        if not candidate:
            continue
        answer = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if answer.stdout.strip() == "(3, 9)":
            return candidate
    return None


@dataclass(frozen=True)
class Ran:
    """A finished run."""

    code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def trace(self) -> dict[str, Any]:
        trace: dict[str, Any] = json.loads(self.stdout)
        return trace

    def task(self, name: str) -> dict[str, Any]:
        task: dict[str, Any] = self.trace["tasks"][name]
        return task

    @property
    def states(self) -> dict[str, str]:
        return {name: task["state"] for name, task in self.trace["tasks"].items()}

    @property
    def record(self) -> list[dict[str, Any]]:
        return read_record(str(self.folder))

    def events(self, kind: str, **wanted: object) -> list[dict[str, Any]]:
        return [e for e in self.record if e["event"] == kind and all(e.get(k) == v for k, v in wanted.items())]


@dataclass(frozen=True)
class Runner:
    """A runner of scripts with one interpreter; `variant` is its name in tests."""

    variant: str
    folder: Path

    def command(self, script: str) -> list[str]:
        path = self.folder / "case.py"
        path.write_text(script, encoding="utf-8")
        if self.variant == "python3.9":
            interpreter = python39()
            if interpreter is None:
                skip("there is no Python 3.9 here")
            return [interpreter, str(path)]
        return [sys.executable, str(path)]

    def environment(self) -> dict[str, str]:
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        if self.variant == "portable":
            site = self.folder / "site"
            site.mkdir(exist_ok=True)
            (site / "sitecustomize.py").write_text(LINUX_ONLY, encoding="utf-8")
            env["PYTHONPATH"] = str(site)
        return env

    def options(self) -> tuple[str, ...]:
        return "--json", "--runs-dir", str(self.folder / "runs")

    def start(
        self, script: str, *arguments: str, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        """Start a script without waiting for it."""
        return subprocess.Popen(
            [*self.command(script), *self.options(), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={**self.environment(), **(env or {})},
            **options,
        )

    def end(self, process: subprocess.Popen[str]) -> Ran:
        stdout, stderr = process.communicate(timeout=60)
        return self.ended(process.returncode, stdout, stderr)

    def ended(self, code: int, stdout: str, stderr: str) -> Ran:
        assert "Traceback" not in stderr, stderr
        latest = self.folder / "runs" / "latest"
        return Ran(code, stdout, stderr, latest.resolve())

    def run(self, script: str, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        """Run a script to its end; under this Python in a fork, which need not compile it."""
        interpreter, path = self.command(script)
        if self.variant != "python" or interpreter != ALONE[0]:
            return self.end(self.start(script, *arguments, env=env))
        command = [path, *self.options(), *arguments]
        done = run_in_fork(command, self.folder, {**self.environment(), **(env or {})})
        return self.ended(done.returncode, done.stdout, done.stderr)

    def spec(self, spec: str, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        """Compile and run a spec, which is given without its first two lines."""
        return self.run(script_of(pipeline_of(spec, self.folder)), *arguments, env=env)


def moment(event: Mapping[str, Any]) -> float:
    """The time of an event, in seconds since 1970."""
    return datetime.fromisoformat(event["at"]).timestamp()


def alive(pid: int) -> bool:
    """Whether a process is running; a zombie is not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return not os.path.isdir("/proc/self")
    return state != "Z"


def wait_for(path: Path) -> None:
    """Wait until a file has content."""
    end = time.monotonic() + 120
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.02)


def ancestors(needs: Mapping[str, Sequence[str]], name: str) -> set[str]:
    """All tasks that a task waits for, directly or not."""
    found: set[str] = set()
    pending = list(needs[name])
    while pending:
        need = pending.pop()
        if need not in found:
            found.add(need)
            pending += needs[need]
    return found
