"""Skipping of tests whose engine is not available on this machine, with the reason.

If `DAGWRIGHT_REQUIRE_ENGINES` is set, as in `.ci/run`, the tests fail instead: a run that requires real engines does
not pass without them.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = "DAGWRIGHT_REQUIRE_ENGINES"
SAYS = "an engine is missing: "


class Unavailable(Exception):  # noqa: N818 - a state of the machine, not an error
    """Raised when an engine is not available here; the text gives the reason."""


def skip(reason: object) -> NoReturn:
    """Skip (or fail) the current test because of a missing engine, with the reason."""
    text = f"{SAYS}{reason}"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{text} ({REQUIRED} is set)", pytrace=False)
    pytest.skip(text)
