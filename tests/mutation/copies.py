"""Copies of the project, in which the tests are recorded and mutants are judged."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from engines.processes import owned

from .mutants import Mutant
from .packages import ROOT, SOURCES

NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", ".hypothesis", ".dagwright", "dist")
PROJECT = "project"  # the folder of the copy without mutants
FIRST = 40  # tests that are tried before the others
MOST = 300  # seconds of tests for one mutant
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)

# Tests that compare the text of generated files, in which every change of these packages is a difference.
HOLDS_THE_TEXT = ("tests/golden", "tests/docs", "tests/test_determinism.py")
COPIED = ("meaning", "runtime")


@dataclass(frozen=True)
class Timed:
    name: str
    seconds: float

    @property
    def file(self) -> str:
        return self.name.partition("::")[0]

    @property
    def limit(self) -> float:
        """The seconds that this test gets; another process may take the processor."""
        return 30 + 10 * self.seconds


@dataclass(frozen=True)
class Recorded:
    """The tests that pass without a mutant, and for each line the tests that run it."""

    tests: tuple[Timed, ...]
    lines: Mapping[Path, Mapping[int, frozenset[int]]]

    def tests_of(self, mutant: Mutant) -> list[Timed]:
        """The tests that run the line of a mutant; one of each file first, the quick ones first."""
        of_file = self.lines.get(mutant.path, {})
        runs = [of_file.get(line, frozenset()) for line in mutant.statement]
        if mutant.at_import:  # once, before the tests: those of the package may use it
            runs = [run for path, of in self.lines.items() if path.parent == mutant.path.parent for run in of.values()]
        found = [self.tests[at] for at in frozenset().union(*runs)]
        if mutant.path.relative_to(SOURCES).parts[0] in COPIED:
            found = [test for test in found if not test.name.startswith(HOLDS_THE_TEXT)]
        return in_turn(found)


def in_turn(tests: Iterable[Timed]) -> list[Timed]:
    by_file: dict[str, list[Timed]] = defaultdict(list)
    for test in sorted(tests, key=lambda test: (test.seconds, test.name)):
        by_file[test.file].append(test)
    ranked = ((rank, test.seconds, test.name, test) for group in by_file.values() for rank, test in enumerate(group))
    return [test for *_, test in sorted(ranked)]


@dataclass(frozen=True)
class Judged:
    """A mutant, and the test that failed for it; empty if it survived."""

    mutant: Mutant
    text: str
    tried: int
    killer: str = ""

    @property
    def killed(self) -> bool:
        return bool(self.killer)

    def __str__(self) -> str:
        if self.killed:
            return f"killed   {self.text}  [{self.killer}]"
        return f"SURVIVED {self.text}  [{self.tried} tests]"


@dataclass(frozen=True)
class Copy:
    folder: Path

    @classmethod
    def made(cls, folder: Path, number: int) -> Copy:
        place = folder / f"copy-{number}"
        if not place.exists():
            shutil.copytree(folder / PROJECT, place)
        return cls(place)

    def judge(self, mutant: Mutant, recorded: Recorded) -> Judged:
        """Whether a test fails for a mutant. The time of the file is put back, so that compiled modules stay valid."""
        file = self.folder / mutant.path
        source, status = file.read_bytes(), file.stat()
        file.write_bytes(mutant.apply(source))
        tests = recorded.tests_of(mutant)
        killer = ""
        try:
            for part in parts(tests):
                killer = killer or self.failure(part)
        finally:
            file.write_bytes(source)
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
        return Judged(mutant, mutant.shown(source), len(tests), killer)

    def failure(self, tests: list[Timed]) -> str:
        """The first of these tests that fails; empty if all pass."""
        chosen = self.folder.with_suffix(".tests")
        chosen.write_text(json.dumps({test.name: test.limit for test in tests}), encoding="utf-8")
        env = {"DAGWRIGHT_TESTS": str(chosen), "PYTHONDONTWRITEBYTECODE": "1"}
        arguments = ["-x", "-n0", "-p", "mutation.judging", *dict.fromkeys(test.file for test in tests)]
        code, output = run(self.folder, arguments, env, limit=60 + 2 * MOST)
        if code == 0:
            return ""
        failed = FAILED.search(output)
        return failed[1] if failed else output.strip().rpartition("\n")[2] or "nothing said"


def parts(tests: list[Timed]) -> Iterator[list[Timed]]:
    """A few tests, which kill most mutants, and the others, as far as there is time for them."""
    times = accumulate(test.seconds for test in tests)
    within = [test for test, seconds in zip(tests, times, strict=True) if seconds < MOST]
    yield from filter(None, (within[:FIRST], within[FIRST:]))


def run(folder: Path, arguments: list[str], env: Mapping[str, str], limit: float | None) -> tuple[int, str]:
    """The exit code and the output of pytest in a copy; -1 after the limit."""
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider", *arguments]
    path = os.pathsep.join([str(folder / "compiler"), str(folder / "tests")])
    inherited = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**inherited, "PYTHONPATH": path, **env}
    output = folder.with_suffix(".log")
    with output.open("wb") as log:
        try:
            with owned(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            ) as process:
                code = process.wait(limit)
        except subprocess.TimeoutExpired:
            code = -1
    return code, output.read_text(encoding="utf-8", errors="replace")


def record(folder: Path, tests: Sequence[str]) -> Recorded:
    """The record of the tests, of all without names, or of an earlier run if it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    files = folder / "record"
    if not (folder / "recorded").exists():
        shutil.rmtree(files, ignore_errors=True)
        shutil.rmtree(folder / PROJECT, ignore_errors=True)
        shutil.copytree(ROOT, folder / PROJECT, ignore=NOT_COPIED)
        files.mkdir()
        code, output = run(
            folder / PROJECT,
            ["-n2", "-p", "mutation.recording", *tests],
            {"DAGWRIGHT_RECORD": str(files)},
            limit=None,
        )
        if code not in (0, 1):
            sys.exit(f"error: the tests do not run\n{output[-3000:]}")
        (folder / "recorded").touch()
    return read(files)


def read(files: Path) -> Recorded:
    tests: list[Timed] = []
    lines: dict[Path, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for file in sorted(files.glob("*.json")):
        found = json.loads(file.read_text(encoding="utf-8"))
        place: dict[int, int] = {}
        for bit, (name, seconds, passed) in enumerate(found["tests"]):
            if passed:
                place[bit] = len(tests)
                tests.append(Timed(name, seconds))
        for path, masks in found["lines"].items():
            for line, mask in masks.items():
                bits = int(mask, 16)
                lines[SOURCES / path][int(line)].update(at for bit, at in place.items() if bits >> bit & 1)
    return Recorded(tuple(tests), {p: {n: frozenset(s) for n, s in of.items()} for p, of in lines.items()})
