"""The parts of modules that a generated file gets."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from dagwright.printing.inline import inline

SOURCE = '''"""A module."""

from __future__ import annotations

import json
import os


class Reader:
    """Reads."""

    def __init__(self, path: str) -> None:
        self.path = path

    def text(self) -> str:
        return open(self.path).read()

    def data(self) -> object:
        return json.loads(self.text())


class Writer:
    """Writes."""

    def text(self) -> str:
        return os.getcwd()

    def other(self) -> str:
        return self.text()


def known(reader: Reader) -> str:
    return reader.text()


def local(value) -> str:
    writer: Writer = value
    return writer.other(), Reader


def unknown(value) -> str:
    return value.text(), Reader, Writer


def first(text: str) -> str:
    return text


def second(text: str) -> str:
    return json.dumps(text)


# Functions for texts.
# By name.
TABLE: dict[str, object] = {
    "first": first,
    "second": second,
    # Both.
    "both": lambda text: first(second(text)),
}


def use(name: str) -> object:
    return TABLE[name]
'''


def copied(*roots: str, rows: Mapping[str, Collection[str]] | None = None) -> str:
    return inline({"m": SOURCE}, roots, rows=rows).body.text


def test_a_method_is_found_by_the_class_of_an_annotated_name() -> None:
    text = copied("known")
    assert "class Reader" in text
    assert text.count("def text") == 1
    assert "def data" not in text
    assert "class Writer" not in text


def test_the_class_of_self_and_of_a_local_name_is_known() -> None:
    text = copied("local")
    assert "def other" in text
    assert text.index("def text") > text.index("class Writer")
    assert text.count("def text") == 1


def test_a_method_of_an_unknown_object_is_that_of_every_class() -> None:
    assert copied("unknown").count("def text") == 2


def test_a_table_is_whole_if_no_rows_are_asked_for() -> None:
    text = copied("use")
    assert "def first" in text
    assert "def second" in text
    assert '    "second": second,\n    # Both.\n' in text


@pytest.mark.parametrize(
    ("keys", "table"),
    [
        ({"first"}, 'TABLE: dict[str, object] = {\n    "first": first,\n}\n'),
        (set(), "TABLE: dict[str, object] = {}\n"),
    ],
)
def test_only_the_rows_that_are_asked_for_are_copied(keys: set[str], table: str) -> None:
    text = copied("use", rows={"TABLE": keys})
    assert "# Functions for texts.\n# By name.\n" + table in text
    assert ("def first" in text) == ("first" in keys)
    assert "def second" not in text
