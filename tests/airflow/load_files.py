"""Imports every file of a folder and prints the warnings of each, as JSON. Runs inside an Airflow environment."""

from __future__ import annotations

import importlib.util
import json
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any


def load(path: Path) -> list[str]:
    """The warnings of one import, or its error."""
    spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            spec.loader.exec_module(module)
        except Exception:
            return [traceback.format_exc(limit=-3)]
    return [f"{found.category.__name__}: {found.message}" for found in caught]


def main(folder: Path) -> None:
    """Import all files twice: warnings about Airflow's own modules appear only at their first import."""
    files = sorted(folder.glob("*.py"))
    found: dict[str, Any] = {}
    for _ in range(2):
        found = {path.name: load(path) for path in files}
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
