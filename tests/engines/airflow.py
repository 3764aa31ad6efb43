"""Real Airflow for tests: one environment per version, created once with uv, which runs DAG files.

Environments are stored in `~/.cache/dagwright/airflow-<version>` (or below `DAGWRIGHT_CACHE`). If one cannot be
created, the tests that need it are skipped with the reason.
"""

from __future__ import annotations

import fcntl
import functools
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .kept import cache_folder
from .marked import use
from .missing import Unavailable
from .processes import stop

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent.parent / "compiler"
REQUIREMENTS = {
    "3.3": ("apache-airflow==3.3.2", "apache-airflow-providers-cncf-kubernetes==10.25.0"),
    "2.11": ("apache-airflow==2.11.2", "apache-airflow-providers-cncf-kubernetes==10.25.0"),
}


START = 240  # additional seconds for the first case: importing Airflow on a busy machine
HANGS = 60  # additional seconds for a case, before its process counts as hanging


@dataclass(frozen=True)
class Case:
    """One run to perform: the text of a DAG file, and the inputs of the run.

    `folder` has files that the tasks expect beside the DAG file. A run that takes longer than `timeout` seconds
    ends as `{"status": "timeout"}`.
    """

    dag: str
    params: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    timeout: int = 120


def python(version: str) -> str:
    """The interpreter in the environment of an Airflow version; the environment is created if missing."""
    use(f"airflow-{version}")
    return _python(version)


@functools.cache
def _python(version: str) -> str:
    home = cache_folder() / f"airflow-{version}"
    interpreter = home / "bin" / "python"
    ready, requirements = home / "ready", "\n".join(REQUIREMENTS[version])
    home.parent.mkdir(parents=True, exist_ok=True)
    with open(home.with_name(f"{home.name}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process creates it, the others wait
        if not ready.is_file() or ready.read_text(encoding="utf-8") != requirements:
            uv = _uv()
            if not interpreter.is_file():
                _run([*uv, "venv", "--quiet", "--python", "3.11", str(home)])
            _run([*uv, "pip", "install", "--quiet", "--python", str(interpreter), *REQUIREMENTS[version]])
            _make_database(home)
            ready.write_text(requirements, encoding="utf-8")
    return str(interpreter)


def _uv() -> list[str]:
    found = shutil.which("uv")
    if found is not None:
        return [found]
    beside = Path(sys.executable).with_name("uv")
    if beside.is_file():
        return [str(beside)]
    tried = subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True, check=False)
    if tried.returncode:
        raise Unavailable("uv is neither on PATH nor a module of this Python")
    return [sys.executable, "-m", "uv"]


def _run(command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600, env=env)
    if done.returncode:
        raise Unavailable(f"{command[0]} failed: {done.stderr.strip()[-300:]}")


def _make_database(home: Path) -> None:
    """Create a migrated database, which every run copies, since a migration takes longer than many runs."""
    with tempfile.TemporaryDirectory() as scratch:
        _run([str(home / "bin" / "airflow"), "db", "migrate"], env=environment(Path(scratch)))
        shutil.copy(Path(scratch, "airflow.db"), home / "airflow.db")


def environment(home: Path) -> dict[str, str]:
    """The environment of an Airflow with its own home folder."""
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR") if name in os.environ}
    return {
        **passed,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__MIN_SERIALIZED_DAG_UPDATE_INTERVAL": "0",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONPATH": str(SOURCES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
    }


def run(
    cases: Sequence[Case],
    version: str = "3.3",
    env: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
    script: str = "airflow_run.py",
) -> list[dict[str, Any]]:
    """The trace of every case, in order, from one process with `dag.test()`. Raises Unavailable.

    A trace also has the keys `serialized`, the sha256 of the serialized DAG, and `times`, start and end by `task` or
    `task[index]`. `within` is a command that runs the command after it: the `script` in its environment.
    If a process hangs or dies in a case, another process runs the rest.
    """
    command = [*within, python(version), "-P", str(HERE / script)]  # -P: this folder holds an `airflow.py`
    found: list[dict[str, Any]] = []
    while len(found) < len(cases):
        found += _by_one_process(cases[len(found) :], command, version, env or {})
    return found


def _by_one_process(
    cases: Sequence[Case], command: Sequence[str], version: str, env: Mapping[str, str]
) -> list[dict[str, Any]]:
    """The traces of the first cases (at least one) from one process; the last one tells why the process stopped."""
    with tempfile.TemporaryDirectory(prefix="dagwright-airflow-") as scratch:
        home = Path(scratch)
        (home / "dags").mkdir()
        shutil.copy(Path(python(version)).parent.parent / "airflow.db", home / "airflow.db")
        asked, complaints = home / "asked.json", home / "stderr"
        asked.write_text(json.dumps([_asked(case) for case in cases]), encoding="utf-8")
        with asked.open("rb") as stdin, complaints.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**environment(home), **env},
                start_new_session=True,
            )
        lines: queue.Queue[bytes] = queue.Queue()
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        found: list[dict[str, Any]] = []
        try:
            for case in cases:
                line = lines.get(timeout=case.timeout + (HANGS if found else START))
                if not line:
                    told = complaints.read_text(encoding="utf-8", errors="replace")[-6000:]
                    assert found, f"Airflow did not start\n{told}"
                    return [*found, {"status": "error", "error": f"the process ended\n{told}"}]
                found.append(json.loads(line))
        except queue.Empty:
            return [*found, {"status": "timeout"}]
        finally:
            _end(process, kill=len(found) < len(cases))
            reader.join(30)
        return found


def _asked(case: Case) -> dict[str, Any]:
    return {
        "dag": case.dag,
        "params": dict(case.params),
        "secrets": dict(case.secrets),
        "folder": None if case.folder is None else str(case.folder),
        "timeout": case.timeout,
    }


def _read(process: subprocess.Popen[bytes], lines: queue.Queue[bytes]) -> None:
    """Put every line that a process prints into a queue, and an empty line at its end."""
    assert process.stdout is not None
    with process.stdout as printed:
        for line in printed:
            lines.put(line)
    lines.put(b"")


def _end(process: subprocess.Popen[bytes], kill: bool) -> None:
    """Wait for the end of a process; end it with its descendants if it is unfinished or hangs."""
    if not kill:
        try:
            process.wait(60)
            return
        except subprocess.TimeoutExpired:
            pass
    stop([process.pid])
    process.wait()
