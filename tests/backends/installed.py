"""Packages with backends, installed into a folder without a network: what an installer writes, and no more."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagwright.backends import plugins, registry

MAKEFILE_PLUGIN = Path(__file__).parent / "makefile_plugin"
_CACHES = (
    registry.backend,
    plugins.plugins,
    plugins._found,
    plugins.load,
    plugins.rule_of,
    plugins._additions,
)


def install(project: Path, site: Path) -> Path:
    """Install a project into a folder of packages."""
    described = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for package in project.glob("*/__init__.py"):
        shutil.copytree(package.parent, site / package.parent.name, ignore=shutil.ignore_patterns("__pycache__"))
    write_distribution(site, described["name"], described["version"], described["entry-points"]["dagwright.backends"])
    return site


def write_distribution(site: Path, name: str, version: str, backends: dict[str, str]) -> None:
    """The metadata of an installed distribution with these entry points."""
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
    points = "".join(f"{target} = {package}\n" for target, package in backends.items())
    (folder / "entry_points.txt").write_text(f"[dagwright.backends]\n{points}", encoding="utf-8")


@contextmanager
def importable(site: Path) -> Iterator[None]:
    """A folder of packages on the path of this process; afterwards all is as before."""
    before = set(sys.modules)
    _forget()
    sys.path.insert(0, str(site))
    try:
        yield
    finally:
        sys.path.remove(str(site))
        for name in set(sys.modules) - before:
            if str(site) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]
        _forget()


def _forget() -> None:
    for cached in _CACHES:
        cached.cache_clear()
