"""From bytes to text: accepted files, and files refused before parsing."""

from __future__ import annotations

import hashlib
import io
import os
import sys
from pathlib import Path

import pytest

from dagwright.diagnostics.model import Report
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.reading.read import read_source


def read(path: Path | str) -> tuple[str | None, list[tuple[str, str]]]:
    report = Report()
    source = read_source(str(path), DEFAULT_BUDGETS, report)
    return source and source.text, [(found.code, found.label) for found in report.diagnostics]


def read_bytes(folder: Path, data: bytes) -> tuple[str | None, list[str], list[tuple[int, int]]]:
    """The text, the codes, and the places of the carets."""
    (folder / "x.yaml").write_bytes(data)
    report = Report()
    source = read_source(str(folder / "x.yaml"), DEFAULT_BUDGETS, report)
    spans = [found.span for found in report.diagnostics if found.span is not None]
    return source and source.text, [d.code for d in report.diagnostics], [s.source.position(s.start) for s in spans]


def test_text_and_digest(tmp_path: Path) -> None:
    data = "\ufeffname: é\r\n".encode()
    (tmp_path / "x.yaml").write_bytes(data)
    source = read_source(str(tmp_path / "x.yaml"))
    assert source is not None
    assert (source.text, source.digest) == ("name: é\r\n", hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"a: b\nc: d\xe9f\n", "E102", (2, 5)),
        ("é: ".encode() + b"\xff", "E102", (1, 4)),
        (b"a: \xed\xa0\x80", "E102", (1, 4)),
        ("a: b".encode("utf-16"), "E102", (1, 1)),
        (b"a: b\x00c", "E103", (1, 5)),
        (b"a: b\x1b[2J", "E103", (1, 5)),
        (b"a: b\x7f", "E103", (1, 5)),
        (b"a: b\rc: d", "E103", (1, 5)),
        ("# ok \u202e".encode(), "E103", (1, 6)),
        ("a: b\u200bc".encode(), "E103", (1, 5)),
        ("a: b\u2028c".encode(), "E103", (1, 5)),
        ("a: b\x85c".encode(), "E103", (1, 5)),
        ("a: b\ufeffc".encode(), "E103", (1, 5)),
        ("a: b\u200dc".encode(), "E103", (1, 5)),
        ("a: b\ufe0fc".encode(), "E103", (1, 5)),
        ("a: 😀\ufe0f\ufe0e".encode(), "E103", (1, 6)),
        ("a: x\U000e0041".encode(), "E103", (1, 5)),
        ("a:\n\u00a0 b: c".encode(), "E104", (2, 1)),
        ("a:\u00a0b".encode(), "E104", (1, 3)),
        ("a:\n  -\u3000b".encode(), "E104", (2, 4)),
    ],
)
def test_refused(data: bytes, code: str, place: tuple[int, int], tmp_path: Path) -> None:
    assert read_bytes(tmp_path, data) == (None, [code], [place])


@pytest.mark.parametrize(
    "text",
    ["a: 👩\u200d🚀", "a: ❤\ufe0f", "a: 1\ufe0f\u20e3", "a: می\u200cخواهم", "a: dix\u00a0% !", "a: \tx", "a: 日本語"],
)
def test_honest_text(text: str, tmp_path: Path) -> None:
    assert read_bytes(tmp_path, text.encode()) == (text, [], [])


def test_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    assert read(tmp_path / "nope") == (None, [("E101", "there is no such file")])
    assert read(tmp_path) == (None, [("E101", "it is a folder")])
    assert read(tmp_path / "loop") == (None, [("E101", "its links lead in a circle")])
    assert read(tmp_path / "pipe") == (None, [("E101", "it is a pipe or a device, not a file")])
    assert read(os.devnull) == (None, [("E101", "it is a pipe or a device, not a file")])
    assert read("a\0b") == (None, [("E101", "its name holds a NUL character")])
    assert read("x" * 5000) == (None, [("E101", "its name is too long")])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path: Path) -> None:
    (tmp_path / "x").touch(mode=0)
    assert read(tmp_path / "x") == (None, [("E101", "you have no permission to read it")])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("a: é".encode())))
    assert read("-") == ("a: é", [])
    monkeypatch.setattr(sys, "stdin", None)
    assert read("-") == (None, [("E101", "it is closed")])


def test_a_terminal_is_no_input(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = type("Terminal", (), {"buffer": type("Buffer", (), {"closed": False, "isatty": lambda self: True})()})()
    monkeypatch.setattr(sys, "stdin", terminal)
    assert read("-") == (None, [("E101", "it is a terminal")])


@pytest.mark.parametrize("escape", ["\\0", "\\x1b", "\\e", "\\u202e", "\\u200b", "\\ud800", "\\U000E0001", "\\L"])
def test_hidden_characters_behind_escapes(escape: str, tmp_path: Path) -> None:
    from dagwright.reading.read import parse

    (tmp_path / "x.yaml").write_text(f'a: "b{escape}"\n')
    source, report = read_source(str(tmp_path / "x.yaml")), Report()
    assert source is not None
    parse(source, report=report)
    assert [(found.code, found.span) for found in report.diagnostics] == [("E103", (source, 3, 3 + 3 + len(escape)))]
