"""The YAML printer: readers of YAML 1.1 and YAML 1.2 read back the printed data."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from dagwright.printing.yaml import document, documents, scalar

# Words that some readers do not read as text, and text that needs care in YAML.
HOSTILE = (
    "", " ", "  x", "x ", "\t", "\n", "\n\n", "a\n", "a\n\n", "a\nb", "a\n b\n", " a\nb", "\ta\nb", "a\n\n\nb\n",
    "a\n \nb", "a\nb ", "a\nb\t\n", "y", "n", "Y", "No", "on", "OFF", "null", "Null", "~", "True", "1", "1.0", "1e3",
    "0o17", "017", "0x1f", "0b1", "1_000", "12:30", "190:20:30", "1:30", ".inf", "-.INF", ".nan", "2001-01-01",
    "2001-12-14t21:59:43.10-05:00", "-", "- a", "?", "? a", ":", "a: b", "a:", ":a", "#", "a #b", "#a", "a#b",
    "!", "!!str a",
    "&a", "*a", "%", "%YAML 1.2", "@a", "`a", "'", "\"", "a'b", "\\", "a\\nb", "{", "}", "{a}", "[", "]", ",",
    "|", ">",
    "|\n", "---", "--- a", "...", "...\n", "---\na", "a\n---\nb", "a\n...\nb\n", "<<", "=", "\r", "a\rb",
    "a\r\nb", "\x00", "\x07",
    "\x1b[31m", "\x7f", "\x85", "a\x85b\n", "\u2028", "a\u2029b", "\ufeff", "a\ufeff\nb", "\ufffe", "\uffff",
    "\U0001f600",
    "\U0001f600\n\U0001f600\n", "é", "日本\n語\n", "{{x}}", "{{=1}}", "$(X)", "#!/bin/sh\nset -e\necho \"$X\"\n",
    "a\n#b\n", "x" * 5000,
    "x " * 900, "key: |\n  a\n", "a\n\tb\n", "1.", "+1", "-1", "e1", "0", "08", "null ", "a\n\n", "\x0b", "\x0c",
)  # fmt: skip

TEXT = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"])), st.text("ab \n\t:#-'\"\\{}|>")
)
SCALARS = st.one_of(
    TEXT, st.booleans(), st.none(), st.integers(-(2**63), 2**64), st.floats(allow_nan=False, allow_infinity=False)
)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(TEXT.map(lambda t: t[:200]), inner, max_size=4)
    ),
    max_leaves=25,
)


def read_11(text: str) -> Any:
    return pyyaml.load(text, Loader=getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader))


def read_12(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    return reader.load(io.StringIO(text))


def _floats_as_text(value: Any) -> Any:
    """YAML 1.1 reads `1e+16` as text; manifests contain no floats, so only the digits are compared."""
    if isinstance(value, dict):
        return {key: _floats_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats_as_text(item) for item in value]
    return repr(value) if isinstance(value, float) else value


@pytest.mark.parametrize("text", HOSTILE)
def test_every_hostile_string_survives_everywhere(text: str) -> None:
    key = text[:200]
    for data in ({key: text}, [text, [text]], {"a": {"b": [{key: text, "c": text}]}}, text):
        printed = document(data)
        assert read_11(printed) == data
        assert read_12(printed) == data


@settings(max_examples=300, deadline=None)
@given(DATA)
def test_any_data_is_read_back_equal(data: Any) -> None:
    printed = document(data)
    printed.encode()
    assert _floats_as_text(read_11(printed)) == _floats_as_text(data)
    read = read_12(printed)
    assert read == data
    assert not isinstance(read, float) or math.isfinite(read)


def test_the_style_is_block_and_readable() -> None:
    data = {
        "kind": "Workflow",
        "args": ["sh", "-euc", "echo a\nexit 1\n"],
        "no": "no",
        "n": 3,
        "list": [{"name": "a", "value": "0.80"}, {"name": "b"}],
        "empty": {},
        "none": [],
    }
    assert document(data) == (
        "kind: Workflow\n"
        "args:\n"
        "- sh\n"
        '- "-euc"\n'
        "- |\n"
        "  echo a\n"
        "  exit 1\n"
        '"no": "no"\n'
        '"n": 3\n'
        "list:\n"
        "- name: a\n"
        '  value: "0.80"\n'
        "- name: b\n"
        "empty: {}\n"
        "none: []\n"
    )


def test_several_documents() -> None:
    printed = documents([{"a": "1"}, {"b": "---"}])
    assert list(pyyaml.safe_load_all(printed)) == [{"a": "1"}, {"b": "---"}]


def test_only_words_stand_without_quotes() -> None:
    assert [scalar(text) for text in ("main", "a b", "s3", "Yes", "12", "a: b")] == [
        "main",
        "a b",
        "s3",
        '"Yes"',
        '"12"',
        '"a: b"',
    ]
