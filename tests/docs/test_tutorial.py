"""Pages to walk through are true: their files are written, their commands run, and print what the page shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from docs.walk import Block, agrees, blocks, printed

_PATIENCE = 300  # seconds for the commands of one block


def run(commands: str, home: Path, folder: Path, programs: Path) -> tuple[str, Path]:
    """What the commands of a block print, both streams in one, and the folder they end in; they must end well."""
    environment = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "dumb",
    }  # fmt: skip
    ends_in = programs / "folder"
    commands = f'{commands}\npwd > "{ends_in}"'
    result = subprocess.run(
        ["sh", "-ec", commands], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=_PATIENCE, check=False,
    )  # fmt: skip
    assert result.returncode == 0, f"{commands}\n{result.stdout}"
    return printed(result.stdout, home), Path(ends_in.read_text(encoding="utf-8").rstrip("\n"))


def put_programs(folder: Path) -> Path:
    """A folder with `dagwright` and `python3`, those of this interpreter."""
    folder.mkdir()
    for name, arguments in (("dagwright", "-m dagwright "), ("python3", "")):
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        program.chmod(0o755)
    return folder


@pytest.mark.parametrize("name", ["tutorial.md", "targets/local.md"])
def test_a_page_is_true(name: str, root: Path, bless: bool, tmp_path: Path) -> None:
    page = root / "docs" / name
    text = page.read_text(encoding="utf-8")
    home = folder = tmp_path / "me"
    home.mkdir()
    programs = put_programs(tmp_path / "bin")
    output: str | None = None
    corrected: list[tuple[Block, str]] = []
    for block in blocks(text):
        if block.file is not None:
            place = folder / block.file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(block.body, encoding="utf-8")
        elif block.language == "sh":
            assert output is None, f"line {block.line}: nothing shows what the commands before it print: {output}"
            output, folder = run(block.body, home, folder, programs)
            output = None if output == "\n" else output
        elif block.language == "text":
            assert output is not None, f"line {block.line}: no command prints this"
            if not agrees(block.body, output):
                assert bless, f"line {block.line} shows\n{block.body}\nbut it is\n{output}"
                corrected.append((block, output))
            output = None
        else:
            assert part_of_a_file(block.body, home), f"line {block.line}: no file here has these lines"
    for block, right in reversed(corrected):
        text = text[: block.start] + right + text[block.end :]
    if corrected:
        page.write_text(text, encoding="utf-8")


def part_of_a_file(lines: str, folder: Path) -> bool:
    """Whether a block without a file name quotes one of the files that are there."""
    return any(lines in path.read_text(encoding="utf-8") for path in folder.rglob("*.*") if path.is_file())


@pytest.mark.parametrize(
    ("shown", "actual", "expected"),
    [
        ("a\n", "a\n", True),
        ("a\n", "a\nb\n", False),
        ("a ... c\n", "a b b c\n", True),
        ("a ... c\n", "a b\nc\n", False),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nd\n", True),
        ("a\n...\nd\n", "a\nb\nc\n", False),
        ("(.*)\n", "abcd\n", False),
    ],
)
def test_elision(shown: str, actual: str, expected: bool) -> None:
    assert agrees(shown, actual) is expected


def test_a_block_knows_its_file_and_place() -> None:
    page = "text\n\n<!-- file: a.yaml -->\n```yaml\nx: 1\n```\n```sh\nls\n```\n"
    first, second = blocks(page)
    assert (first.file, first.body, first.line, page[first.start : first.end]) == ("a.yaml", "x: 1\n", 4, "x: 1\n")
    assert (second.file, second.language, second.body) == (None, "sh", "ls\n")
