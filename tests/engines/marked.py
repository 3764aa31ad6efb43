"""Engines that a test needs, by its marker `engine`, and engines requested for a run, by `--engines`."""

from __future__ import annotations

import argparse
import os

import pytest

TITLES = {
    "airflow-3.3": "Airflow 3.3.2",
    "airflow-2.11": "Airflow 2.11.2",
    "argo": "Argo Workflows " + os.environ.get("DAGWRIGHT_ARGO", "4.0.2").removeprefix("v"),
    "editors": "the YAML language server of VS Code and Neovim",
    "argo-libraries": "expr-lang and robfig/cron, libraries of Argo,",
    "installers": "pip, pipx, uv and pre-commit",
    "long": "the long suites",
}
ALL = frozenset(TITLES)
FULL = "full"

# The engines that the running test is marked with; None outside of tests, where all engines are allowed.
running: frozenset[str] | None = None


def asked(text: str) -> frozenset[str]:
    """The engines for a value of `--engines`: `airflow` means all its versions, `full` all engines without samples."""
    if text == FULL:
        return ALL | {FULL}
    found = {word: {name for name in TITLES if name == word or name.startswith(f"{word}-")} for word in text.split(",")}
    unknown = sorted(word for word, names in found.items() if not names)
    if unknown:
        known = ", ".join([*TITLES, FULL])
        raise argparse.ArgumentTypeError(f"no engine is called {', '.join(unknown)}; there are {known}; paths go first")
    return frozenset().union(*found.values())


def engines_of(item: pytest.Item) -> frozenset[str]:
    """The engines that a test needs."""
    found = frozenset(name for mark in item.iter_markers("engine") for name in mark.args)
    assert found <= ALL, f"{item.nodeid} needs an engine that is not known: {sorted(found - ALL)}"
    return found


def use(name: str) -> None:
    """Raise an error if the running test is not marked with the engine, so a run without `--engines` builds nothing."""
    assert running is None or name in running, f"mark this test with `engine({name!r})`: it uses {TITLES[name]}"
