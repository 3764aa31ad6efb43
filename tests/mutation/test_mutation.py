"""The program that judges mutants: what it changes, which tests it takes, and that a failure kills."""

from __future__ import annotations

import ast
import json
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from dagwright.meaning.values import canonical

from .copies import Copy, Recorded, Timed, in_turn, parts, read
from .lines import Lines, functions
from .mutants import Mutant, mutants
from .packages import LEFT_OUT, PACKAGES, ROOT, SOURCES, modules, package_of

MODULE = SOURCES / "meaning/values.py"
SMALL = b"""\
LIMIT = 3
def least(a, b):
    if a < b:
        return a
    return b
"""


def test_every_package_of_the_compiler_is_there() -> None:
    assert all((ROOT / SOURCES / name).is_dir() for name in PACKAGES if name != "dagwright")
    assert {package_of(path) for path in modules()} == set(PACKAGES)
    assert {"dagwright", "meaning", "reading", "runtime", "backends", "backends/argo"} <= set(PACKAGES)
    assert package_of(SOURCES / "backends/argo/fit/share.py") == "backends/argo"


def test_what_is_left_out_is_there() -> None:
    assert set(LEFT_OUT) <= set(modules())


def test_a_mutant_is_a_change_of_one_place() -> None:
    found = list(mutants(MODULE, SMALL))
    assert [(m.kind, m.line, m.statement, m.at_import) for m in found] == [
        ("constant", 1, range(1, 2), True),
        ("condition", 3, range(3, 4), False),
        ("comparison", 3, range(3, 4), False),
        ("return", 4, range(4, 5), False),
        ("return", 5, range(5, 6), False),
    ]
    assert [m.apply(SMALL).decode().split("\n")[m.line - 1].strip() for m in found] == [
        "LIMIT = (4)", "if (not (a < b)):", "if (a <= b):", "return None", "return None",
    ]  # fmt: skip


@pytest.mark.engine("long")
def test_every_mutant_of_a_module_is_python() -> None:
    source = (ROOT / MODULE).read_bytes()
    found = list(mutants(MODULE, source))
    assert len({m.kind for m in found}) >= 9
    for mutant in found:
        ast.parse(mutant.apply(source))


def test_the_lines_of_a_call_are_found() -> None:
    before, before_in_threads = sys.gettrace(), threading.gettrace()
    lines = Lines(functions())
    lines.start()
    try:
        canonical(1.5)
    finally:
        sys.settrace(before)
        threading.settrace(before_in_threads)  # type: ignore[arg-type]
    found = lines.take()
    first = canonical.__code__.co_firstlineno
    assert any(first < line < first + 20 for line in found["meaning/values.py"])
    assert lines.take() == {}
    assert functions()["canonical"] == ("meaning/values.py", first)


def test_a_mutant_gets_the_tests_that_run_its_lines() -> None:
    one, two, golden = Timed("tests/a.py::one", 2), Timed("tests/b.py::two", 1), Timed("tests/golden/c.py::three", 0)
    recorded = Recorded((one, two, golden), {MODULE: {3: frozenset([0, 1, 2]), 5: frozenset([0])}})
    top, condition, _, inner, last = mutants(MODULE, SMALL)
    assert recorded.tests_of(condition) == [two, one]  # goldens hold the text of this package
    assert recorded.tests_of(last) == [one]
    assert recorded.tests_of(inner) == []
    assert recorded.tests_of(top) == [two, one]
    assert recorded.tests_of(replace(condition, path=SOURCES / "lower/task.py")) == []


def test_one_test_of_each_file_comes_first() -> None:
    tests = [Timed("a::1", 1), Timed("a::2", 2), Timed("b::1", 3), Timed("c::1", 0.5)]
    assert [test.name for test in in_turn(reversed(tests))] == ["c::1", "a::1", "b::1", "a::2"]
    many = [Timed(f"a::{at}", 1) for at in range(1000)]
    assert [len(part) for part in parts(many)] == [40, 259]
    assert list(parts([])) == []


def test_only_tests_that_pass_are_kept(tmp_path: Path) -> None:
    record = {"tests": [["a::1", 1.0, False], ["a::2", 2.0, True]], "lines": {"compile.py": {"7": "0x3", "9": "0x1"}}}
    (tmp_path / "1.json").write_text(json.dumps(record))
    found = read(tmp_path)
    assert found.tests == (Timed("a::2", 2.0),)
    assert found.lines == {SOURCES / "compile.py": {7: frozenset([0]), 9: frozenset()}}


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A project with a compiler of one module, and its tests."""
    folder = tmp_path / "copy"
    (folder / SOURCES).mkdir(parents=True)
    (folder / SOURCES / "__init__.py").write_bytes(b"")
    (folder / SOURCES / "small.py").write_bytes(SMALL)
    (folder / "tests").mkdir()
    for name in ("mutation", "engines"):
        (folder / "tests" / name).symlink_to(ROOT / "tests" / name)
    (folder / "tests/test_small.py").write_text(
        "from dagwright.small import least\n"
        "def test_first(): assert least(1, 2) == 1\n"
        "def test_second():\n    while least(2, 1) != 1: pass\n"
    )
    return Copy(folder)


@pytest.mark.engine("long")
def test_a_failure_kills_and_an_endless_test_ends(copy: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Timed, "limit", 2)
    path = SOURCES / "small.py"
    first, second = (Timed(f"tests/test_small.py::test_{name}", 0) for name in ("first", "second"))
    recorded = Recorded((first, second), {path: {3: frozenset([0, 1]), 4: frozenset([0]), 5: frozenset([1])}})
    found: dict[str, Mutant] = {f"{m.kind} {m.line}": m for m in mutants(path, SMALL)}
    assert copy.judge(found["return 4"], recorded).killer == first.name
    assert copy.judge(found["return 5"], recorded).killer == second.name
    survived = copy.judge(found["comparison 3"], recorded)
    assert (survived.killer, survived.tried) == ("", 2)
    assert (copy.folder / path).read_bytes() == SMALL
