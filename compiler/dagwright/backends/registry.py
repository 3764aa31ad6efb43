"""The backends by name. Each backend is imported at its first use, and its settings without the rest of it.

The built-in backends are in a table, because looking for entry points takes longer than many a command. The entry
points, and with them the backends of other packages, are read only if a command or a spec names another target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:  # the command line reads the names at each start
    from dagwright.backends.backend import Backend
    from dagwright.diagnostics.model import Report
    from dagwright.diagnostics.words import Words
    from dagwright.schema.targets import Additions
    from dagwright.source.tree import Node, Scalar

# The entry points of this package, in `pyproject.toml`: target → package. `plugins.py` describes such a package.
BACKENDS: dict[str, str] = {
    "airflow": "dagwright.backends.airflow",
    "argo": "dagwright.backends.argo",
    "local": "dagwright.backends.local",
}


@cache
def backend(name: str) -> Backend:
    """The backend of a target. Raises PluginError for a backend of another package that cannot be used."""
    if name in BACKENDS:
        return cast("Backend", import_module(f"{BACKENDS[name]}.backend").BACKEND)
    from dagwright.backends.plugins import load, plugin

    return load(plugin(name))


def read_target(name: str, node: Node, report: Report) -> object:
    """The settings of a target, from its valid node."""
    if name in BACKENDS:
        return cast(object, import_module(f"{BACKENDS[name]}.settings").read(node, report))
    from dagwright.backends.plugins import plugin, read_settings

    return read_settings(plugin(name), node, report)


def is_target(name: str) -> bool:
    """Whether a backend has this name."""
    return name in BACKENDS or name in all_names()


def all_names() -> tuple[str, ...]:
    """All targets, the built-in ones first, whether or not their backends can be used."""
    from dagwright.backends.plugins import plugins

    return (*BACKENDS, *plugins())


def page(name: str) -> str | None:
    """The documentation of a target, Markdown. Raises PluginError."""
    if name in BACKENDS:
        from dagwright.backends import package

        return package.page(name, BACKENDS[name])
    from dagwright.backends.plugins import page_of, plugin

    return page_of(plugin(name))


def usable_names(report: Report) -> tuple[str, ...]:
    """All targets, the built-in ones first. A backend that cannot be used is reported (W660) and left out."""
    from dagwright.backends.plugins import usable

    return (*BACKENDS, *usable(report))


def fragments(names: Iterable[str] = tuple(BACKENDS)) -> dict[str, dict[str, Any]]:
    """The schemas of the settings of these targets, whose backends can be used."""
    from dagwright.backends.package import fragment

    packages = dict(BACKENDS)
    if not BACKENDS.keys() >= set(names):
        from dagwright.backends.plugins import plugins

        packages |= {name: found.package for name, found in plugins().items()}
    return {name: fragment(packages[name]) for name in names}


def additions(named: Mapping[str, Scalar], report: Report) -> Additions:
    """The additions of backends to the language, for a spec with these keys below `targets`.

    Reports each target whose backend cannot be used (E660).
    """
    others = {name: key for name, key in named.items() if name not in BACKENDS}
    if not others:
        return _built_in()
    from dagwright.backends.plugins import additions_of_plugins

    return additions_of_plugins(others, report)


@cache
def _built_in() -> Additions:
    from dagwright.schema.targets import Additions

    return Additions(words=_built_in_words)


@cache
def _built_in_words() -> Words:
    return words(BACKENDS)


def words(packages: Mapping[str, str]) -> Words:
    """The words of other tools that the language and the backends know; `packages` are those of the backends."""
    from dagwright.backends.package import words_of
    from dagwright.diagnostics.words import LANGUAGE

    found = LANGUAGE
    for target, package in packages.items():
        found = found.joined(words_of(target, package))
    return found
