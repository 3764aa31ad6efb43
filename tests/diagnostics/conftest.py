"""A fixed current day for all cases."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest

check_schedule = import_module("dagwright.passes.check_schedule")


class OneDay(date):
    """A clock with a fixed day: warnings about schedules contain dates of the next five years."""

    @classmethod
    def today(cls) -> OneDay:
        return cls(2026, 11, 25)


@pytest.fixture(autouse=True)
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_schedule, "date", OneDay)
