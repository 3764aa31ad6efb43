"""Samples of tests: each commit runs the next part, so a few commits in a row run all tests."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

from .marked import FULL, TITLES

PARTS = 5
TAKEN = pytest.StashKey[dict[tuple[str, str], str]]()  # the samples of this run
HERE = Path(__file__).parent

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """One of several parts, numbered from 0."""

    part: int
    parts: int

    def of(self, found: Sequence[T]) -> Sequence[T]:
        """The members of this part; each member is in exactly one part."""
        return found[self.part :: self.parts]

    def __str__(self) -> str:
        return f"sample {self.part + 1} of {self.parts}"


def sampled(config: pytest.Config, found: Sequence[T], what: str, engines: Sequence[str]) -> Sequence[T]:
    """The members in this run; the summary shows the sample if its engines are requested."""
    if FULL in config.option.engines:
        return found
    part = Sample(commit() % PARTS, PARTS)
    taken = part.of(found)
    if engines and config.option.engines.issuperset(engines):
        titles = " and ".join(TITLES[name] for name in engines)
        config.stash.setdefault(TAKEN, {})[titles, what] = f"{part}, {len(taken)} of {len(found)} {what}"
    return taken


@cache
def commit() -> int:
    """The number of this commit: the count of commits before it, or its hash in a shallow clone; 0 without Git."""
    try:
        if git("rev-parse", "--is-shallow-repository") == "false":
            return int(git("rev-list", "--count", "HEAD"))
        return int(git("rev-parse", "HEAD"), 16)
    except (OSError, subprocess.CalledProcessError):
        return 0


def git(*arguments: str) -> str:
    command = ["git", "-C", str(HERE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
