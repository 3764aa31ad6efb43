"""The language reference matches the current schema."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from dagwright.backends.registry import fragments
from dagwright.resources import resource
from dagwright.schema.layout import layout
from dagwright.schema.published import FOR_EDITORS, editor_schema
from dagwright.schema.reference import reference, sections
from dagwright.schema.rules import SCHEMA, document
from dagwright.schema.targets import with_targets


def test_the_published_schema_contains_the_settings_of_the_backends(bless: bool) -> None:
    file = resource(*SCHEMA)
    composed = layout(with_targets(json.loads(file.read_text(encoding="utf-8")), fragments()))
    if bless:
        file.write_text(composed, encoding="utf-8")
        document.cache_clear()
    assert file.read_text(encoding="utf-8") == composed, "run: pytest tests/schema/test_reference.py --bless"


def test_the_page_is_current(root: Path, bless: bool) -> None:
    page = root / "docs" / "reference.md"
    if bless:
        page.parent.mkdir(exist_ok=True)
        page.write_text(reference(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == reference(), "run: pytest tests/schema --bless"


def test_the_schema_for_editors_is_current(root: Path, bless: bool) -> None:
    file = root.joinpath(*FOR_EDITORS)
    if bless:
        file.parent.mkdir(exist_ok=True)
        file.write_text(editor_schema(document()), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == editor_schema(document()), "run: pytest tests/schema --bless"


WITH_VARS = """
apiVersion: dagwright/v1
name: demo-${{ vars.env }}
vars: {env: dev, count: 3, on: true, regions: [eu, us]}
schedule: {cron: "0 3 * * *", catchup: "${{ vars.on }}"}
defaults: {retry: {limit: "${{ vars.count }}", delay: "${{ vars.count }}s"}, resources: {gpu: "${{ vars.count }}"}}
targets: {argo: {namespace: "ml-${{ vars.env }}"}}
tasks:
  a: {command: [echo, "${{ matrix.r }}"], matrix: {r: "${{ vars.regions }}"}, max_parallel: "${{ vars.count }}"}
"""


def test_editors_accept_references_to_vars_and_refuse_other_texts() -> None:
    judge = Draft202012Validator(json.loads(editor_schema(document())))
    read = YAML(typ="safe", pure=True).load
    assert not list(judge.iter_errors(read(WITH_VARS)))
    for name in re.findall(r"\$\{\{ vars.*?\}\}", WITH_VARS):
        assert not judge.is_valid(read(WITH_VARS.replace(name, "${{ params.x }}"))), name


def test_every_mapping_with_keys_has_a_section() -> None:
    with_keys = {name for name, schema in document()["$defs"].items() if "properties" in schema}
    assert with_keys <= {name for name, _ in sections()}


def test_every_key_is_on_the_page() -> None:
    page = reference()
    for schema in [document(), *document()["$defs"].values()]:
        for key in schema.get("properties", {}):
            assert f"| `{key}` |" in page
