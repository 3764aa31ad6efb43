"""The wheel installs as a tool with pip, pipx and uv, and the installed program creates and runs a pipeline."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

UV = [sys.executable, "-m", "uv"]


def call(*command: str | Path, cwd: Path, **variables: str | Path) -> str:
    """The output of a command, which must succeed."""
    environment = {**os.environ, **{name: str(value) for name, value in variables.items()}}
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("dist")
    call(*UV, "build", "--quiet", "--wheel", "--out-dir", folder, root, cwd=folder)
    (made,) = folder.glob("*.whl")
    return made


def by_pip(wheel: Path, folder: Path) -> Path:
    call(*UV, "venv", "--quiet", "--seed", "--python", sys.executable, folder / "venv", cwd=folder)
    call(folder / "venv/bin/pip", "install", "--quiet", wheel, cwd=folder)
    return folder / "venv/bin/dagwright"


def by_pipx(wheel: Path, folder: Path) -> Path:
    pipx = (*UV, "tool", "run", "--quiet", "pipx", "install", "--quiet", "--python", sys.executable)
    call(*pipx, wheel, cwd=folder, PIPX_HOME=folder / "pipx", PIPX_BIN_DIR=folder / "bin", PIPX_MAN_DIR=folder / "man")
    return folder / "bin/dagwright"


def by_uv(wheel: Path, folder: Path) -> Path:
    tool = (*UV, "tool", "install", "--quiet", "--python", sys.executable)
    call(*tool, wheel, cwd=folder, UV_TOOL_DIR=folder / "tools", UV_TOOL_BIN_DIR=folder / "bin")
    return folder / "bin/dagwright"


@pytest.mark.engine("installers")
@pytest.mark.parametrize("install", [by_pip, by_pipx, by_uv])
def test_an_installed_program_makes_and_runs_a_pipeline(
    install: Callable[[Path, Path], Path], wheel: Path, tmp_path: Path
) -> None:
    program = install(wheel, tmp_path)
    work = tmp_path / "work"
    work.mkdir()
    assert call(program, "--version", cwd=work).startswith("dagwright ")
    call(program, "init", "hello", cwd=work)
    call(program, "run", "hello", cwd=work)
    call(program, "compile", "hello", "-t", "airflow", "-o", "build", cwd=work)
    assert (work / "build" / "airflow" / "hello.py").is_file()
    call(program, "explain", "E201", cwd=work)
    call(program, "schema", cwd=work)
