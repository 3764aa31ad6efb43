"""The language reference matches the current schema."""

from __future__ import annotations

from pathlib import Path

from dagwright.schema.reference import SECTIONS, reference
from dagwright.schema.rules import document


def test_the_page_is_current(root: Path, bless: bool) -> None:
    page = root / "docs" / "reference.md"
    if bless:
        page.parent.mkdir(exist_ok=True)
        page.write_text(reference(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == reference(), "run: pytest tests/schema --bless"


def test_every_mapping_with_keys_has_a_section() -> None:
    with_keys = {name for name, schema in document()["$defs"].items() if "properties" in schema}
    assert with_keys <= {name for name, _ in SECTIONS}


def test_every_key_is_on_the_page() -> None:
    page = reference()
    for schema in [document(), *document()["$defs"].values()]:
        for key in schema.get("properties", {}):
            assert f"| `{key}` |" in page
