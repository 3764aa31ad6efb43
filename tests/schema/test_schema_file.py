"""The published schema itself: closed, explained everywhere, its examples allowed, its patterns plain."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dagwright.schema import explain, key_messages, messages
from dagwright.schema.rules import ANNOTATIONS, Rule, document, root_rule
from engines.missing import skip

Schema = dict[str, Any]


def parts(schema: Any, at: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema inside the document, with its path."""
    if not isinstance(schema, dict):
        return
    yield at, schema
    for key in ("properties", "$defs"):
        for name, part in schema.get(key, {}).items():
            yield from parts(part, f"{at}/{key}/{name}")
    for key in ("items", "additionalProperties", "propertyNames"):
        yield from parts(schema.get(key), f"{at}/{key}")


PARTS = list(parts(document()))
NAMED = [(at, part) for at, part in PARTS if at.split("/")[-2:-1] in (["properties"], ["$defs"])]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(document())


def test_every_mapping_is_closed() -> None:
    for at, part in PARTS:
        if "properties" in part or part.get("type") == "object":
            extra = part.get("additionalProperties")
            assert extra is False or isinstance(extra, dict), at
            assert extra is False or "propertyNames" in part, at


@pytest.mark.parametrize(("at", "part"), NAMED, ids=[at for at, _ in NAMED])
def test_every_key_is_explained(at: str, part: Schema) -> None:
    assert part["title"], at
    assert part["description"].endswith("."), at
    assert part["examples"], at
    judge = Draft202012Validator({**part, "$defs": document()["$defs"]})
    values = [*part["examples"], *([part["default"]] if "default" in part else [])]
    for value in values:
        assert judge.is_valid(value), (at, value)


def patterns() -> list[str]:
    return sorted({part["pattern"] for _, part in PARTS if "pattern" in part})


@pytest.mark.parametrize("pattern", patterns())
def test_patterns_are_read_alike_by_editors(pattern: str) -> None:
    """Patterns are anchored on both sides, and use only syntax with the same meaning in Python and JavaScript."""
    assert pattern.startswith("^")
    assert pattern.endswith(r"$(?!\n)")
    assert not re.search(r"\\[dwsbDWSBAZ]|\(\?[P<]", pattern)
    assert re.search(pattern, "a\n") is None


def test_patterns_in_javascript() -> None:
    node = shutil.which("node")
    if node is None:
        skip("there is no node")
    words = ["a", "train_model", "a_", "a-b", "1h30m", "30s", "0s", "s", "4Gi", "4", "DW_X", "X", "a\n", "", "é", "..",
             "model.json", "-x", "2026-01-01", "2026-01-01T00:00:00Z", "/a", "acme.org/x", "a b", "x" * 70]  # fmt: skip
    program = "const [p, w] = JSON.parse(require('fs').readFileSync(0)); console.log(JSON.stringify("
    program += "p.map(x => w.map(y => new RegExp(x, 'u').test(y)))))"
    done = subprocess.run(
        [node, "-e", program], input=json.dumps([patterns(), words]), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    ours = [[re.search(p, w) is not None for w in words] for p in patterns()]
    assert json.loads(done.stdout) == ours


def rules(rule: Rule, seen: dict[int, Rule]) -> dict[int, Rule]:
    if id(rule) not in seen:
        seen[id(rule)] = rule
        for child in [*rule.properties.values(), rule.extra, rule.items, rule.names]:
            if child is not None:
                rules(child, seen)
    return seen


ALL_RULES = list(rules(root_rule("pipeline"), rules(root_rule("components"), {})).values())


def test_every_form_and_combination_has_words() -> None:
    for rule in ALL_RULES:
        if rule.pattern is not None:
            known = {"type", *messages.FORMS, *key_messages._NAME_FORMS}
            assert rule.form in known, rule.title
        for combination in rule.combinations:
            keys = frozenset({combination.key} if combination.key else ()).union(*combination.groups)
            together = {frozenset(words) for words in key_messages.TOGETHER}
            assert keys in together or keys == {"command", "script", "uses"}


def test_every_keyword_has_a_message() -> None:
    """A keyword that the schema uses is one that `explain` asks the verdict for, or only leads to other keywords."""
    asked = explain.LISTED | explain.TEXT | explain.RANGE | explain.COMBINATION
    asked |= {"type", "minItems", "maxItems", "uniqueItems", "minProperties", "required", "additionalProperties"}
    leads = {"properties", "items", "propertyNames", "dependentSchemas", "allOf", "$ref"}
    used = {key for _, part in PARTS for key in part} - ANNOTATIONS
    assert used <= asked | leads
