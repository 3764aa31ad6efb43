"""Characters that a reviewer cannot see, or that make a file look different from the text that a machine reads.

They are refused everywhere, also in comments and as escapes (`"\\u202e"`). Allowed are tabs, line feeds, joiners
between two non-ASCII characters (emoji, Persian, Hindi), and one variation selector after a non-ASCII character or
the base of a keycap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ALWAYS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls; U+0085 is a line break to some readers
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"  # invisible, or direction marks
    "\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
    "\ud800-\udfff"  # surrogates, which no file can contain
)
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_JOINERS = "\u200c\u200d"
_SPACES = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

_HIDDEN = re.compile(
    f"[{_ALWAYS}]"
    f"|\\r(?!\\n)"
    f"|(?<![^\\x00-\\x7f])[{_JOINERS}]|[{_JOINERS}](?![^\\x00-\\x7f])|(?<=[{_JOINERS}])[{_JOINERS}]"
    f"|(?<![^\\x00-\\x22\\x24-\\x29\\x2b-\\x2f\\x3a-\\x7f])[{_SELECTORS}]|(?<=[{_SELECTORS}{_JOINERS}])[{_SELECTORS}]"
)
# A character that looks like a space but is not a space in YAML: in an indentation or after an indicator.
_FALSE_SPACE = re.compile(
    f"(?:(?<=\n)|(?<![\\s\\S])) *([{_SPACES}])|(?<=[:,\\[{{]) *([{_SPACES}])|(?<=\n) *-([{_SPACES}])"
)

_SUSPICIOUS = re.compile(f"[{_ALWAYS}{_SELECTORS}{_JOINERS}{_SPACES}]")

_HARMLESS_BYTES = bytes([9, 10, *range(0x20, 0x7F)])

_CONTROL_NAMES = {
    0x00: "NULL", 0x07: "BELL", 0x08: "BACKSPACE", 0x0B: "VERTICAL TAB", 0x0C: "FORM FEED", 0x0D: "CARRIAGE RETURN",
    0x1B: "ESCAPE", 0x7F: "DELETE", 0x85: "NEXT LINE", 0x9B: "CONTROL SEQUENCE INTRODUCER",
}  # fmt: skip


def character_name(char: str) -> str:
    """A character as a diagnostic names it: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    import unicodedata

    code = ord(char)
    fallback = "surrogate" if 0xD800 <= code <= 0xDFFF else "control character" if code < 0xA0 else "unassigned"
    return f"U+{code:04X} {_CONTROL_NAMES.get(code) or unicodedata.name(char, fallback)}"


def hidden_in(text: str) -> Iterator[int]:
    """The offsets of all hidden characters of a text, in order, with carriage returns that no line feed follows."""
    return (match.start() for match in _HIDDEN.finditer(text))


def false_spaces_in(text: str) -> Iterator[int]:
    """The offsets of characters that look like a space at places where YAML needs a space."""
    return (match.start(match.lastindex or 0) for match in _FALSE_SPACE.finditer(text))


def is_harmless(data: bytes) -> bool:
    """Whether the bytes are plain ASCII text, which needs no further checks. About 1 ns per byte."""
    return not data.translate(None, _HARMLESS_BYTES)


def is_honest(text: str) -> bool:
    """Whether the text has no character that can be hidden or a false space. About 10 ns per character."""
    alphabet = "".join(set(text))
    return _SUSPICIOUS.search(alphabet) is None and text.count("\r") == text.count("\r\n")
