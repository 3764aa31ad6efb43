"""Completion in real shells: keys are typed into an interactive shell, and the executed commands are recorded."""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from program.running import command_line, dagwright

SPEC = """\
apiVersion: dagwright/v1
name: churn
params: {depth: integer, region: {type: string, default: de}}
tasks: {hello: {command: [echo, hello]}}
"""
PROMPT, TYPED = "READY>", "REA''DY>"  # typed in two parts, so that the echo is not mistaken for the prompt
STARTS = {  # shell → its command, and the line that sets its prompt
    "bash": (["bash", "--norc", "--noprofile", "-i"], f"PS1='{TYPED} '; bind 'set enable-bracketed-paste off'"),
    "zsh": (["zsh", "-f", "-i"], f"PS1='{TYPED} '; unsetopt zle_bracketed_paste; autoload -U compinit; compinit -u -D"),
    "fish": (["fish", "--no-config", "-i"], f"function fish_prompt; echo '{TYPED} '; end"),
}
PATIENCE = 60


class Shell:
    """An interactive shell on its own terminal, with a command `dagwright` that completes and records arguments."""

    def __init__(self, name: str, folder: Path) -> None:
        self.note = folder / "note"
        bin_ = folder / "bin"
        bin_.mkdir()
        command = bin_ / "dagwright"
        command.write_text(
            "#!/bin/sh\n"
            f'[ -n "$_DAGWRIGHT_COMPLETE" ] && exec {command_line()} "$@"\n'
            f"printf '%s\\n' \"$@\" > {shlex.quote(str(self.note))}.new\n"
            f"mv {shlex.quote(str(self.note))}.new {shlex.quote(str(self.note))}\n"
        )
        command.chmod(0o755)
        argv, setup = STARTS[name]
        environment = {**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}", "HOME": str(folder), "TERM": "xterm"}
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, environment)
        self.seen = b""
        line = dagwright("completion", name, cwd=folder).stdout.strip()
        self._type(f"{setup}\n")
        self._wait()
        self._type(f"{line}\n")
        self._wait()

    def run(self, keys: str) -> list[str]:
        """The arguments of `dagwright` after typing keys and Enter."""
        self.note.unlink(missing_ok=True)
        self.seen = b""
        self._type(f"dagwright {keys}\n")
        end = time.monotonic() + PATIENCE
        while not self.note.exists():
            assert time.monotonic() < end, self.seen.decode("utf-8", "replace")
            self._read()
        self._wait()
        return self.note.read_text().splitlines()

    def _type(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def _wait(self) -> None:
        """Read until the output ends with a prompt."""
        end = time.monotonic() + PATIENCE
        while self._read() or PROMPT.encode() not in self.seen.rpartition(b"\n")[2]:
            assert time.monotonic() < end, self.seen.decode("utf-8", "replace")
        self.seen = b""

    def _read(self) -> bool:
        ready, _, _ = select.select([self.terminal], [], [], 0.2)
        if ready:
            self.seen += os.read(self.terminal, 65536)
        return bool(ready)

    def close(self) -> None:
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.terminal)


@pytest.fixture(scope="module", params=list(STARTS))
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param}")
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "specs").mkdir()
    (folder / "specs" / "churn.yaml").write_text(SPEC)
    made = Shell(request.param, folder)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("keys", "arguments"),
    [
        ("comple\t bash", ["completion", "bash"]),
        ("check spe\tchu\t --targ\t argo,loc\t", ["check", "specs/churn.yaml", "--target", "argo,local"]),
        ("run specs/chu\t --dry\t --param dep\t3", ["run", "specs/churn.yaml", "--dry-run", "--param", "depth=3"]),
        (
            "run --param reg\tfr --params-file spe\tchu\t",
            ["run", "--param", "region=fr", "--params-file", "specs/churn.yaml"],
        ),
        ("compile -t ar\t -o spe\t", ["compile", "-t", "argo", "-o", "specs"]),
        ("explain e99\t", ["explain", "E990"]),
    ],
)
def test_what_a_shell_completes(keys: str, arguments: list[str], shell: Shell) -> None:
    assert [argument.rstrip("/") for argument in shell.run(keys)] == arguments
