"""Plain data as YAML text with the same meaning in YAML 1.1 and 1.2.

Block style, no folding, no anchors. Only plain words are printed without quotes, since YAML 1.1 readers take `y`,
`no`, `12:30` and `1_000` for something else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias, cast

Data: TypeAlias = "Mapping[str, Data] | Sequence[Data] | str | int | float | bool | None"
"""Printable data. Keys are strings of at most 1,000 characters; floats are finite."""

_WORDS = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@-]*(?: [A-Za-z0-9_./@=-]+)*").fullmatch
_NOT_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})

# Characters that need an escape: controls, NEL, line and paragraph separators, the byte order mark, surrogates and
# the non-characters of the first plane.
_ESCAPED = "\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff"
_TO_ESCAPE = re.compile(f"[{_ESCAPED}]")
_NOT_IN_BLOCK = re.compile(f"[\x00-\x08\x0b-\x1f{_ESCAPED}]")


@lru_cache(maxsize=8192)
def scalar(text: str) -> str:
    """A string as a one-line scalar: without quotes if it is a plain word, else in double quotes."""
    if _WORDS(text) and text.lower() not in _NOT_WORDS:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return _TO_ESCAPE.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _is_block(text: str) -> bool:
    """Whether a literal block (`|`) keeps the text exactly, without an indentation indicator."""
    return (
        text[0] not in " \t\n"
        and not text.endswith("\n\n")
        and text.rstrip("\n")[-1:] not in (" ", "\t")
        and not _NOT_IN_BLOCK.search(text)
    )


def _block(text: str, indent: str) -> str:
    """A literal block: `|` and the indented lines of the text; empty lines stay empty."""
    sign = "|" if text.endswith("\n") else "|-"
    lines = (indent + line if line else "" for line in text.removesuffix("\n").split("\n"))
    return sign + "\n" + "\n".join(lines)


def _inline(value: Data, indent: str) -> str | None:
    """The text of a value on the line of its `key:` or `-`, or None for a non-empty mapping or sequence."""
    if isinstance(value, str):
        return _block(value, indent) if "\n" in value and _is_block(value) else scalar(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if not value:
        return "{}" if isinstance(value, Mapping) else "[]"
    return None


def _mapping(mapping: Mapping[str, Data], indent: str, first: str, out: list[str]) -> None:
    """Append the lines of a mapping; `first` precedes its first key, the indent all others."""
    start = first
    deeper = indent + "  "
    for key, value in mapping.items():
        text = _inline(value, deeper)
        if text is not None:
            out.append(f"{start}{scalar(key)}: {text}")
        elif isinstance(value, dict | Mapping):
            out.append(f"{start}{scalar(key)}:")
            _mapping(value, deeper, deeper, out)
        else:
            out.append(f"{start}{scalar(key)}:")
            _sequence(cast("Sequence[Data]", value), indent, indent, out)
        start = indent


def _sequence(sequence: Sequence[Data], indent: str, first: str, out: list[str]) -> None:
    """Append the lines of a sequence; the dashes are aligned with their key."""
    start = first
    deeper = indent + "  "
    for value in sequence:
        text = _inline(value, deeper)
        if text is not None:
            out.append(f"{start}- {text}")
        elif isinstance(value, dict | Mapping):
            _mapping(value, deeper, start + "- ", out)
        else:
            _sequence(cast("Sequence[Data]", value), deeper, start + "- ", out)
        start = indent


def document(value: Data) -> str:
    """One document, with a line break at its end."""
    out: list[str] = []
    text = _inline(value, "  ")
    if text is not None:
        out.append(text)
    elif isinstance(value, Mapping):
        _mapping(value, "", "", out)
    else:
        _sequence(cast("Sequence[Data]", value), "", "", out)
    return "\n".join(out) + "\n"


def documents(values: Iterable[Data]) -> str:
    """Several documents, separated by `---`."""
    return "---\n".join(document(value) for value in values)
