"""The table of other tools' words: its suggestions exist, and each word has one meaning per place."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from dagwright.backends.registry import BACKENDS, words
from dagwright.diagnostics.limits import LIMITS
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.words import (
    CONDITIONS,
    FUNCTIONS,
    ROOTS,
    STATUS,
    fold,
)
from dagwright.expressions.signatures import FUNCTIONS as KNOWN_FUNCTIONS
from dagwright.expressions.tokens import ROOTS as KNOWN_ROOTS
from dagwright.ir.model import TriggerRule
from dagwright.schema.rules import Rule, root_rule

TOP = root_rule("pipeline")
WORDS = words(BACKENDS)
KEY_IN_TEXT = re.compile(r"`([a-z_]+):")


def rules() -> dict[str, Rule]:
    """All rules with keys, by title."""
    found: dict[int, Rule] = {}
    left = [TOP, root_rule("components")]
    while left:
        rule = left.pop()
        if id(rule) not in found:
            found[id(rule)] = rule
            left += [below for below in (*rule.properties.values(), rule.extra, rule.items) if below is not None]
    return {rule.title: rule for rule in found.values() if rule.properties}


RULES = rules()
KEYS = {key for rule in RULES.values() for key in rule.properties}


def path_exists(rule: Rule, path: str) -> bool:
    for key in path.split("."):
        if key not in rule.properties:
            return False
        rule = rule.properties[key]
    return True


@pytest.mark.parametrize("title", WORDS.keys)
def test_what_a_word_leads_to_exists(title: str) -> None:
    for ours in WORDS.keys[title]:
        if ours.startswith("@"):
            assert ours[1:] in LIMITS
        elif " " in ours:
            assert set(KEY_IN_TEXT.findall(ours)) <= KEYS, ours
        else:
            assert path_exists(RULES[title], ours) or path_exists(TOP, ours), ours


@pytest.mark.parametrize("title", WORDS.keys)
def test_a_word_has_one_meaning(title: str) -> None:
    found = [word for theirs in WORDS.keys[title].values() for word in theirs.split()]
    assert all(word == fold(word) for word in found)
    assert [word for word, count in Counter(found).items() if count > 1] == []
    assert [word for word in found if word in map(fold, RULES[title].properties)] == []


def test_values_lead_to_values_that_exist() -> None:
    rules_of = [(key, below) for rule in RULES.values() for key, below in rule.properties.items()]
    for key, table in WORDS.values.items():
        listed = {str(value) for name, below in rules_of if name == key for value in below.enum or ()}
        assert listed, key
        for ours in table:
            assert ours in listed or ours[1:] in LIMITS or " " in ours, ours


def test_words_of_expressions() -> None:
    assert set(FUNCTIONS) <= set(KNOWN_FUNCTIONS)
    assert set(ROOTS) <= set(KNOWN_ROOTS)
    assert set(CONDITIONS.values()) <= {rule.value for rule in TriggerRule}
    for table in (FUNCTIONS, ROOTS, STATUS):
        found = [word for theirs in table.values() for word in theirs.split()]
        assert all(word == fold(word) for word in found)
        assert len(found) == len(set(found))


def test_limits_are_the_sections_of_their_page(root: Path) -> None:
    page = (root / "docs" / "limits.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    assert sorted(LIMITS) == sorted(heading.lower().replace(" ", "-") for heading in headings)


@pytest.mark.parametrize(
    ("title", "word", "meaning"),
    [
        ("task", "cache", "@cache-results"),
        ("task", "wait_for", "@wait-for-something"),
        ("task", "dependsOn", "needs"),
        ("task", "runs-on", "write `image: python:3.11`, the container that the task runs in"),
        ("pipeline", "timeout", "@time-limit-of-a-run"),
        ("pipeline", "max_active_runs", "@number-of-runs-at-once"),
        ("retry", "max", "limit"),
        ("task", "command", None),
    ],
)
def test_meaning(title: str, word: str, meaning: str | None) -> None:
    assert WORDS.key(title, word) == meaning


def test_letters_never_cross_meanings() -> None:
    assert WORDS.nearly_key("task", "cachet") is None  # neither `cache` nor `catch`
    assert WORDS.nearly_key("task", "executon_timeout") == "timeout"
    assert suggest("cache", list(RULES["task"].properties)) is None


def test_meaning_of_values() -> None:
    assert WORDS.value("overlap", "1") == "forbid"
    assert WORDS.value("overlap", "17") == "@number-of-runs-at-once"
    assert WORDS.value("trigger_rule", "one_success") == "@start-before-all-needs-have-ended"
