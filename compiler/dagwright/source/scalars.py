"""The YAML 1.2 core schema: values of unquoted scalars. `no`, `on`, `12:30`, `1_000` and dates are text."""

from __future__ import annotations

import re

WORDS: dict[str, object] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip

_WORD_STARTS = "~nNtTfF"
NUMBER_STARTS = frozenset("-+.0123456789")
MAX_DIGITS = 400  # digits of an integer; Python's own limit is a few thousand, and no pipeline needs that many

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASES = {"0o": 8, "0x": 16}


def number(text: str) -> object:
    """The int or float written in the text, else the text itself.

    A float beyond the range of doubles is infinite, and so is an integer of more than `MAX_DIGITS` digits.
    """
    if _INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            return float("-inf" if text[0] == "-" else "inf")
        base = _BASES.get(text[:2])
        return int(text[2:], base) if base else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def core_value(text: str) -> object:
    """The YAML 1.2 core value of an unquoted scalar: None, bool, int, float or str."""
    if not text:
        return None
    first = text[0]
    if first in NUMBER_STARTS:
        return number(text)
    return WORDS.get(text, text) if first in _WORD_STARTS else text
