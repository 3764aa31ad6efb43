"""Cron expressions: accepted forms, refused forms, and the same ticks as the engines' own parsers."""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from dagwright.diagnostics.limits import limit
from dagwright.schedule.cron import FIELDS, PRESETS, Cron, Field, Problem, parse_cron
from dagwright.schedule.ticks import changes, day_after, next_ticks, ticks_within
from engines import golang, missing


def good(text: str) -> Cron:
    found = parse_cron(text)
    assert isinstance(found, Cron), found
    return found


def bad(text: str) -> Problem:
    found = parse_cron(text)
    assert isinstance(found, list), text
    for problem in found:
        assert len(problem.message) <= 90
        assert 0 <= problem.start <= problem.end <= max(len(text), 1)
        assert problem.help
    return found[0]


def test_fields() -> None:
    cron = good("*/20 8-10,22 1,15 JAN-mar/2 *")
    assert cron.minutes == (0, 20, 40)
    assert cron.hours == (8, 9, 10, 22)
    assert cron.days == {1, 15}
    assert cron.months == {1, 3}
    assert cron.every_weekday
    assert not cron.every_day


@pytest.mark.parametrize(
    ("text", "code", "part", "help_"),
    [
        ("0 25 * * *", "E702", "25", "the minute comes first: `25 0 * * *`"),
        ("0 24 * * *", "E702", "24", "write `0`"),
        ("60 * * * *", "E702", "60", "write `0`"),
        ("0 4 * * 7", "E702", "7", "write `0` for Sunday"),
        ("0 4 0 * *", "E702", "0", "write `1`: the day of the month is counted from 1"),
        ("*/60 * * * *", "E702", "*/60", None),
        ("*/0 * * * *", "E702", "*/0", None),
        ("0 4 * * 99999999999999999999", "E702", "99999999999999999999", None),
        ("@daily", "E701", "@daily", 'write `cron: "0 0 * * *"`'),
        ("TZ=Asia/Tokyo 0 4 * * *", "E701", None, 'write `cron: "0 4 * * *"` and `timezone: Asia/Tokyo`'),
        ("0 4 * *", "E701", None, None),
        ("0 0 4 * * *", "E701", None, None),
        ("", "E701", None, None),
        ("0 0 L * *", "E703", "L", None),
        ("0 0 15W * *", "E703", "15W", None),
        ("0 0 ? * *", "E703", "?", "write `*`"),
        ("0 0 * * mon#2", "E703", "mon#2", limit("days-that-cron-cannot-name")),
        ("0 0 * * wednesday", "E703", "wednesday", "write `wed`"),
        ("H * * * *", "E703", "H", None),
        ("0,,5 * * * *", "E703", ",", None),
        ("0, * * * *", "E703", None, None),
        ("*,5 * * * *", "E703", "*", None),
        ("-1 * * * *", "E703", "-1", None),
        ("٣ * * * *", "E703", "٣", None),
        ("0 0 * * 0\u00a0", "E703", None, None),
        ("5/10 * * * *", "E704", "5/10", "write `5-59/10`"),
        ("59/15 * * * *", "E704", "59/15", "write `59`"),
        ("*/1 * * * *", "E704", "*/1", "write `*`"),
        ("5-5 * * * *", "E704", "5-5", "write `5`"),
        ("0 22-2 * * *", "E704", "22-2", "write `22-23,0-2`"),
        ("0 0 1-31 * 1", "E704", "1-31", "write `*`"),
        ("0 0 1 * sun-sat", "E704", "sun-sat", "write `*`"),
        ("0 0 30 2 *", "E705", "30 2", None),
        ("0 0 31 4,6 *", "E705", "31 4,6", None),
    ],
)
def test_refused(text: str, code: str, part: str | None, help_: str | None) -> None:
    problem = bad(text)
    assert problem.code == code
    if part is not None:
        assert text[problem.start : problem.end] == part
    if help_ is not None:
        assert problem.help == help_


def test_every_wrong_field_is_reported() -> None:
    found = parse_cron("60 24 32 13 8")
    assert isinstance(found, list)
    assert [problem.message.split(" ")[0] for problem in found] == ["minute", "hour", "day", "month", "day"]


def test_the_spellings_offered_are_read() -> None:
    for preset in PRESETS.values():
        good(preset)
    for text in ("5/10 * * * *", "0 22-2 * * *", "0 0 1-31 * 1", "0 0 * * sat-mon"):
        problem = bad(text)
        good(text.replace(text[problem.start : problem.end], problem.help.removeprefix("write `").rstrip("`")))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


BERLIN = ZoneInfo("Europe/Berlin")


def test_ticks_in_a_zone() -> None:
    assert next_ticks(good("30 4 * * *"), BERLIN, utc(2026, 3, 28, 3, 30), 2) == (
        utc(2026, 3, 29, 2, 30),
        utc(2026, 3, 30, 2, 30),
    )


def test_a_missing_and_a_double_time_of_day() -> None:
    cron = good("30 2 * * *")
    assert next_ticks(cron, BERLIN, utc(2026, 3, 29), 1) == (utc(2026, 3, 29, 1, 30),)
    assert next_ticks(cron, BERLIN, utc(2026, 10, 24, 22), 1) == (utc(2026, 10, 25, 1, 30),)


