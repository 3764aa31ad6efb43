"""Suggestions for misspelled words."""

from __future__ import annotations

import pytest

from dagwright.diagnostics.suggest import suggest

KEYS = ["command", "env", "image", "needs", "outputs", "when", "retry", "max_parallel", "timeout", "script", "foreach"]

SYNONYMS = {"depends_on": "needs", "dependson": "needs", "if": "when", "cwd": "workdir"}


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("comand", "command"),
        ("commnad", "command"),
        ("Needs", "needs"),
        ("maxParallel", "max_parallel"),
        ("max-parallel", "max_parallel"),
        ("imgae", "image"),
        ("outpus", "outputs"),
        ("whn", "when"),
        ("соmmand", "command"),  # the first two letters are Cyrillic
        ("depends_on", "needs"),
        ("dependsOn", "needs"),
        ("if", "when"),
        ("cwd", None),  # our word for this is not a candidate
        ("zzz", None),
        ("x", None),
        ("", None),
        ("e" * 5000, None),
    ],
)
def test_keys(word: str, meant: str | None) -> None:
    assert suggest(word, KEYS, SYNONYMS) == meant


def test_equally_near_names_are_no_suggestion() -> None:
    assert suggest("tpu", ["cpu", "gpu"]) is None
    assert suggest("load_3", ["load_1"]) is None  # another number is another name
    assert suggest("laod_1", ["load_1", "store"]) == "load_1"
    assert suggest("parallelism", ["parallelizes"]) is None  # three edits


def test_names_have_no_synonyms() -> None:
    assert suggest("if", ["when", "load"]) is None
    assert suggest("lod", ["when", "load"]) == "load"
    assert suggest("load", ["when", "load"]) is None
