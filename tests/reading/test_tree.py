"""Offsets of the tree: every key and value is in the text at its span."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.diagnostics.model import Report
from dagwright.reading.hidden import hidden_in
from dagwright.reading.read import parse
from dagwright.source.span import Source
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

from .trees import scalars

SPEC = """\
name: demo  # a comment
tasks:
  'load': &l {image: "python:3.11", command: [python, -c, 'it''s', "a\\tb"]}
  again: *l
  nothing:
  script: |
    echo "é"

  folded: >-
    one
    two
  list:
  - a b
  -
  - é😀: x
"""


def tree_of(text: str) -> Node:
    report = Report()
    node = parse(Source("x", text), report=report)
    assert not report.diagnostics
    assert node is not None
    return node


def at(node: Node, *path: str | int) -> Node:
    for step in path:
        if isinstance(step, int):
            assert isinstance(node, Sequence)
            node = node.items[step]
        else:
            assert isinstance(node, Mapping)
            node = node.values[step]
    return node


@pytest.mark.parametrize(
    ("path", "spelling"),
    [
        (("name",), "demo"),
        (("tasks", "load"), "{image: \"python:3.11\", command: [python, -c, 'it''s', \"a\\tb\"]}"),
        (("tasks", "load", "image"), '"python:3.11"'),
        (("tasks", "load", "command"), "[python, -c, 'it''s', \"a\\tb\"]"),
        (("tasks", "load", "command", 2), "'it''s'"),
        (("tasks", "again", "image"), '"python:3.11"'),
        (("tasks", "nothing"), ""),
        (("tasks", "script"), '|\n    echo "é"'),
        (("tasks", "folded"), ">-\n    one\n    two"),
        (("tasks", "list"), "- a b\n  -\n  - é😀: x"),
        (("tasks", "list", 0), "a b"),
        (("tasks", "list", 1), ""),
        (("tasks", "list", 2), "é😀: x"),
        (("tasks", "list", 2, "é😀"), "x"),
    ],
)
def test_spans(path: tuple[str | int, ...], spelling: str) -> None:
    node = at(tree_of(SPEC), *path)
    assert SPEC[node.start : node.end] == spelling


def test_values_and_keys() -> None:
    tree = tree_of(SPEC)
    tasks = at(tree, "tasks")
    assert isinstance(tasks, Mapping)
    key = tasks.keys["load"]
    assert (SPEC[key.start : key.end], key.text) == ("'load'", "load")
    texts = {path: at(tree, "tasks", *path) for path in [("load", "command", 2), ("script",), ("folded",)]}
    assert [node.text for node in texts.values() if isinstance(node, Scalar)] == ["it's", 'echo "é"\n', "one two"]


def test_where_nothing_is_written() -> None:
    tree = tree_of(SPEC)
    nothing = at(tree, "tasks", "nothing")
    assert SPEC[: nothing.start].endswith("nothing:")
    assert SPEC[: at(tree, "tasks", "list", 1).start].endswith("\n  -")


def test_an_alias_is_the_same_node() -> None:
    tree = tree_of(SPEC)
    assert at(tree, "tasks", "again") is at(tree, "tasks", "load")


def test_windows_line_ends() -> None:
    tree = tree_of("a: b\r\nc: |\r\n  d\r\n  e\r\n")
    assert [node.text for node in scalars(tree)] == ["a", "b", "c", "d\ne\n"]


def test_pieces_of_a_scalar() -> None:
    text = "a: |\n  echo ${{ x }}\n  echo ${{ y }}\nb: 'it''s ${{ z }}'\nc: \"\\x24{{ $\"\nd: x ${{ v }}\n"
    tree = tree_of(text)
    spelt = {}
    for name, piece in {"a": "${{ y }}", "b": "${{ z }}", "d": "${{ v }}", "c": "$"}.items():
        node = at(tree, name)
        assert isinstance(node, Scalar)
        start = node.text.index(piece)
        span = node.part(start, start + len(piece))
        spelt[name] = (text[span.start : span.end], span.source.position(span.start))
    assert spelt == {
        "a": ("${{ y }}", (3, 8)),
        "b": ("${{ z }}", (4, 11)),
        "d": ("${{ v }}", (6, 6)),
        "c": ("\\x24", (5, 5)),
    }


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(
    lambda text: not list(hidden_in(text))
)
WORD = st.text("abcxyz019_-/.", min_size=1).filter(lambda text: text[0] not in "-.")


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A mapping with values in several spellings, and the texts of its values."""
    values = draw(st.lists(st.tuples(st.sampled_from(["plain", "single", "double", "flow"]), TEXT, WORD), min_size=1))
    lines, texts = [], []
    for number, (how, text, word) in enumerate(values):
        quoted = "'" + text.replace("'", "''") + "'"
        spelt = {"plain": word, "single": quoted, "double": json.dumps(text), "flow": f"[{word}:x, {quoted}]"}[how]
        lines.append(f"k{number}:{' ' * draw(st.integers(1, 3))}{spelt}{draw(st.sampled_from(['', '  # c']))}")
        texts += {"plain": [word], "flow": [f"{word}:x", text]}.get(how, [text])
    return "\n".join(lines) + "\n", texts


@settings(deadline=None)
@given(documents())
def test_every_scalar_is_where_it_says(document: tuple[str, list[str]]) -> None:
    text, texts = document
    source = Source("x", text)
    report = Report()
    tree = parse(source, report=report)
    assert not report.diagnostics
    assert tree is not None
    found = list(scalars(tree))
    assert [node.text for node in found if not (node.plain and node.text[0] == "k")] == texts
    for node in found:
        spelling = text[node.start : node.end]
        assert spelling == node.text if node.plain else spelling[0] == spelling[-1] and spelling[0] in "\"'"
        if node.verbatim:
            assert text[node.text_start : node.text_start + len(node.text)] == node.text
            assert node.part(0, 1) == (source, node.text_start, node.text_start + 1)
        else:
            assert "'" in node.text or "\\" in spelling


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]) | st.sampled_from("\"'\\\n\t"), min_size=1)
)
@settings(max_examples=200)
def test_each_character_of_a_quoted_text_is_found_in_its_spelling(text: str) -> None:
    spellings = [json.dumps(text), json.dumps(text, ensure_ascii=False)]
    if "\n" not in text and "\t" not in text:
        spellings.append("'" + text.replace("'", "''") + "'")
    for spelling in spellings:
        if list(hidden_in(spelling)) or "\\ud" in spelling:  # two escapes for one character are not YAML
            continue
        tree = tree_of("k: " + spelling)
        assert isinstance(tree, Mapping)
        scalar = tree.values["k"]
        assert isinstance(scalar, Scalar)
        assert scalar.text == text
        for at, character in enumerate(text):
            span = scalar.part(at, at + 1)
            found = span.source.text[span.start : span.end]
            assert found in (character, "''") or json.loads(f'"{found}"') == character
