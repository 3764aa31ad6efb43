"""The C parser and ruamel.yaml's own parser give the same trees and offsets, or both refuse the text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.reading.events import c_events
from dagwright.reading.hidden import hidden_in

from .trees import read_as_usual, read_without_c

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = Path(os.environ.get("DAGWRIGHT_HOSTILE", ROOT.parent / "shared" / "hostile"))


def text_of(path: Path) -> str | None:
    """The text of a file, or None for a file refused before parsing."""
    try:
        text = path.read_bytes().decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return None
    return None if list(hidden_in(text)) else text


OURS = sorted(
    path for folder in ("examples", "tests/golden", "tests/diagnostics") for path in (ROOT / folder).rglob("*.yaml")
)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_files(path: Path) -> None:
    text = text_of(path)
    if text is not None and "apiVersion: argoproj" not in text:
        assert read_as_usual(text) == read_without_c(text)


def test_hostile_files() -> None:
    if not HOSTILE.is_dir():
        pytest.skip("no hostile corpus: set DAGWRIGHT_HOSTILE to its folder")
    for path in sorted(HOSTILE.glob("*.yaml")):
        text = text_of(path)
        if text is not None:
            assert read_as_usual(text) == read_without_c(text), path.name


def test_the_c_parser_is_used() -> None:
    assert c_events("image: {name: python:3.11}\n").masked


SEEDS = (
    "a: |\n  x\n   y\n\nb: >-\n  p\n  q\n\n  r\nc: 'it''s'\nd: \"x\\ty\"\n",
    "- a\n- - b\n  - c\n-\n  d: e\n- {f: g, h: [i, j]}\n",
    "a: &x {b: c}\nd: *x\ne: [*x, &y z, *y]\n",
    "k:\n  - name: x\n    v: 1 # c\n\n  # d\n  - name: y\n    v:\n      - 1\n      - 2.5\nz: ~\n",
    "a: one\n  two\n  three\nb: 'q\n  r'\nc: [a\n  b, c]\n",
    'a: {image: python:3.11, u: http://x/y?z=1#f, "q":1}\n',
    "? a\n: b\n? c\n'd' : e\n\"f\": g\n",
    "a: |2\n    x\n   y\nb: |+\n  x\n\nc: 1\n",
)
PIECES = (*" \n:-,[]{}'\"#&*!|>?%@`\\~abc01\té", ": ", "- ", "  ", "\n  ", "\n- ", "''", '\\"', ": |\n  ", "# c\n",
          "\r\n", "<<: ", "---\n", "...\n", "null", "&a ", "*a", "\\u00e9", "\\x41", "${{ a }}")  # fmt: skip


@st.composite
def broken_texts(draw: st.DrawFn) -> str:
    """A seed text with a few pieces removed and inserted."""
    text = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[start + draw(st.integers(0, 3)) :]
    return text


@settings(deadline=None, max_examples=300, derandomize=True)
@given(broken_texts().filter(lambda text: not list(hidden_in(text))))
def test_broken_texts(text: str) -> None:
    """Random texts cause neither a difference nor a traceback."""
    assert read_as_usual(text) == read_without_c(text)
