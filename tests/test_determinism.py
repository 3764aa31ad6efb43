"""The same spec gives the same bytes for any hash seed, locale, time zone and folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

CASES = ("params", "fan_out_artifacts", "component_file", "schedule", "expressions", "containers", "finally")
SETTINGS = (
    {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Kiritimati"},
)


def compile_all(folder: Path, out: Path, settings: dict[str, str]) -> dict[str, bytes]:
    command = [sys.executable, "-m", "dagwright", "compile", ".", "-o", str(out), "-t", "airflow,argo,local"]
    subprocess.run(command, cwd=folder, env={**os.environ, **settings}, check=True, capture_output=True)
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def test_same_bytes(root: Path, tmp_path: Path) -> None:
    results = []
    for number, settings in enumerate(SETTINGS):
        folder = tmp_path / f"copy{number}" / ("deep" * number or "flat")
        for case in CASES:
            shutil.copytree(
                root / "tests" / "golden" / case,
                folder / case,
                ignore=shutil.ignore_patterns("airflow", "argo", "local"),
            )
        results.append(compile_all(folder, tmp_path / f"out{number}", settings))
    assert len(results[0]) == 3 * len(CASES)
    assert results[0] == results[1]


def test_no_path_of_the_machine(root: Path, tmp_path: Path) -> None:
    made = compile_all(root / "tests" / "golden" / "params", tmp_path / "out", {})
    here = [os.getcwd().encode(), str(root).encode(), str(tmp_path).encode()]
    for name, data in made.items():
        assert not [path for path in here if path in data], name
