"""The backends by name. Each backend is imported at its first use."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import cast

from dagwright.backends.support import Backend

BACKENDS: dict[str, str] = {
    "airflow": "dagwright.backends.airflow",
    "argo": "dagwright.backends.argo",
    "local": "dagwright.backends.local",
}


@cache
def backend(name: str) -> Backend:
    """The backend of a target: the `BACKEND` of its package."""
    return cast(Backend, import_module(BACKENDS[name]).BACKEND)
