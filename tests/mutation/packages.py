"""The packages of the compiler, and what of them is not mutated."""

from __future__ import annotations

from collections.abc import Container, Iterator
from pathlib import Path

from .mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = Path("compiler/dagwright")
TOP = "dagwright"

# Only a real Airflow runs these.
LEFT_OUT = tuple(SOURCES / "backends/airflow" / name for name in ("runtime.py", "pods.py"))


def package_of(path: Path) -> str:
    """The package of a module, such as `lower` or `backends/argo`; `dagwright` for the modules beside the packages."""
    folders = path.relative_to(SOURCES).parts[:-1]
    return "/".join(folders[: 2 if folders[:1] == ("backends",) else 1]) or TOP


def modules(root: Path = ROOT) -> list[Path]:
    return sorted(file.relative_to(root) for file in (root / SOURCES).rglob("*.py"))


PACKAGES = sorted({package_of(path) for path in modules()})


def mutants_of(packages: Container[str], root: Path) -> Iterator[Mutant]:
    """The mutants of packages of the project in a folder."""
    for path in modules(root):
        if path not in LEFT_OUT and package_of(path) in packages:
            yield from mutants(path, (root / path).read_bytes())
