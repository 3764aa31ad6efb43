"""Words of the user in messages."""

from __future__ import annotations


def echoed(text: str, longest: int) -> str:
    """A word for use between backticks: without invisible characters and backticks, and shortened if too long."""
    visible = "".join(c if c.isprintable() and c != "`" else "?" for c in text[:longest])
    return visible if len(text) <= longest else visible + "…"
