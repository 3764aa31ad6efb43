"""Checks of the step-by-step pages: their files are written, and their commands print the output on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.reader import lost_files, new_reader, read
from docs.walk import agrees, blocks


@pytest.mark.parametrize("name", ["start.md", "tutorial.md", "targets/local.md"])
def test_a_page_is_true(name: str, root: Path, bless: bool, tmp_path: Path) -> None:
    read(root / "docs" / name, new_reader(tmp_path), bless)


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


def test_commands_of_other_tools_name_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "a.yaml").touch()
    there = "kubectl apply -f build/a.yaml\ncp build/*.yaml x/\nget https://example.org/b.yaml\n"
    assert lost_files(there, tmp_path) == []
    lost = "kubectl apply -f build/b.yaml\nargo submit c.yaml -p n=1\n"
    assert lost_files(lost, tmp_path) == ["build/b.yaml", "c.yaml"]
    with pytest.raises(AssertionError):
        lost_files("dagwright check a.yaml\n", tmp_path)
