"""Generated parts of Markdown pages, between `<!-- NAME:begin -->` and `<!-- NAME:end -->`."""

from __future__ import annotations

import re
from pathlib import Path


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name}:begin -->\n)(.*?)(<!-- {name}:end -->)", re.DOTALL)


def block(text: str, name: str) -> str:
    """The content of a block."""
    found = _pattern(name).search(text)
    assert found, f"the page has no block `{name}`"
    return found[2]


def with_block(text: str, name: str, content: str) -> str:
    """The page with another content of the block."""
    assert _pattern(name).search(text), f"the page has no block `{name}`"
    return _pattern(name).sub(lambda found: f"{found[1]}{content.rstrip()}\n{found[3]}", text)


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


def assert_current(page: Path, expected: str, bless: bool) -> None:
    """Compare a page with its expected text, or rewrite it."""
    if bless:
        page.write_text(expected, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == expected, "run: python -m pytest tests/docs --bless"
