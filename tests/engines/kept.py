"""Where the tests keep what takes minutes to make: environments of Airflow, and the testbed."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`DAGWRIGHT_CACHE`, or `~/.cache/dagwright`."""
    return Path(os.environ.get("DAGWRIGHT_CACHE") or Path.home() / ".cache" / "dagwright")
