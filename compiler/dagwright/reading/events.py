"""YAML events of a text, from the C parser if it is installed, else from ruamel.yaml's own. Never `yaml.load`.

Callers pull one event at a time, so budgets stop a hostile file before the parser reaches its end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# ruamel.yaml.clib wraps a libyaml that refuses `:` inside an unquoted word of a flow collection, which YAML 1.2
# allows: `{image: python:3.11}`. `MASK` replaces the colon before parsing; `unmask` restores it.
MASK = "\ue000"
_INNER_COLON = re.compile(r":(?=[^\s,\[\]{}])(?<=[^\s,\[\]{}\"']:)")
_MASK_ESCAPE = re.compile(r"\\(?:u|U0000)[eE]000")

# Texts that the C parser is known to read differently; only the Python parser reads them.
_ODD = ("\t", MASK, '":]', '":}', '":,', '"::', "':]", "':}", "':,", "'::")
_ODD_LINES = ("---", "...", "%")  # at the start of a line


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of ruamel.yaml's events, one per call. `masked`: colons in their texts may be `MASK`.

    `exact`: the events come from the Python parser, which decides what is YAML.
    """

    next: Callable[[], Any]
    masked: bool = False
    exact: bool = False


class Unsuited(Exception):  # noqa: N818 - no error: the other parser reads this text
    """Raised when the C parser is not installed or cannot be used for a text."""


def _is_odd(text: str) -> bool:
    if any(sign in text for sign in _ODD) or ("\\" in text and _MASK_ESCAPE.search(text)):
        return True
    return any(text.startswith(sign) or "\n" + sign in text for sign in _ODD_LINES)


def c_events(text: str) -> Events:
    """The events of a text by libyaml. Its errors are not final: see `dagwright.reading.read`."""
    try:
        from _ruamel_yaml import CParser  # type: ignore[import-not-found]
    except ImportError as error:
        raise Unsuited from error
    if _is_odd(text):
        raise Unsuited
    shown, masks = _INNER_COLON.subn(MASK, text)
    return Events(CParser(shown).get_event, masks > 0)


def pure_events(text: str) -> Events:
    """The events of a text by ruamel.yaml's pure Python parser, which decides what is YAML."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    _, parser = yaml.get_constructor_parser(text)

    def next_event() -> Any:
        try:
            return parser.get_event()
        except (LookupError, AttributeError, TypeError) as error:  # internal errors of the parser on some broken texts
            raise ValueError("the parser gave up") from error

    return Events(next_event, exact=True)
