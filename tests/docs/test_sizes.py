"""docs/sizes.md and docs/exit-codes.md have the same numbers as the code."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from dagwright.cli import exits
from dagwright.expressions.compile import MAX_NODES
from dagwright.expressions.parse import MAX_LENGTH
from dagwright.lower import fan_out, scripts
from dagwright.lower.scalars import LONGEST
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.runtime import main, session
from dagwright.runtime.signals import _STOPPING as STOPPING
from dagwright.runtime.step import ELEMENT_LIMIT, VALUE_LIMIT
from dagwright.schema.rules import document

LIMITS = {
    "size of a file": DEFAULT_BUDGETS.max_bytes,
    "collections inside one another": DEFAULT_BUDGETS.max_depth,
    "keys, values and collections": DEFAULT_BUDGETS.max_nodes,
    "characters of one text": DEFAULT_BUDGETS.max_scalar,
    "characters of the name of a pipeline": document()["properties"]["name"]["maxLength"],
    "characters of the name of a task": document()["$defs"]["name"]["maxLength"],
    "instances of a fan-out": fan_out.MAX_INSTANCES,
    "bytes of a script": scripts.MAX_BYTES,
    "characters of an expression": MAX_LENGTH,
    "parts of a text": MAX_NODES,
    "days of a duration": LONGEST.days,
    "bytes of an output": VALUE_LIMIT,
    "bytes of one argument": ELEMENT_LIMIT,
}


def test_the_limits_are_those_of_the_code(root: Path) -> None:
    page = (root / "docs" / "sizes.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([a-z][^|]+) \| ([\d,]+) \|", page, re.MULTILINE))
    assert len(rows) == len(LIMITS)
    for what, number in LIMITS.items():
        found = [shown for row, shown in rows.items() if row.startswith(what)]
        assert found == [f"{number:,}"], what


def exit_codes(root: Path) -> dict[int, str]:
    page = (root / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    return {int(code): text for code, text in re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE)}


def test_every_exit_code_is_described(root: Path) -> None:
    of_commands = {value for name, value in vars(exits).items() if name.isupper()}
    of_scripts = {value for module in (main, session) for name, value in vars(module).items() if name[:5] == "EXIT_"}
    of_scripts.remove(session.EXIT_SIGNAL)
    of_signals = {session.EXIT_SIGNAL + number for number in STOPPING}
    assert set(exit_codes(root)) == of_commands | of_scripts | of_signals
    page = (root / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"A generated script uses ([\d, and]+)\.", page)
    assert {int(code) for code in re.findall(r"\d+", told)} == of_scripts | of_signals


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_is_named(number: int, root: Path) -> None:
    assert signal.Signals(number).name in exit_codes(root)[128 + number]
