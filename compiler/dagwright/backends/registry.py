"""The backends by name. Each backend is imported at its first use, and its settings without the rest of it."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:  # the command line reads the names at each start
    from dagwright.backends.backend import Backend
    from dagwright.diagnostics.model import Report
    from dagwright.source.tree import Node

# A package has the modules `backend` (with `BACKEND`) and `settings` (with `read`).
BACKENDS: dict[str, str] = {
    "airflow": "dagwright.backends.airflow",
    "argo": "dagwright.backends.argo",
    "local": "dagwright.backends.local",
}


@cache
def backend(name: str) -> Backend:
    """The backend of a target."""
    return cast("Backend", import_module(f"{BACKENDS[name]}.backend").BACKEND)


def read_target(name: str, node: Node, report: Report) -> object:
    """The settings of a target, from its valid node."""
    return cast(object, import_module(f"{BACKENDS[name]}.settings").read(node, report))
