"""The local engine: generated scripts, one process per script, which are forks (`program/serve.py`)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import repeat
from pathlib import Path
from typing import Any

from dagwright.backends.local.backend import BACKEND
from dagwright.ir.model import Pipeline
from dagwright.runtime.record import read_record
from program.ask import PATIENCE
from program.running import run_in_fork

from .engine import Job, Outcome


@dataclass(frozen=True)
class Local:
    """The runner of scripts, a few in parallel; `isolated` gives each attempt its own work folder."""

    title: str = "local runner"
    target: str = "local"
    attempts_count_on: bool = True
    isolated: bool = False

    def missing(self) -> str:
        return ""

    def place(self, pipeline: Pipeline) -> Pipeline:
        return pipeline

    def run(self, jobs: Sequence[Job], scratch: Path) -> list[Outcome]:
        folders = [scratch / str(at) for at in range(len(jobs))]
        for job, folder in zip(jobs, folders, strict=True):  # `ast.parse` of Python 3.11 is not for several threads
            folder.mkdir()
            (folder / "run.py").write_text(BACKEND.emit(job.pipeline)[0].text, encoding="utf-8")
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(run_job, jobs, folders, repeat(self.isolated)))


def run_job(job: Job, folder: Path, isolated: bool) -> Outcome:
    """The outcome of a job: run its script `run.py` in the case's folder, then resume the run for each retry."""
    (folder / "params.json").write_text(json.dumps(dict(job.params)), encoding="utf-8")
    (folder / "secrets.json").write_text(json.dumps(dict(job.secrets)), encoding="utf-8")
    options = ["--workdir", str(job.folder), "--secrets-file", str(folder / "secrets.json")]
    options += ["--isolated"] if isolated else []
    first = run_script(folder, [*options, "--params-file", str(folder / "params.json")])
    # All failed tasks run again, so a retry need not name one.
    return replace(first, then=tuple(run_script(folder, [*options, "--resume", "latest"]) for _ in job.then))


def run_script(folder: Path, options: Sequence[str]) -> Outcome:
    """The outcome of the script of a folder."""
    runs = folder / "runs"
    command = [str(folder / "run.py"), "--json", "--quiet", "--parallel", "8", "--runs-dir", str(runs), *options]
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "TMPDIR") if name in os.environ}
    try:
        done = run_in_fork(command, Path.cwd(), kept)
    except TimeoutError:
        return Outcome(problem=f"not ended after {PATIENCE} s")
    if done.returncode not in (0, 2, 5) or not done.stdout or "Traceback" in done.stderr:
        return Outcome(problem=f"exit {done.returncode}: {done.stderr[-2000:]}")
    trace = json.loads(done.stdout)
    times = times_of(read_record(str(runs / "latest"))) if trace["status"] != "refused" else {}
    return Outcome(trace, times)


def times_of(record: Sequence[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    """The first start and last end of each task and instance that started since the run was started or resumed."""
    found: dict[str, tuple[float, float]] = {}
    for event in record:
        if event["event"] == "resume":
            found.clear()
        if event["event"] in ("start", "end"):
            name = f"{event['task']}[{event['index']}]" if "index" in event else event["task"]
            at = datetime.fromisoformat(event["at"]).timestamp()
            first, _ = found.get(name, (at, 0.0))
            found[name] = (first, at)
    return found


LOCAL = Local()
LOCAL_ISOLATED = Local("local runner, isolated", isolated=True)
