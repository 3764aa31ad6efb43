"""Files are written all or none: after any failure, the folder has exactly its previous files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dagwright.backends.backend import Artifact
from dagwright.cli import init, write

NEW = [Artifact("a/old.txt", "new"), Artifact("b/made.txt", "new"), Artifact("c/last.txt", "new")]


def tree(folder: Path) -> dict[str, str]:
    """Every file with its text, and every folder."""
    found = sorted(folder.rglob("*"))
    return {str(p.relative_to(folder)): p.read_text(encoding="utf-8") if p.is_file() else "" for p in found}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with an older version of one file."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "old.txt").write_text("old", encoding="utf-8")
    return tmp_path


def test_all_are_written(place: Path) -> None:
    write.write_all(NEW, str(place))
    assert tree(place) == {"a": "", "a/old.txt": "new", "b": "", "b/made.txt": "new", "c": "", "c/last.txt": "new"}


def test_a_file_keeps_its_mode(place: Path) -> None:
    (place / "a" / "old.txt").chmod(0o750)
    write.write_all(NEW, str(place))
    assert (place / "a" / "old.txt").stat().st_mode & 0o777 == 0o750
    assert not (place / "b" / "made.txt").stat().st_mode & 0o111


def test_a_folder_in_the_place_of_a_file(place: Path) -> None:
    (place / "c" / "last.txt").mkdir(parents=True)
    before = tree(place)
    with pytest.raises(OSError, match=r"last\.txt"):
        write.write_all(NEW, str(place))
    assert tree(place) == before


@pytest.mark.parametrize("fails", [1, 2, 3])
def test_a_move_that_fails(fails: int, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, replace, calls = tree(place), os.replace, 0

    def failing(source: str, target: str) -> None:
        nonlocal calls
        calls += 1
        if calls == fails:
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(write.os, "replace", failing)
    with pytest.raises(PermissionError):
        write.write_all(NEW, str(place))
    assert tree(place) == before


def test_a_project_that_cannot_be_created(place: Path) -> None:
    before = tree(place)
    files = {"pipeline.yaml": b"apiVersion: x\n", "data/one.csv": b"1", "a/old.txt": b"new"}
    with pytest.raises(FileExistsError):
        init._create(files, place)
    assert tree(place) == before
    with pytest.raises(FileExistsError):
        init._create(files, place / "new" / "project" / ".." / ".." / ".." / place.name)
    assert tree(place) == before


def test_schemas_that_cannot_be_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(artifacts: object, folder: str) -> list[str]:
        raise OSError(28, "No space left on device")

    before = tree(place)
    monkeypatch.setattr(init, "write_all", failing)
    with pytest.raises(OSError, match="No space left"):
        init._create({"pipeline.yaml": b"apiVersion: x\n", "data/one.csv": b"1"}, place / "new" / "project")
    assert tree(place) == before
