"""The fast checker, the explanation and the jsonschema library always agree."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dagwright.diagnostics.model import Report
from dagwright.reading.budgets import Budgets
from dagwright.reading.read import parse
from dagwright.schema.accept import acceptor
from dagwright.schema.explain import explain
from dagwright.schema.rules import document
from dagwright.schema.verdict import verdict as judge
from dagwright.source.span import Source
from dagwright.source.tree import Node
from schema.corpus import COMPONENT_FILE, FULL, MINIMAL
from schema.trees import read, tree

Path = tuple[Any, ...]


def verdict(node: Node, root: str = "pipeline") -> bool:
    """Whether a tree is valid; fails if the three checkers do not agree, or a message breaks the rules."""
    accepted = acceptor(root)(node)
    report = Report()
    explain(node, report, root)
    found = judge(node, root)
    assert accepted == found.valid, found
    assert accepted == (report.diagnostics == []), report.diagnostics
    for diagnostic in report.diagnostics:
        message = diagnostic.message
        assert len(message) <= 90, message
        assert message[0] == "`" or not message[0].isupper()
        assert not message.endswith(".")
        assert diagnostic.help, message
        assert "\n" not in message
    return accepted


def paths(value: object, at: Path = ()) -> Iterator[Path]:
    """The path of every node of plain data."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*at, key))


def put(spec: Any, path: Path, change: Any) -> Any:
    """A copy of plain data, with the node at the path replaced by `change` of this node."""
    if not path:
        return change(spec)
    made = copy.copy(spec)
    made[path[0]] = put(spec[path[0]], path[1:], change)
    return made


TABLES = ("params", "components", "tasks", "finally", "targets")  # sections whose entries do not depend on each other


def around(path: Path) -> Any:
    """The full spec without the other sections than that of a path, and without the other entries of a table."""
    if not path:
        return FULL
    section, *rest = path
    entries = {rest[0]: FULL[section][rest[0]]} if rest and section in TABLES else FULL[section]
    return {**MINIMAL, section: entries}


KEYS = [
    *sorted({p[-1] for p in paths(FULL) if p and isinstance(p[-1], str)}),
    "comand", "Name", "neеds", "depends_on", "a" * 61, "", "a-b", "if", "$x", "ünï", "DW_X", "name\n", "a_", "x y",
]  # fmt: skip
LEAVES: list[Any] = [
    None, True, False, 0, 1, -1, 2, 1.0, 0.5, 3.1, 3.3, 1e300, 2**70, 101, 1001, float("inf"), float("nan"), "", "a",
    "A", "1s", "0s", "1m1h", "1h30m\n", "10 minutes", "4Gi", "4GB", "4", "dagwright/v1", "integer", "file", "auto",
    "2026-01-01", "2026-13", "a" * 70, "a" * 5000, "x" * 65537, "-x", "a b", "a\n", "é", "${{ x }}", "DW_A", "3.3",
    "all_done", "allow", "Always", "/mnt", "..", "٣s",
]  # fmt: skip
values = st.recursive(
    st.sampled_from(LEAVES) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=4,
)


@st.composite
def mutations(draw: st.DrawFn, bases: Sequence[Any]) -> Any:
    """A spec with one to three changes: a new value, a removed, added or renamed key, or a removed or added item."""
    spec = draw(st.sampled_from(bases))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(list(paths(spec))))
        spec = put(spec, at, draw(st.sampled_from([_replace, _drop, _add, _rename]))(draw))
    return spec


def _replace(draw: st.DrawFn) -> Any:
    new = draw(values)
    return lambda _: new


def _drop(draw: st.DrawFn) -> Any:
    index = draw(st.integers(0, 20))

    def drop(node: Any) -> Any:
        if isinstance(node, dict) and node:
            gone = list(node)[index % len(node)]
            return {key: value for key, value in node.items() if key != gone}
        return node[:-1] if isinstance(node, list) else node

    return drop


def _add(draw: st.DrawFn) -> Any:
    key, value = draw(st.sampled_from(KEYS)), draw(values)
    return lambda node: (
        {**node, key: value} if isinstance(node, dict) else [*node, value] if isinstance(node, list) else value
    )


