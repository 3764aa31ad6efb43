"""Foreign text made safe to print: no hidden characters, no terminal controls, no credentials."""

from __future__ import annotations

import re
from functools import lru_cache

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f"
    "\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_CREDENTIAL = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\b(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abp])[_-][0-9A-Za-z_-]{16,}"
    r"|\bsk-[0-9A-Za-z_-]{20,}"
    r"|(?<=://)[^\s/:@]{1,100}:[^\s/@]{1,200}(?=@)"
    r"|(?i:(?<=password[:=])|(?<=secret[:=])|(?<=token[:=]))[^\s\"',}\]$]{8,}"
)

TAB = "→   "


def visible_char(char: str) -> str:
    """The visible form of a character: `<U+202E>` for one that is invisible or changes how other text is shown."""
    if char == "\t":
        return TAB
    return f"<U+{ord(char):04X}>" if _UNSAFE.match(char) else char


def visible(text: str) -> str:
    """A text on one line, with every unsafe character in its visible form."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(lambda match: {"\n": "\\n", "\t": " "}.get(match[0]) or visible_char(match[0]), text)


def masked(text: str) -> str:
    """The text with asterisks in place of each credential, of the same length, so offsets do not change."""
    return _CREDENTIAL.sub(lambda match: "*" * len(match[0]), text)


@lru_cache(maxsize=4096)
def cells(char: str) -> int:
    """The width of a character in terminal columns: 0, 1 or 2."""
    if char < "\u0300":
        return 1
    import unicodedata

    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def width(text: str) -> int:
    """The width of a text in terminal columns."""
    return len(text) if text.isascii() else sum(map(cells, text))
