"""The ticks of a cron expression in a time zone, and the clock changes that affect it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import islice

from dagwright.schedule.cron import Cron

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LONGEST_PAUSE = 9 * 366  # days: around 2100, two leap days are eight years apart


def next_ticks(cron: Cron, zone: tzinfo, after: datetime, count: int) -> tuple[datetime, ...]:
    """The next `count` ticks after an instant, in UTC.

    When clocks go forward, a missing time of day moves later by the length of the gap. When clocks go back, a repeated
    time of day counts the second time, as on Airflow. An hourly schedule ticks once in each hour that passes.
    """
    return tuple(islice(_ticks(cron, zone, after.astimezone(UTC)), count))


def _ticks(cron: Cron, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    day, idle = after.astimezone(zone).date() - _DAY, 0
    last = after
    while idle < _LONGEST_PAUSE and day.year < 9990:
        found = sorted(instant for instant in _of_day(cron, zone, day) if instant > last) if cron.on(day) else []
        idle = 0 if found else idle + 1
        for instant in found:
            last = instant
            yield instant
        day += _DAY


def _of_day(cron: Cron, zone: tzinfo, day: date) -> set[datetime]:
    found = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            wall = datetime(day.year, day.month, day.day, hour, minute)
            first, second = instants(wall, zone)
            if not cron.every_hour:
                found.add(max(first, second) if is_twice(wall, zone) else first)
            elif is_there(wall, zone):
                found |= {first, second}
    return found


def instants(wall: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """A local time in UTC, by the offset before and by the offset after a clock change."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)


def is_there(wall: datetime, zone: tzinfo) -> bool:
    """Whether this local time exists."""
    return instants(wall, zone)[0].astimezone(zone).replace(tzinfo=None, fold=0) == wall


def is_twice(wall: datetime, zone: tzinfo) -> bool:
    """Whether this local time occurs twice."""
    first, second = instants(wall, zone)
    return first != second and is_there(wall, zone)


@dataclass(frozen=True, slots=True)
class Change:
    """A clock change at `at` (UTC): the local times from `start` until `end` are missing, or occur twice."""

    at: datetime
    start: datetime
    end: datetime
    missing: bool

    @property
    def by_an_hour(self) -> bool:
        """Whether the change is one hour, the usual length."""
        return self.end - self.start == timedelta(hours=1)


def changes(zone: tzinfo, since: date, years: int) -> Iterator[Change]:
    """The clock changes of a zone, in order."""
    at = datetime(since.year, since.month, since.day, tzinfo=UTC)
    end = at + years * 366 * _DAY
    while at < end:
        after = at + _DAY
        if at.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield _change(zone, at, after)
        at = after


def _change(zone: tzinfo, before: datetime, after: datetime) -> Change:
    offset = before.astimezone(zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + timedelta(minutes=(after - before) // _MINUTE // 2)
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    old = (after - _MINUTE).astimezone(zone).replace(tzinfo=None, fold=0) + _MINUTE
    new = after.astimezone(zone).replace(tzinfo=None, fold=0)
    return Change(after, min(old, new), max(old, new), missing=new > old)


def ticks_within(cron: Cron, change: Change) -> list[datetime]:
    """The local times of ticks that a clock change makes missing or double."""
    if cron.every_hour:
        return []
    found, wall = [], change.start
    while wall < change.end:
        if wall.hour in cron.hours and wall.minute in cron.minutes and cron.on(wall.date()):
            found.append(wall)
        wall += _MINUTE
    return found


def splits_days(cron: Cron, change: Change) -> bool:
    """Whether clocks change at midnight, between a day with ticks and a day without.

    Argo finds the next day by its midnight. If that midnight is missing, Argo takes the two days for one.
    """
    day = change.end.date()
    at_midnight = change.start <= datetime(day.year, day.month, day.day) <= change.end
    return at_midnight and cron.on(day) != cron.on(day - _DAY)


def day_after(cron: Cron, change: Change) -> date | None:
    """The first day of an hourly schedule after a pause in which clocks change.

    Airflow counts on from the last tick before the pause, with the offset of that tick. None if clocks change on a day
    with ticks, or if the schedule does not tick every hour.
    """
    day = change.start.date()
    if not cron.every_hour or (cron.on(day) and (change.start.hour > 0 or cron.on(day - _DAY))):
        return None
    return next((d for n in range(_LONGEST_PAUSE) if cron.on(d := day + n * _DAY)), None)
