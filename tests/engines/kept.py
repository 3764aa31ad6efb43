"""The cache of the tests, for Airflow environments and the testbed, which take minutes to build."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`DAGWRIGHT_CACHE`, or `~/.cache/dagwright`."""
    return Path(os.environ.get("DAGWRIGHT_CACHE") or Path.home() / ".cache" / "dagwright")
