"""Did you mean …?"""

from __future__ import annotations

import time

import pytest

from dagwright.diagnostics.suggest import OTHER_TOOLS, suggest

KEYS = ["command", "env", "image", "needs", "outputs", "when", "retry", "max_parallel", "timeout", "script", "foreach"]


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
        ("retries", "retry"),
        ("cwd", None),  # ours is no candidate
        ("zzz", None),
        ("x", None),
        ("", None),
        ("e" * 5000, None),
    ],
)
def test_keys(word: str, meant: str | None) -> None:
    assert suggest(word, KEYS, OTHER_TOOLS) == meant


def test_names_have_no_synonyms() -> None:
    assert suggest("if", ["when", "load"]) is None
    assert suggest("lod", ["when", "load"]) == "load"
    assert suggest("load", ["when", "load"]) is None


def test_other_tools_words_name_keys_of_ours() -> None:
    ours = {*KEYS, "name", "tasks", "params", "schedule", "workdir", "interpreter", "uses", "matrix"}
    assert set(OTHER_TOOLS.values()) <= ours


def test_many_candidates_take_no_time() -> None:
    names = [f"task_number_{number}" for number in range(20_000)]
    start = time.monotonic()
    for number in range(20):
        suggest(f"tusk_number_{number}", names)
    assert time.monotonic() - start < 5
