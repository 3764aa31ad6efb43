"""Words of the user's inside of messages."""

from __future__ import annotations


def echoed(text: str, longest: int) -> str:
    """A word between backticks: nothing invisible and no backtick in it, and cut where it is too long."""
    visible = "".join(c if c.isprintable() and c != "`" else "?" for c in text[:longest])
    return visible if len(text) <= longest else visible + "…"
