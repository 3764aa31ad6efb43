"""A fork does the same as an interpreter, in which every command also runs here."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from dagwright.cli.commands import cli
from engines.processes import family
from program.running import command_line, dagwright, dagwright_alone, run_in_fork

SPEC = """\
apiVersion: dagwright/v1
name: one
targets: {argo: {image: busybox}, local: {}}
tasks: {hello: {command: [echo, hello]}}
"""
OF_A_RUN = ("resume", "logs", "outputs")  # there is no run yet, so they refuse
COMMANDS = {
    "init": "new --template ml",
    "check": ". --format json",
    "compile": "one.yaml -o -  -t argo",
    "plan": "one.yaml",
    "run": "one.yaml --json --runs-dir runs",
    "resume": "--runs-dir runs",
    "runs": "--runs-dir runs --json",
    "logs": "hello --runs-dir runs",
    "outputs": "--runs-dir runs",
    "graph": "one.yaml --as svg",
    "explain": "E201",
    "support": "one.yaml",
    "schema": "component",
    "completion": "bash",
}


def test_every_command_is_here() -> None:
    assert list(COMMANDS) == cli.list_commands(click.Context(cli))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_fork_does_what_an_interpreter_does(command: str, tmp_path: Path) -> None:
    done = []
    for name, call in (("fork", dagwright), ("alone", dagwright_alone)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "one.yaml").write_text(SPEC)
        result = call(command, *COMMANDS[command].split(), cwd=folder)
        files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        kept = {path: text for path, text in files.items() if not path.startswith("runs/")}
        done.append((result.returncode, result.stdout, result.stderr if command != "run" else "", kept))
    assert done[0] == done[1]
    assert done[0][0] == (2 if command in OF_A_RUN else 0)


def test_a_fork_has_its_own_folder_variables_and_streams(tmp_path: Path) -> None:
    spec = SPEC.replace("[echo, hello]", '[sh, -c, "pwd; echo $SEEN"]').replace(
        "local: {}", "local: {pass_env: [SEEN]}"
    )
    ran = dagwright("run", "-", "--runs-dir", "runs", cwd=tmp_path, stdin=spec, env={"SEEN": "one"})
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert "hello" in ran.stderr
    assert (tmp_path / "runs/latest/logs/hello.attempt-1.log").read_text() == f"{tmp_path}\none\n"
    assert "SEEN" not in os.environ


def test_a_script_in_a_fork_does_what_it_does_in_an_interpreter(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(SPEC)
    assert dagwright("compile", "one.yaml", "-t", "local", cwd=tmp_path).returncode == 0
    for arguments in (["--dry-run"], ["--json", "--quiet"], ["--nope"]):
        command = [str(tmp_path / "build/local/one.py"), *arguments]
        alone = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=False)
        forked = run_in_fork(command, tmp_path, os.environ)
        assert (forked.returncode, forked.stdout, forked.stderr) == (alone.returncode, alone.stdout, alone.stderr)


def test_a_fork_ends_with_its_client(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(SPEC.replace("[echo, hello]", "[sh, -c, 'echo $$ > pid; exec sleep 112']"))
    with subprocess.Popen(["sh", "-c", f"exec {command_line()} run one.yaml --quiet"], cwd=tmp_path) as client:
        file, end = tmp_path / "pid", time.monotonic() + 60
        while not (file.exists() and file.read_text()):
            assert time.monotonic() < end
            time.sleep(0.02)
        client.kill()
    while family([int(file.read_text())]):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_forks_run_side_by_side_in_a_shell(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(SPEC)
    program = command_line()
    shell = f"{program} compile one.yaml -t argo -o - | {program} check - -t local; {program} chek || exit $?"
    done = subprocess.run(["sh", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "error[E2" in done.stderr  # the manifest is no spec
    assert "Did you mean 'check'?" in done.stderr
