"""The language reference matches the current schema."""

from __future__ import annotations

import json
from pathlib import Path

from dagwright.backends.registry import fragments
from dagwright.resources import resource
from dagwright.schema.layout import layout
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


def test_every_mapping_with_keys_has_a_section() -> None:
    with_keys = {name for name, schema in document()["$defs"].items() if "properties" in schema}
    assert with_keys <= {name for name, _ in sections()}


def test_every_key_is_on_the_page() -> None:
    page = reference()
    for schema in [document(), *document()["$defs"].values()]:
        for key in schema.get("properties", {}):
            assert f"| `{key}` |" in page
