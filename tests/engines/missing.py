"""What happens to a test whose engine cannot be had on this machine: it skips and says why.

Where `DAGWRIGHT_REQUIRE_ENGINES` is set, as `.ci/run` does, it fails instead: a run that must judge by real engines
does not pass without them.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = "DAGWRIGHT_REQUIRE_ENGINES"
SAYS = "an engine is missing: "


class Unavailable(Exception):  # noqa: N818 - a state of the machine, not an error
    """An engine cannot be had here; the text says why."""


def skip(reason: object) -> NoReturn:
    """End the current test, because an engine is missing for this reason."""
    text = f"{SAYS}{reason}"
    if os.environ.get(REQUIRED):
        pytest.fail(f"{text} ({REQUIRED} is set)", pytrace=False)
    pytest.skip(text)
