"""`action.yml`, with its steps run as on a GitHub runner, and the problem matcher on real output."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

SPEC = """\
apiVersion: dagwright/v1
name: greet
tasks: {hello: {command: [echo, hello]}}
targets: {airflow: {}}
"""


def value_of(text: str, inputs: Mapping[str, str]) -> str:
    """A text with its `${{ inputs.NAME }}` replaced; any other expression is an error."""

    def replaced(found: re.Match[str]) -> str:
        name = re.fullmatch(r"inputs\.(\w+)", found[1])
        assert name, f"the interpreter of these tests does not know {found[0]}"
        return inputs[name[1]]

    return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", replaced, text)


def holds(condition: str, inputs: Mapping[str, str]) -> bool:
    """Whether a condition of the form `inputs.NAME != ''` is true."""
    found = re.fullmatch(r"inputs\.(\w+) != ''", condition)
    assert found, f"the interpreter of these tests does not know {condition}"
    return inputs[found[1]] != ""


class Runner:
    """A runner of a composite action's steps in a workspace, in sequence, up to the first failure."""

    def __init__(self, action: Path, workspace: Path, temp: Path) -> None:
        self.action: dict[str, Any] = yaml.safe_load((action / "action.yml").read_text(encoding="utf-8"))
        self.workspace = workspace
        self.path_file = temp / "path"
        self.variables = {
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_PATH": str(self.path_file),
            "RUNNER_TEMP": str(temp),
        }

    def run(self, **given: str) -> tuple[int, str]:
        """The exit code of the last step that ran, and the output of all steps."""
        unknown = given.keys() - self.action["inputs"].keys()
        assert not unknown
        inputs = {name: given.get(name, told["default"]) for name, told in self.action["inputs"].items()}
        assert self.action["runs"]["using"] == "composite"
        printed = ""
        for step in self.action["runs"]["steps"]:
            assert step["shell"] == "bash"
            if not holds(step.get("if", "inputs.paths != ''"), inputs):
                continue
            added = self.path_file.read_text(encoding="utf-8").split("\n")[::-1] if self.path_file.exists() else []
            path = os.pathsep.join([*filter(None, added), os.environ["PATH"]])
            env = {name: value_of(text, inputs) for name, text in step.get("env", {}).items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", value_of(step["run"], inputs)],
                cwd=self.workspace, capture_output=True, text=True, check=False, timeout=600,
                env={**os.environ, **self.variables, **env, "PATH": path},
            )  # fmt: skip
            printed += done.stdout + done.stderr
            if done.returncode:
                return done.returncode, printed
        return 0, printed


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work space"
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines" / "greet.yaml").write_text(SPEC, encoding="utf-8")
    return folder


def dagwright(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dagwright", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.engine("installers")
def test_the_action(root: Path, workspace: Path, tmp_path: Path) -> None:
    """The action passes on current files, fails on missing files and invalid specs, and annotates the place."""
    (tmp_path / "temp").mkdir()
    runner = Runner(root, workspace, tmp_path / "temp")
    code, printed = runner.run(paths="pipelines", python=sys.executable)
    assert code == 0, printed
    matcher = re.search(r"^::add-matcher::(.*)$", printed, re.MULTILINE)
    assert matcher
    assert json.loads(Path(matcher[1]).read_text(encoding="utf-8"))["problemMatcher"][0]["owner"] == "dagwright"

    code, printed = runner.run(paths="pipelines", output="build", python=sys.executable)
    assert code != 0
    assert "title=E903::" in printed or "title=E902::" in printed, printed

    assert dagwright("compile", "pipelines", "--output", "build", cwd=workspace).returncode == 0
    code, printed = runner.run(paths="pipelines", output="build", targets="airflow", python=sys.executable)
    assert code == 0, printed

    (workspace / "pipelines" / "greet.yaml").write_text(SPEC.replace("command", "comand"), encoding="utf-8")
    code, printed = runner.run(paths="pipelines", python=sys.executable)
    assert code == 1
    assert "::error file=pipelines/greet.yaml,line=3,col=17" in printed, printed


def test_inputs_never_become_code(root: Path) -> None:
    """Steps get inputs only by `env`, so that a pull request cannot change the script."""
    for step in yaml.safe_load((root / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]:
        assert "${{" not in step["run"]


def test_the_problem_matcher_reads_concise_output(root: Path, workspace: Path) -> None:
    told = json.loads((root / ".github" / "problem-matcher.json").read_text(encoding="utf-8"))
    (pattern,) = told["problemMatcher"][0]["pattern"]
    (workspace / "pipelines" / "greet.yaml").write_text(SPEC.replace("command", "comand"), encoding="utf-8")
    done = dagwright("check", "pipelines", "--format", "concise", cwd=workspace)
    lines = (done.stdout + done.stderr).splitlines()
    found = [match for line in lines if (match := re.match(pattern["regexp"], line))]
    assert found, done
    groups = {name: found[0][pattern[name]] for name in ("file", "line", "column", "severity", "code", "message")}
    message = groups.pop("message")
    assert groups == {
        "file": "pipelines/greet.yaml", "line": "3", "column": "17", "severity": "error", "code": "E201",
    }  # fmt: skip
    assert "comand" in message
