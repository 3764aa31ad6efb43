"""The hooks of `.pre-commit-hooks.yaml`, run by pre-commit itself in a repository of a user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """\
apiVersion: dagwright/v1
name: greet
tasks: {hello: {command: [echo, hello]}}
targets: {airflow: {}}
"""


def git(*arguments: str, cwd: Path) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def hooks(root: Path, tmp_path: Path) -> Path:
    """A repository with the hooks and the program of the working tree."""
    folder = tmp_path / "hooks"
    for name in ("compiler", "schemas", "templates", "docs"):
        (folder / name).parent.mkdir(exist_ok=True)
        subprocess.run(["cp", "-r", root / name, folder / name], check=True)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        (folder / name).write_bytes((root / name).read_bytes())
    git("init", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "-m", "hooks", cwd=folder)
    return folder


@pytest.fixture
def user(hooks: Path, tmp_path: Path) -> Path:
    """A user's repository that configures both hooks."""
    folder = tmp_path / "user"
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines" / "greet.yaml").write_text(SPEC, encoding="utf-8")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=hooks, check=True, capture_output=True, text=True)
    (folder / ".pre-commit-config.yaml").write_text(
        "repos:\n"
        f"  - repo: {hooks}\n    rev: {head.stdout}    hooks:\n"
        "      - id: dagwright-check\n        args: [pipelines]\n"
        "      - id: dagwright-compile\n        args: [pipelines, --output, build]\n",
        encoding="utf-8",
    )
    git("init", cwd=folder)
    git("add", ".", cwd=folder)
    return folder


def pre_commit(folder: Path, home: Path) -> tuple[int, str]:
    """The exit code of pre-commit on all files, and its output."""
    done = subprocess.run(
        [sys.executable, "-m", "uv", "tool", "run", "--quiet", "pre-commit", "run", "--all-files", "--color", "never"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "PRE_COMMIT_HOME": str(home)},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.mark.engine("installers")
def test_hooks(user: Path, tmp_path: Path) -> None:
    """A missing generated file fails the commit, a current one passes, and a misspelled key fails with its place."""
    home = tmp_path / "home"
    code, printed = pre_commit(user, home)
    assert (code, "E902" in printed or "E903" in printed) == (1, True), printed
    assert "check pipelines" in printed

    program = [sys.executable, "-m", "dagwright", "compile", "pipelines", "--output", "build"]
    subprocess.run(program, cwd=user, check=True, capture_output=True)
    git("add", ".", cwd=user)
    code, printed = pre_commit(user, home)
    assert code == 0, printed
    assert printed.count("Passed") == 2

    (user / "pipelines" / "greet.yaml").write_text(SPEC.replace("command", "comand"), encoding="utf-8")
    git("add", ".", cwd=user)
    code, printed = pre_commit(user, home)
    assert code == 1
    assert "pipelines/greet.yaml:3:17" in printed, printed
