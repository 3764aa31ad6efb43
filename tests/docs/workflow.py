"""Runs jobs of GitHub Actions and of GitLab CI in a folder: the commands of their steps, as the host would.

Steps that use an action of others are only known by name. What these fetch is there already: a checkout, a Python, and
`pip install -r FILE`, which installs nothing and only wants the file. An upload of SARIF reads the file.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docs.judge import load_yaml
from docs.reader import Reader, put_program

# What a condition says, by whether a step before it has failed.
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
    """A step that has run: its name or action, its exit code, and what it printed or uploaded."""

    name: str
    code: int
    output: str


def run_jobs(workflow: Path, reader: Reader, folder: Path) -> list[Step]:
    """The steps of all jobs that have run."""
    put_pip(reader)
    found = load_yaml(workflow.read_text(encoding="utf-8"))
    return [step for job in found["jobs"].values() for step in run_job(job, reader, folder)]


def put_pip(reader: Reader) -> None:
    """A `pip` that only wants the file of requirements."""
    put_program(reader.programs / "pip", '[ "$1 $2" = "install -r" ] && [ -f "$3" ]')


def run_scripts(job: Any, reader: Reader, folder: Path) -> int:
    """The exit code of a job of GitLab CI: that of `before_script` and `script`; `after_script` runs in any case."""
    put_pip(reader)
    codes = [
        shell("\n".join(commands), reader.environment(), folder).returncode
        for commands in ([*job.get("before_script", []), *job["script"]], job.get("after_script", []))
    ]
    return codes[0]


def run_job(job: Any, reader: Reader, folder: Path) -> list[Step]:
    """The steps of a job that have run."""
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
    """The end of commands that stop at the first one that fails."""
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
