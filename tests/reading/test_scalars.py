"""The meaning of unquoted scalars: YAML 1.2's core schema, without YAML 1.1."""

from __future__ import annotations

import math

import pytest

from dagwright.diagnostics.model import Report
from dagwright.reading.read import parse
from dagwright.source.span import Source
from dagwright.source.tree import Mapping, Scalar

CASES = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "nULL": "nULL",
    "true": True, "False": False, "TRUE": True, "yes": "yes", "no": "no", "on": "on", "off": "off", "y": "y",
    "0": 0, "-0": 0, "+12": 12, "010": 10, "0o17": 15, "0x1F": 31, "-0x1F": "-0x1F", "0b1": "0b1", "1_000": "1_000",
    "3.10": 3.1, "1e-3": 0.001, ".5": 0.5, "5.": 5.0, "+.5e2": 50.0, "1e400": math.inf, "-1e400": -math.inf,
    ".inf": math.inf, "-.INF": -math.inf, "12:30": "12:30", "2024-01-02": "2024-01-02", "1.2.3": "1.2.3",
    "+": "+", ".": ".", "e5": "e5", "0x": "0x", "0o8": "0o8", "١٢": "١٢", "9" * 5000: math.inf,
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_core_schema(text: str) -> None:
    tree = parse(Source("x", f"key: {text}\n"))
    assert isinstance(tree, Mapping)
    value = tree.values["key"]
    assert isinstance(value, Scalar)
    assert (value.value, type(value.value)) == (CASES[text], type(CASES[text]))
    assert value.text == text
    assert value.plain


def test_not_a_number() -> None:
    tree = parse(Source("x", "key: .nan\n"))
    assert isinstance(tree, Mapping)
    value = tree.values["key"]
    assert isinstance(value, Scalar)
    assert isinstance(value.value, float)
    assert math.isnan(value.value)


@pytest.mark.parametrize("spelling", ['"12"', "'12'", "|\n  12", ">-\n  12"])
def test_quoted_and_block_scalars_are_text(spelling: str) -> None:
    tree = parse(Source("x", f"key: {spelling}\n"))
    assert isinstance(tree, Mapping)
    value = tree.values["key"]
    assert isinstance(value, Scalar)
    assert isinstance(value.value, str)
    assert not value.plain


@pytest.mark.parametrize("word", ["on", "1", "true", "1.10", "no"])
def test_a_key_is_its_spelling(word: str) -> None:
    tree = parse(Source("x", f"{word}: x\n"))
    assert isinstance(tree, Mapping)
    assert list(tree.keys) == [word]


@pytest.mark.parametrize("word", ["~", "null", "[a]", "{a: b}"])
def test_a_key_is_a_text(word: str) -> None:
    report = Report()
    parse(Source("x", f"? {word}\n: x\n"), report=report)
    assert [found.code for found in report.diagnostics] == ["E133"]
