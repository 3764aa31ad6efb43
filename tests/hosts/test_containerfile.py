"""`Containerfile`, with its instructions run on an overlay of this machine, which replaces the base image.

No container engine is needed: a mount namespace, an overlay whose changes are in memory, and `chroot`. This does not
test the base image itself.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PYTHON = "/opt/python"  # the base image's Python: a virtual environment of the Python that runs the tests
SPEC = "apiVersion: dagwright/v1\nname: greet\ntasks: {hello: {command: [echo, hello]}}\ntargets: {local: {}}\n"


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a container file in order, each `(word, arguments)`."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [(word, arguments) for word, _, arguments in (line.partition(" ") for line in lines)]


def ignored(name: str, rules: list[str]) -> bool:
    """Whether a `.dockerignore` keeps a path out of the build: the last rule for it or a folder above decides."""
    verdict = False
    above = [name, *(str(folder) for folder in Path(name).parents if folder != Path())]
    for rule in rules:
        if any(fnmatch.fnmatch(part, rule.lstrip("!").rstrip("/")) for part in above):
            verdict = not rule.startswith("!")
    return verdict


class Build:
    """A build of the image in a folder: the commands to build it, and to run its program."""

    def __init__(self, context: Path, work: Path) -> None:
        self.context = context
        self.user = "root"
        self.folder = "/"
        self.entrypoint: list[str] = []
        self.default: list[str] = []
        self.rules = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
        self.commands = [
            "set -eu",
            "mount -t tmpfs tmpfs /mnt",
            "mkdir /mnt/upper /mnt/work /mnt/root",
            "mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root",
            "mount -t proc proc /mnt/root/proc && mount --bind /dev /mnt/root/dev",
            f"chmod go+rx $(dirname {shlex.quote(sys.base_prefix)}) /mnt/root/root",
            f"mkdir -p /mnt/root/work && mount --bind {shlex.quote(str(work))} /mnt/root/work",
            self.inside(f"{shlex.quote(sys.executable)} -m venv {PYTHON}"),
        ]
        for word, arguments in instructions((context / "Containerfile").read_text(encoding="utf-8")):
            getattr(self, f"do_{word.lower()}")(arguments)

    def inside(self, command: str) -> str:
        """A command as the current user in the current folder of the image."""
        script = f"cd {shlex.quote(self.folder)} && {command}"
        environment = f"env PATH={PYTHON}/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp"
        become = "" if self.user == "root" else f"setpriv --reuid={self.user} --regid={self.user} --clear-groups "
        return f"chroot /mnt/root {become}{environment} sh -c {shlex.quote(script)}"

    def do_from(self, arguments: str) -> None:
        assert re.fullmatch(r"python:3\.\d+-slim", arguments)

    def do_copy(self, arguments: str) -> None:
        *sources, target = arguments.split()
        inside = f"/mnt/root{target}"
        self.commands.append(f"mkdir -p {inside}")
        for source in sources:
            assert not ignored(source.rstrip("/"), self.rules), f".dockerignore leaves out {source}"
            path = self.context / source  # the contents of a folder, or a file
            self.commands.append(f"cp -r {shlex.quote(str(path))}{'/.' if path.is_dir() else ''} {inside}")

    def do_run(self, arguments: str) -> None:
        self.commands.append(self.inside(arguments))

    def do_user(self, arguments: str) -> None:
        self.user = arguments

    def do_workdir(self, arguments: str) -> None:
        self.folder = arguments

    def do_entrypoint(self, arguments: str) -> None:
        self.entrypoint = json.loads(arguments)

    def do_cmd(self, arguments: str) -> None:
        self.default = json.loads(arguments)

    def run(self, *runs: list[str]) -> str:
        """The output of the image's program for the lists of arguments, in sequence."""
        programs = [self.inside(shlex.join([*self.entrypoint, *(arguments or self.default)])) for arguments in runs]
        script = "\n".join([*self.commands, *programs])
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
            capture_output=True, text=True, check=False, timeout=600, env={**os.environ, "TERM": "dumb"},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.mark.engine("installers")
def test_the_image_checks_a_spec_as_a_user_without_rights(root: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0 or not shutil.which("unshare"):
        pytest.skip("an overlay in a mount namespace needs root and unshare")
    tmp_path.chmod(0o755)
    (tmp_path / "pipeline.yaml").write_text(SPEC, encoding="utf-8")
    printed = Build(root, tmp_path).run([], ["check", "."], ["graph", "pipeline.yaml"])
    assert "Usage: dagwright" in printed
    assert "pipeline.yaml: ok" in printed or "1 pipeline" in printed
    assert "hello" in printed


def test_ignored() -> None:
    rules = ["*", "!compiler/", "!LICENSE"]
    assert [ignored(name, rules) for name in ("compiler", "LICENSE", "tests")] == [False, False, True]
