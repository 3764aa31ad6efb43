"""A reader of a page, who writes its files, runs its commands, and compares their output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from docs.walk import Block, agrees, blocks, printed
from program.running import command_line

_PATIENCE = 300  # seconds for the commands of one block

# A word of a command that names a file or folder of the reader: with a `/`, or with a file extension of this project.
_A_FILE = re.compile(r"(?<![\w./:=@$-])(?:[\w.*-]+/)*[\w.*-]+\.(?:ya?ml|py|json)(?![\w/=])")


@dataclass(frozen=True)
class Reader:
    """A reader with an empty home folder and two programs, `dagwright` and `python3`."""

    home: Path
    programs: Path
    written: dict[Path, str] = field(default_factory=dict)

    def run(self, commands: str, folder: Path) -> tuple[str, Path]:
        """The output of a block's commands (both streams together), and their last folder; the exit code must be 0."""
        ends_in = self.programs / "folder"
        commands = f'{commands}\npwd > "{ends_in}"'
        result = subprocess.run(
            ["sh", "-ec", commands], cwd=folder, env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=_PATIENCE, check=False,
        )  # fmt: skip
        assert result.returncode == 0, f"{commands}\n{result.stdout}"
        return printed(result.stdout, self.home), Path(ends_in.read_text(encoding="utf-8").rstrip("\n"))

    def environment(self) -> dict[str, str]:
        """The environment of a command on a page."""
        return {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home), "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip

    def write(self, block: Block, folder: Path) -> None:
        """Write the file in a block."""
        assert block.file is not None
        place = folder / block.file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(block.body, encoding="utf-8")
        self.written[place] = block.body


def new_reader(place: Path) -> Reader:
    """A reader with the `dagwright` and `python3` of this interpreter."""
    reader = Reader(place / "me", place / "bin")
    reader.home.mkdir()
    reader.programs.mkdir()
    for name, command in (("dagwright", command_line()), ("python3", f'"{sys.executable}"')):
        put_program(reader.programs / name, f'exec {command} "$@"')
    return reader


def put_program(path: Path, script: str) -> None:
    """Write an executable shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def read(page: Path, reader: Reader, bless: bool) -> None:
    """Walk through a page, and fail at the first wrong statement; `bless` corrects the output of commands."""
    text = page.read_text(encoding="utf-8")
    folder = reader.home
    output: str | None = None
    corrected: list[tuple[Block, str]] = []
    for block in blocks(text):
        if block.file is not None:
            reader.write(block, folder)
        elif block.language == "sh":
            assert output is None, f"line {block.line}: nothing shows what the commands before it print: {output}"
            output, folder = reader.run(block.body, folder)
            output = None if output == "\n" else output
        elif block.language == "console":
            lost = lost_files(block.body, folder)
            assert lost == [], f"line {block.line}: these files are not there: {lost}"
        elif block.language == "text":
            assert output is not None, f"line {block.line}: no command prints this"
            if not agrees(block.body, output):
                assert bless, f"line {block.line} shows\n{block.body}\nbut it is\n{output}"
                corrected.append((block, output))
            output = None
        else:
            assert part_of_a_file(block.body, reader.home), f"line {block.line}: no file here has these lines"
    for block, right in reversed(corrected):
        text = text[: block.start] + right + text[block.end :]
    if corrected:
        page.write_text(text, encoding="utf-8")


def part_of_a_file(lines: str, folder: Path) -> bool:
    """Whether a block without a file name quotes an existing file."""
    return any(lines in path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.is_file())


def lost_files(commands: str, folder: Path) -> list[str]:
    """The missing files in commands for other tools."""
    assert "dagwright" not in {line.split()[0] for line in commands.splitlines() if line.strip()}, "can be run: use sh"
    return [name for name in _A_FILE.findall(commands) if not any(folder.glob(name))]
