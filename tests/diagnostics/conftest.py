"""The day on which all cases are compiled."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest

check_schedule = import_module("dagwright.passes.check_schedule")


class OneDay(date):
    """The day on which all cases are compiled: warnings of schedules name dates of the next five years."""

    @classmethod
    def today(cls) -> OneDay:
        return cls(2026, 11, 25)


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_schedule, "date", OneDay)
