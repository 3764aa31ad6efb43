"""Limits on the size of a spec, which keep hostile input harmless."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits on one file; the flag beside each limit raises it."""

    max_bytes: int = 16 * 1024 * 1024  # --max-bytes: size of the file
    max_depth: int = 32  # --max-depth: collections inside collections
    max_nodes: int = 2_000_000  # --max-nodes: keys, values and collections, aliases counted as often as they are used
    max_scalar: int = 64 * 1024  # --max-scalar: characters of one text


DEFAULT_BUDGETS = Budgets()
