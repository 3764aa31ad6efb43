"""Addresses of the documentation that messages name. They stay the same."""

from __future__ import annotations

_SITE = "https://dagwright.dev"
LIMITS = f"{_SITE}/limits/"


def address(code: str) -> str:
    """The page of a diagnostic."""
    return f"{_SITE}/diagnostics/{code}/"
