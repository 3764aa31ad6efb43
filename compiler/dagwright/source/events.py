"""YAML events of a text, from the C parser where it is installed, else from ruamel.yaml's own. Never `yaml.load`.

Both are pulled one event at a time, so that budgets stop a hostile file before the parser has run through it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# ruamel.yaml.clib wraps a libyaml that takes no `:` inside an unquoted word of a flow collection, which YAML 1.2
# allows: `{image: python:3.11}`. It is shown another character there; `unmask` puts the colon back.
MASK = "\ue000"
_INNER_COLON = re.compile(r":(?=[^\s,\[\]{}])(?<=[^\s,\[\]{}\"']:)")
_MASK_ESCAPE = re.compile(r"\\(?:u|U0000)[eE]000")

# Where the C parser is known to be laxer or otherwise different; such texts are read by the other one alone.
_ODD = ("\t", MASK, '":]', '":}', '":,', '"::', "':]", "':}", "':,", "'::")
_ODD_LINES = ("---", "...", "%")  # at the start of a line


@dataclass(frozen=True, slots=True)
class Events:
    """A stream of ruamel.yaml's events, one a call. `masked`: colons of their texts may be `MASK`.

    `exact`: the parser is the one that decides what is YAML.
    """

    next: Callable[[], Any]
    masked: bool = False
    exact: bool = False


class Unsuited(Exception):  # noqa: N818 - no error: the other parser reads this text
    """The C parser is not installed, or this text is not for it."""


def _is_odd(text: str) -> bool:
    if any(sign in text for sign in _ODD) or ("\\" in text and _MASK_ESCAPE.search(text)):
        return True
    return any(text.startswith(sign) or "\n" + sign in text for sign in _ODD_LINES)


def c_events(text: str) -> Events:
    """The events of a text by libyaml. Its errors are no verdict: see `dagwright.source.read`."""
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
        except (LookupError, AttributeError, TypeError) as error:  # its slips on some broken texts
            raise ValueError("the parser gave up") from error

    return Events(next_event, exact=True)
