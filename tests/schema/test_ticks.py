"""Ticks of schedules around clock changes, from Airflow's timetable and from robfig/cron, Argo's parser.

For 500 random valid expressions, in zones with and without clock changes, the twenty ticks around a change forward and
a change back are the same on both engines, or there is a warning about the day.
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline, Schedule
from dagwright.passes.check_schedule import check_schedule
from dagwright.schedule.cron import FIELDS, Cron, Field, parse_cron
from dagwright.schedule.ticks import Change, changes, day_after, next_ticks, splits_days, ticks_within
from engines import airflow, golang
from engines.missing import Unavailable, skip

pytestmark = pytest.mark.engine("airflow-3.3", "argo-libraries")

HERE = Path(__file__).parent
LINES, COUNT, BEFORE = 500, 20, 10
SINCE, YEARS = 2026, 2
WARNINGS = {"W701", "W702", "W703", "W704"}
DAY = timedelta(days=1)
# Zones with changes at 1, 2 or 3 o'clock, at midnight, on both hemispheres, by half an hour, and without changes.
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "UTC",
    "America/Santiago",
    "Pacific/Auckland",
    "Asia/Tokyo",
    "Europe/Lisbon",
    "Africa/Cairo",
)


@dataclass(frozen=True)
class Question:
    """A request for twenty ticks after an instant, about half of them before a clock change, if the zone has one."""

    text: str
    zone: str
    since: int

    @property
    def cron(self) -> Cron:
        found = parse_cron(self.text)
        assert isinstance(found, Cron)
        return found

    def day(self, tick: int) -> date:
        return datetime.fromtimestamp(tick, ZoneInfo(self.zone)).date()


def lines(count: int) -> list[str]:
    """Random valid expressions, every second one at night, when clocks change."""
    dice = random.Random(7)
    found: list[str] = []
    while len(found) < count:
        fields = [field(kind, dice) for kind in FIELDS]
        if len(found) % 2:
            fields[:2] = [
                dice.choice(["0", "30", "15,45", "*/20"]),
                dice.choice(["*", "0", "1", "2", "3", "0-2", "*/2"]),
            ]
            fields[2:4] = ["*", "*"]
        text = " ".join(fields)
        if isinstance(parse_cron(text), Cron):
            found.append(text)
    return found


def field(kind: Field, dice: random.Random) -> str:
    if dice.random() < 0.4:
        return "*"
    return ",".join(item(kind, dice) for _ in range(dice.randint(1, 2)))


def item(kind: Field, dice: random.Random) -> str:
    low, high = sorted(dice.sample(range(kind.low, kind.high + 1), 2))

    def word(number: int) -> str:
        return kind.words[number - kind.low] if kind.words and dice.random() < 0.5 else str(number)

    span = f"{word(low)}-{word(high)}"
    return dice.choice([word(low), span, f"{span}/{dice.randint(2, 5)}", f"*/{dice.randint(2, 9)}"])


def middles(zone: str, number: int) -> list[datetime]:
    """The next change forward and change back of a zone; any two instants for a zone without changes."""
    known = [change for change in changes_since(zone, SINCE) if change.at.year < SINCE + YEARS]
    if not known:
        return [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
    by_kind = [[change.at for change in known if change.missing is kind] for kind in (True, False)]
    return [moments[number // len(ZONES) % len(moments)] for moments in by_kind]


Robfig = Callable[[list[tuple[str, int, int, str]]], list[list[int]]]


@pytest.fixture(scope="module")
def robfig() -> Robfig:
    """A function from questions (zone, from, to, expression) to ticks."""
    try:
        program = golang.build(HERE / "robfig")
    except Unavailable as why:
        skip(why)
    return lambda asked: answers([str(program)], ["\t".join(map(str, question)) for question in asked])


@pytest.fixture(scope="module")
def asked(robfig: Robfig) -> list[Question]:
    """Two questions per expression: each starts just before the tenth tick before a change, or earlier."""
    cases = [
        (text, zone, int(middle.timestamp()))
        for number, text in enumerate(lines(LINES))
        for zone in [ZONES[number % len(ZONES)]]
        for middle in middles(zone, number)
    ]
    begins: dict[int, int] = {}
    for hours in (1, 6, 24, 24 * 7, 24 * 60, 24 * 366 * 2):
        waiting = [at for at in range(len(cases)) if at not in begins]
        told = [(zone, middle - hours * 3600, middle, text) for text, zone, middle in map(cases.__getitem__, waiting)]
        for at, ticks in zip(waiting, robfig(told), strict=True):
            if len(ticks) >= BEFORE:
                begins[at] = ticks[-BEFORE] - 1
    rare = 24 * 366 * 2 * 3600
    return [Question(text, zone, begins.get(at, middle - rare)) for at, (text, zone, middle) in enumerate(cases)]


def answers(command: list[str], asked: list[str], **options: object) -> list[list[int]]:
    done = subprocess.run(
        command, input="\n".join(asked) + "\n", text=True, capture_output=True, timeout=600, check=False, **options
    )
    found = done.stdout.splitlines()
    assert len(found) == len(asked), done.stderr[-2000:]
    wrong = [(question, answer) for question, answer in zip(asked, found, strict=True) if answer.startswith("error")]
    assert wrong == []
    return [list(map(int, answer.split())) for answer in found]


@pytest.fixture(scope="module")
def on_airflow(asked: list[Question], tmp_path_factory: pytest.TempPathFactory) -> list[list[int]]:
    try:
        python = airflow.python("3.3")
    except airflow.Unavailable as why:
        skip(f"Airflow 3.3: {why}")
    environment = airflow.environment(tmp_path_factory.mktemp("airflow"))
    told = [f"{question.zone}\t{question.since}\t{COUNT}\t{question.text}" for question in asked]
    return answers([python, "-P", str(HERE / "airflow_ticks.py")], told, env=environment)


@pytest.fixture(scope="module")
def on_argo(robfig: Robfig, asked: list[Question], on_airflow: list[list[int]]) -> list[list[int]]:
    """The ticks of Argo's parser, until Airflow's last tick."""
    return robfig([(q.zone, q.since, ticks[-1] + 1, q.text) for q, ticks in zip(asked, on_airflow, strict=True)])


def test_the_questions_are_about_changes_of_clocks(asked: list[Question], on_airflow: list[list[int]]) -> None:
    assert len(asked) == 2 * LINES
    across = sum(
        any(ticks[0] < change.at.timestamp() < ticks[-1] for change in changes_of(question))
        for question, ticks in zip(asked, on_airflow, strict=True)
    )
    assert across >= LINES


def changes_of(question: Question) -> list[Change]:
    return changes_since(question.zone, question.day(question.since).year)


@cache
def changes_since(zone: str, year: int) -> list[Change]:
    return list(changes(ZoneInfo(zone), date(year, 1, 1), 9))


def warned(question: Question) -> set[str]:
    """The codes of the warnings for a schedule compiled at the start of the question."""
    report = Report()
    pipeline = Pipeline("a", "", (), schedule=Schedule(question.text, question.zone))
    check_schedule(pipeline, report, today=question.day(question.since))
    found = {diagnostic.code for diagnostic in report.diagnostics}
    assert found <= WARNINGS, (question, found)
    return found


def announced(question: Question) -> set[date]:
    """The days that the warnings are about."""
    found: set[date] = set()
    for change in changes_of(question):
        found |= {wall.date() for wall in ticks_within(question.cron, change)}
        day = day_after(question.cron, change)
        if day is not None:
            found |= {day, day - DAY}  # in autumn Airflow starts in the last hour of the day before
        if splits_days(question.cron, change):
            found |= {change.end.date(), change.end.date() - DAY}
        if not change.by_an_hour:
            found |= next_days(question.cron, change.end.date())
    return found


def next_days(cron: Cron, day: date) -> set[date]:
    """The given day, and the first two days of a schedule from this day on."""
    return {day, *islice((d for n in range(3000) if cron.on(d := day + n * DAY)), 2)}


def test_both_engines_tick_alike_or_we_warn(
    asked: list[Question],
    on_airflow: list[list[int]],
    on_argo: list[list[int]],
) -> None:
    differing = 0
    for question, one, other in zip(asked, on_airflow, on_argo, strict=True):
        odd = set(one) ^ set(other) | {tick for tick in other if other.count(tick) > 1}
        if odd:
            differing += 1
            assert warned(question), question
            assert {question.day(tick) for tick in odd} <= announced(question), question
        else:
            assert one == other
    assert differing, "no line differs: the questions are too tame"


def test_what_we_show_is_what_airflow_does(asked: list[Question], on_airflow: list[list[int]]) -> None:
    """The ticks of `dagwright plan` equal Airflow's, except on days with a warning."""
    for question, ticks in list(zip(asked, on_airflow, strict=True))[::7]:
        since = datetime.fromtimestamp(question.since, UTC)
        own = [int(tick.timestamp()) for tick in next_ticks(question.cron, ZoneInfo(question.zone), since, COUNT)]
        end = min(own[-1], ticks[-1])
        odd = {question.day(tick) for tick in set(own) ^ set(ticks) if tick <= end}
        assert odd <= announced(question), question
