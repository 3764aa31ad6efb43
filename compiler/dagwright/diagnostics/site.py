"""Addresses of the documentation that messages name. They stay the same."""

from __future__ import annotations

SITE = "https://dagwright.dev"
LIMITS = f"{SITE}/limits/"


def address(code: str) -> str:
    """The page of a diagnostic."""
    return f"{SITE}/diagnostics/{code}/"