def _rename(draw: st.DrawFn) -> Any:
    index, new = draw(st.integers(0, 20)), draw(st.sampled_from(KEYS))

    def rename(node: Any) -> Any:
        if not isinstance(node, dict) or not node:
            return node
        old = list(node)[index % len(node)]
        return {new if key == old else key: value for key, value in node.items()}

    return rename


@pytest.mark.parametrize("spec", [MINIMAL, FULL])
def test_valid_pipelines(spec: Any) -> None:
    assert verdict(tree(spec))


def test_a_valid_component_file() -> None:
    assert verdict(tree(COMPONENT_FILE), "components")


PARTS = [around(path) for path in paths(FULL) if len(path) == (2 if path and path[0] in TABLES else 1)]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations(PARTS))
def test_mutated_parts_of_pipelines(spec: Any) -> None:
    verdict(tree(spec))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations([FULL]))
@example(put(FULL, ("targets", "airflow", "version"), lambda _: 3))
@example(put(FULL, ("tasks", "deploy", "needs"), lambda _: ["a", "b", "a"]))
def test_mutated_pipelines(spec: Any) -> None:
    verdict(tree(spec))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations([MINIMAL]))
def test_mutated_small_pipelines(spec: Any) -> None:
    verdict(tree(spec))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(mutations([COMPONENT_FILE]))
def test_mutated_component_files(spec: Any) -> None:
    verdict(tree(spec), "components")


def test_every_pair_of_keys() -> None:
    """All pairs of keys of a task or component, with the schema's examples, combined with each kind of action."""
    for title in ("task", "component"):
        properties = document()["$defs"][title]["properties"]
        for first, second in combinations(properties, 2):
            body = {key: properties[key]["examples"][0] for key in (first, second)}
            for more in ({}, {"command": ["a"]}, {"script": "a"}, {"uses": "a"}):
                group = (
                    {"tasks": {"t": {**more, **body}}} if title == "task" else {"components": {"c": {**more, **body}}}
                )
                verdict(tree({**MINIMAL, **group}))


def test_every_kind_of_value_at_every_place() -> None:
    """Values of every kind replace each node of the full spec, systematically rather than at random."""
    seen = {True: 0, False: 0}
    choices = [*LEAVES, [], {}, ["a"], {"a": "b"}, [[]]]
    for number, at in enumerate(paths(FULL)):
        for value in choices[number % 7 :: 7]:
            seen[verdict(tree(put(around(at), at, lambda _, value=value: value)))] += 1
    assert min(seen.values()) > 100


@pytest.mark.parametrize(
    ("text", "accepted"),
    [("3.3", True), ("3.30", False), ("3", False), ("3.0", True), ('"3.3"', True), ("33e-1", False)],
)
def test_a_version_is_judged_by_its_spelling(text: str, accepted: bool) -> None:
    head = "apiVersion: dagwright/v1\nname: a\ntasks: {t: {command: [a]}}\n"
    node = read(head + f"targets: {{airflow: {{version: {text}}}}}\n")
    assert verdict(node) is accepted


def test_a_large_file_is_judged_where_it_is_refused() -> None:
    """The accepted tasks do not reach the library, and the verdict is the same as on the whole file."""
    spec = {**MINIMAL, "tasks": {f"t{n}": {"command": ["x"], "retry": {"limit": 1}} for n in range(50)}}
    spec["tasks"]["bad name"] = {"command": ["x"]}
    spec["tasks"]["t7"] = {"command": []}
    found = judge(tree(spec), "pipeline")
    assert found.keywords == {("tasks", "t7", "command"): {"minItems"}}
    assert found.names == {("tasks",): {"bad name"}}
    assert judge(tree({**spec, "tasks": {}}), "pipeline").keywords == {("tasks",): {"minProperties"}}
    assert judge(tree({**MINIMAL, "odd": 1}), "pipeline").keywords == {(): {"additionalProperties"}}


def test_a_deep_file_is_judged() -> None:
    """The deepest file that `--max-depth` can allow."""
    patch = "[" * 240 + "]" * 240
    head = "apiVersion: dagwright/v1\nname: d\ntasks: {t: {comand: [x]}}\n"
    text = f"{head}targets: {{argo: {{patch: {{a: {patch}}}}}}}\n"
    node = parse(Source("pipeline.yaml", text), Budgets(max_depth=250), Report())
    assert node is not None
    assert verdict(node) is False
