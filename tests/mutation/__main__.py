"""`python -m tests.mutation --sample N --seed S [--package P]`: small changes of the compiler that no test notices.

Works on a copy of the project. Each mutant is given to the tests of its package, without engines; the first failure
kills it. Prints the survivors and a table. A survivor either changes nothing that a user can see, or a test is missing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the engines are in a folder beside this package

from engines.processes import owned

from .mutants import Mutant, mutants, sample

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = Path("compiler/dagwright")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", ".hypothesis", ".dagwright", "dist")
LIMIT = 900  # seconds for the tests of one mutant: one that hangs is killed

# Only a real Airflow runs these.
LEFT_OUT = {SOURCES / "backends/airflow" / name for name in ("runtime.py", "pods.py")}

# The tests of each package, the quick ones first. The longest path that fits counts. Goldens hold the text of the
# runtime, where every change is a difference that would be blessed: they do not judge the runtime.
GOLDEN = ("tests/golden", "tests/diagnostics")
TESTS: dict[str, Sequence[str]] = {
    "": (*GOLDEN, "tests/cli", "tests/test_no_silent_drop.py"),
    "backends": (*GOLDEN, "tests/test_no_silent_drop.py", "tests/conformance", "tests/docs/test_targets.py"),
    "backends/airflow": (*GOLDEN, "tests/airflow", "tests/test_no_silent_drop.py", "tests/docs/test_targets.py"),
    "backends/argo": (*GOLDEN, "tests/argo", "tests/test_no_silent_drop.py", "tests/docs/test_targets.py"),
    "backends/local": (*GOLDEN, "tests/runtime", "tests/test_no_silent_drop.py"),
    "cli": ("tests/cli", "tests/test_explanations.py", "tests/rendering", "tests/docs"),
    "diagnostics": ("tests/rendering", "tests/diagnostics", "tests/test_explanations.py", "tests/cli"),
    "expressions": ("tests/expressions", *GOLDEN, "tests/docs/test_expressions.py", "tests/argo"),
    "graph": ("tests/cli", "tests/docs"),
    "ir": (*GOLDEN, "tests/expressions", "tests/test_no_silent_drop.py", "tests/schema", "tests/conformance"),
    "lower": (*GOLDEN, "tests/test_no_silent_drop.py", "tests/conformance", "tests/schema"),
    "passes": ("tests/diagnostics", "tests/schema", "tests/conformance", "tests/argo"),
    "printing": (*GOLDEN, "tests/expressions", "tests/argo", "tests/airflow"),
    "runtime": ("tests/expressions", "tests/runtime", "tests/cli", "tests/conformance"),
    "schedule": ("tests/schema", "tests/diagnostics", "tests/cli"),
    "schema": ("tests/schema", "tests/diagnostics", "tests/cli"),
    "source": ("tests/reading", "tests/diagnostics", "tests/rendering", "tests/cli"),
}


def main() -> int:
    options = parser().parse_args()
    packages = options.package or list(TESTS)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dagwright-mutation-") as scratch:
        copy = Path(scratch, "project")
        shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
        chosen = sample(all_mutants(copy, packages), options.sample, options.seed)
        for package in sorted({package_of(mutant.path) for mutant in chosen}):
            complaint = failure(copy, package)
            if complaint:
                print(
                    f"error: the tests of {package or 'dagwright'} fail without a mutant\n{complaint}", file=sys.stderr
                )
                return 2
        found: Counter[tuple[str, bool]] = Counter()
        for mutant in chosen:
            killed = is_killed(copy, mutant)
            found[package_of(mutant.path), killed] += 1
            word = "killed  " if killed else "SURVIVED"
            print(f"{word} {mutant.shown((copy / mutant.path).read_bytes())}", flush=True)
    print_table(found)
    print(f"{len(chosen)} mutants, seed {options.seed}, {time.monotonic() - started:.0f} s")
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="python -m tests.mutation", description="Find out what no test would notice.")
    found.add_argument("--sample", type=int, default=20, metavar="N", help="how many mutants (20)")
    found.add_argument("--seed", type=int, default=0, metavar="S", help="which ones: other ones with another number")
    found.add_argument("--package", action="append", choices=[*filter(None, TESTS)], help="only of this package")
    return found


def all_mutants(copy: Path, packages: Sequence[str]) -> Iterable[Mutant]:
    for file in sorted((copy / SOURCES).rglob("*.py")):
        path = file.relative_to(copy)
        if path not in LEFT_OUT and package_of(path) in packages:
            yield from mutants(path, file.read_bytes())


def package_of(path: Path) -> str:
    """The longest key of `TESTS` that is a folder above the file."""
    folders = [parent.as_posix() for parent in path.relative_to(SOURCES).parents if parent != Path()]
    return next((folder for folder in folders if folder in TESTS), "")


def is_killed(copy: Path, mutant: Mutant) -> bool:
    """Whether a test fails for a mutant in the copy."""
    file = copy / mutant.path
    source = file.read_bytes()
    file.write_bytes(mutant.apply(source))
    try:
        return bool(failure(copy, package_of(mutant.path)))
    finally:
        file.write_bytes(source)


def failure(copy: Path, package: str) -> str:
    """The last lines of the tests of a package in the copy, which end with the first failure; empty if all pass."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", *TESTS[package]]
    env = {**os.environ, "PYTHONPATH": str(copy / "compiler"), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile() as output:
        streams = {"stdout": output, "stderr": output}
        try:
            with owned(command, cwd=copy, env=env, stdin=subprocess.DEVNULL, **streams) as process:
                if process.wait(LIMIT) == 0:
                    return ""
        except subprocess.TimeoutExpired:
            return f"not ended after {LIMIT} s"
        output.seek(0)
        return output.read()[-3000:].decode(errors="replace")


def print_table(found: Counter[tuple[str, bool]]) -> None:
    print(f"\n{'package':<18}{'killed':>8}{'survived':>10}{'score':>8}")
    packages = sorted({package for package, _ in found})
    rows = [(package or "dagwright", found[package, True], found[package, False]) for package in packages]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for name, killed, survived in rows:
        print(f"{name:<18}{killed:>8}{survived:>10}{killed / max(killed + survived, 1):>8.0%}")


if __name__ == "__main__":
    sys.exit(main())
