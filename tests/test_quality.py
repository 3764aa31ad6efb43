"""The code rules that tools can check: format, lint, types, layers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKS = {
    "ruff check": ["ruff", "check", "--quiet", "."],
    "ruff format": ["ruff", "format", "--quiet", "--check", "."],
    "mypy": ["mypy"],
    "mypy of the runtime, as Python 3.10": ["mypy", "--python-version", "3.10", "-p", "dagwright.runtime"],
    "import-linter": ["lint-imports", "--no-cache"],
}


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str, root: Path) -> None:
    tool, *arguments = CHECKS[name]
    program = Path(sys.executable).parent / tool
    assert program.exists(), f"{tool} is not installed beside this Python: install the extra `test`"
    result = subprocess.run([str(program), *arguments], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