def test_every_hour_passes_through_changes_of_clocks() -> None:
    ticks = next_ticks(good("0 * * * *"), BERLIN, utc(2026, 10, 24, 23), 5)
    assert [b - a for a, b in pairwise(ticks)] == [timedelta(hours=1)] * 4


def test_days_of_both_kinds_count() -> None:
    ticks = next_ticks(good("0 0 13 * 5"), ZoneInfo("UTC"), utc(2026, 7, 1), 6)
    assert [t.day for t in ticks] == [3, 10, 13, 17, 24, 31]


def test_the_29th_of_february_around_2100() -> None:
    assert next_ticks(good("0 0 29 2 *"), ZoneInfo("UTC"), utc(2096, 3, 1), 1) == (utc(2104, 2, 29),)


def test_the_end_of_time() -> None:
    assert len(next_ticks(good("0 0 1 1 *"), ZoneInfo("UTC"), utc(9980, 1, 2), 100)) < 100


def _item(field: Field, dice: random.Random) -> str:
    low, high = sorted(dice.sample(range(field.low, field.high + 1), 2))

    def word(number: int) -> str:
        return field.words[number - field.low] if field.words and dice.random() < 0.5 else str(number)

    return dice.choice(
        [word(low), f"{word(low)}-{word(high)}", f"{word(low)}-{word(high)}/2", f"*/{dice.randint(2, 9)}"]
    )


def _expressions(count: int) -> list[str]:
    """Random expressions of the grammar, some at hours of clock changes."""
    dice = random.Random(4)
    found: list[str] = []
    while len(found) < count:
        fields = [
            "*" if dice.random() < 0.4 else ",".join(_item(f, dice) for _ in range(dice.randint(1, 2))) for f in FIELDS
        ]
        if dice.random() < 0.2:
            fields = ["30", dice.choice(["0", "1", "2", "1-3", "*/2"]), "*", "*", dice.choice(["*", "0", "sat-sat"])]
        text = " ".join(fields)
        if isinstance(parse_cron(text), Cron):
            found.append(text)
    return found


_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
_SINCE, _DAYS = utc(2026, 1, 1), 330


def _own(text: str, zone: ZoneInfo, count: int = 400) -> list[datetime]:
    end = _SINCE + timedelta(days=_DAYS)
    return [tick for tick in next_ticks(good(text), zone, _SINCE, count) if tick < end]


def test_the_parser_of_airflow_makes_the_same_ticks() -> None:
    for text in _expressions(150):
        own = _own(text, ZoneInfo("UTC"), 60)
        its = croniter(text, start_time=_SINCE)
        assert own == [its.get_next(datetime) for _ in own], text


@pytest.mark.engine("argo-libraries")
def test_the_parser_of_argo_makes_the_same_ticks() -> None:
    """The ticks agree except on the days of W701 and W702."""
    try:
        program = golang.build(Path(__file__).parent / "robfig")
    except missing.Unavailable as why:
        missing.skip(why)
    cases = [(text, _ZONES[number % 4]) for number, text in enumerate(_expressions(200))]
    owns = [_own(text, ZoneInfo(zone)) for text, zone in cases]
    lines = [
        f"{zone}\t{int(_SINCE.timestamp())}\t{int(own[-1].timestamp()) + 1}\t{text}"
        for (text, zone), own in zip(cases, owns, strict=True)
        if own
    ]
    answers = subprocess.run(
        [str(program)], input="\n".join(lines) + "\n", text=True, capture_output=True, timeout=60, check=True
    ).stdout.splitlines()
    asked = [(case, own) for case, own in zip(cases, owns, strict=True) if own]
    assert len(answers) == len(asked)
    for ((text, zone_name), own), answer in zip(asked, answers, strict=True):
        zone = ZoneInfo(zone_name)
        its = [datetime.fromtimestamp(int(word), UTC) for word in answer.split()]
        warned = {
            wall.date() for change in changes(zone, _SINCE.date(), 1) for wall in ticks_within(good(text), change)
        }
        differ = {tick.astimezone(zone).date() for tick in set(own) ^ set(its)} | (
            {tick.astimezone(zone).date() for tick in its if its.count(tick) > 1}
        )
        assert differ <= warned, (text, zone_name)


def test_changes_of_clocks() -> None:
    forward, back = changes(BERLIN, _SINCE.date(), 1)
    assert (forward.at, forward.start.hour, forward.end.hour, forward.missing) == (utc(2026, 3, 29, 1), 2, 3, True)
    assert (back.at, back.start.hour, back.end.hour, back.missing) == (utc(2026, 10, 25, 1), 2, 3, False)
    assert [w.hour for w in ticks_within(good("30 1-4 * * *"), forward)] == [2]
    assert ticks_within(good("30 * * * *"), forward) == []
    assert day_after(good("0 * * * 1-5"), forward) == datetime(2026, 3, 30).date()
    assert day_after(good("0 * * * *"), forward) is None
    assert list(changes(ZoneInfo("Asia/Kolkata"), _SINCE.date(), 5)) == []
