"""Runs jobs of GitHub Actions and of GitLab CI in a folder: the commands of their steps, as the host would.

Steps that use foreign actions are not run, since the checkout and Python already exist. `pip install -r FILE` only
checks that the file exists. An upload of SARIF reads the file.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs.judge import load_yaml
from docs.reader import Reader, put_program

# The value of a condition, depending on an earlier failure of a step.
_CONDITIONS = {
    "success()": lambda failed: not failed,
    "success() || failure()": lambda failed: True,
    "failure()": lambda failed: failed,
    "always()": lambda failed: True,
}
_OF_OTHERS = ("actions/checkout", "actions/setup-python")
_UPLOAD = "github/codeql-action/upload-sarif"


@dataclass(frozen=True)
class Step:
    """A step after its run: its name or action, its exit code, and its output or uploaded file."""

    name: str
    code: int
    output: str


def run_jobs(workflow: Path, reader: Reader, folder: Path) -> list[Step]:
    """The steps that ran, of all jobs."""
    put_pip(reader)
    found = load_yaml(workflow.read_text(encoding="utf-8"))
    return [step for job in found["jobs"].values() for step in run_job(job, reader, folder)]


def put_pip(reader: Reader) -> None:
    """Install a `pip` that only checks that the requirements file exists."""
    put_program(reader.programs / "pip", '[ "$1 $2" = "install -r" ] && [ -f "$3" ]')


def run_scripts(job: Any, reader: Reader, folder: Path) -> int:
    """The exit code of a GitLab CI job, from `before_script` and `script`; `after_script` always runs."""
    put_pip(reader)
    codes = [
        shell("\n".join(commands), reader.environment(), folder).returncode
        for commands in ([*job.get("before_script", []), *job["script"]], job.get("after_script", []))
    ]
    return codes[0]


def run_job(job: Any, reader: Reader, folder: Path) -> list[Step]:
    """The steps of a job that ran."""
    done: list[Step] = []
    for step in job["steps"]:
        failed = any(before.code for before in done)
        if _CONDITIONS[step.get("if", "success()")](failed):
            done.append(_uses(step, folder) if "uses" in step else _run(step, job, reader, folder))
    return done


def _run(step: Any, job: Any, reader: Reader, folder: Path) -> Step:
    commands = step["run"]
    assert "${{" not in commands, "a value of the event in a shell command"
    environment = {**reader.environment(), **job.get("env", {}), **step.get("env", {})}
    done = shell(commands, environment, folder)
    return Step(step.get("name", commands), done.returncode, done.stdout)


def shell(commands: str, environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The result of shell commands, which stop at the first failure."""
    return subprocess.run(
        ["bash", "-e", "-c", commands], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )  # fmt: skip


def _uses(step: Any, folder: Path) -> Step:
    action = step["uses"].partition("@")[0]
    if action == _UPLOAD:
        report = json.loads((folder / step["with"]["sarif_file"]).read_text(encoding="utf-8"))
        assert report["version"] == "2.1.0"
        return Step(action, 0, "\n".join(result["ruleId"] for run in report["runs"] for result in run["results"]))
    assert action in _OF_OTHERS, f"an action that is not known here: {action}"
    return Step(action, 0, "")
