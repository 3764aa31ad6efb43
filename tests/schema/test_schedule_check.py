"""The pass for schedules: zones, params, catch-up, clock changes, and the places of its messages."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.ir.expr import Const
from dagwright.ir.model import Param, Pipeline, Schedule
from dagwright.ir.types import Type
from dagwright.passes.check_schedule import check_schedule
from dagwright.schedule.zones import find_zone, similar
from dagwright.source.span import Source, Span

TODAY = date(2026, 1, 1)


def diagnose(schedule: Schedule | None, *params: Param) -> list[Diagnostic]:
    report = Report()
    pipeline = Pipeline("a", "", (), params=params, schedule=schedule)
    assert check_schedule(pipeline, report, today=TODAY) is pipeline
    for diagnostic in report.diagnostics:
        assert len(diagnostic.message) <= 90
        assert diagnostic.help
    return report.diagnostics


def codes(schedule: Schedule | None, *params: Param) -> list[str]:
    return [diagnostic.code for diagnostic in diagnose(schedule, *params)]


def test_nothing_to_say() -> None:
    assert codes(None) == []
    assert codes(Schedule("30 4 * * *", "Europe/Berlin")) == []
    assert codes(Schedule("30 4 * * *", start=datetime(2026, 1, 1, tzinfo=UTC), catchup=True)) == []


def test_the_wrong_number_is_underlined() -> None:
    source = Source("p.yaml", 'schedule: {cron: "0  25 * * *"}\n')
    whole = Span(source, 17, 30)
    (found,) = diagnose(Schedule("0  25 * * *", origin=whole, origins=(("cron", whole),)))
    assert found.span is not None
    assert source.text[found.span.start : found.span.end] == "25"


def test_an_escaped_expression_is_underlined_as_a_whole() -> None:
    source = Source("p.yaml", 'cron: "0 25\\t* * *"\n')
    whole = Span(source, 6, 19)
    (found,) = diagnose(Schedule("0 25\t* * *", origin=whole, origins=(("cron", whole),)))
    assert found.span == whole


def test_params_need_defaults() -> None:
    given = Param("a", Type.STRING, default=Const(Type.STRING, "x", "x"))
    assert codes(Schedule("30 4 * * *"), given, Param("b", Type.STRING)) == ["E708"]
    assert codes(None, Param("b", Type.STRING)) == []


def test_catchup_needs_a_start() -> None:
    assert codes(Schedule("30 4 * * *", catchup=True)) == ["E707"]


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("Europe/Berlim", "Europe/Berlin"),
        ("berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
        ("CEST", "Europe/Berlin"),
        ("PST", "America/Los_Angeles"),
        ("UTC+2", "Etc/GMT-2"),
        ("+05:00", "Etc/GMT-5"),
        ("../../etc/passwd", None),
        ("right/UTC", None),
        ("Europe", None),
        ("", None),
        ("\u202e", None),
        ("a" * 5000, None),
    ],
)
def test_unknown_zones(name: str, guess: str | None) -> None:
    (found,) = diagnose(Schedule("30 4 * * *", name))
    assert found.code == "E706"
    if guess is not None:
        assert found.help == f"write `timezone: {guess}`"
        assert find_zone(similar(name) or "") is not None


def test_everything_at_once() -> None:
    schedule = Schedule("0 25 * * *", "Nowhere/At_All", catchup=True)
    assert codes(schedule, Param("b", Type.STRING)) == ["E702", "E706", "E707", "E708"]


def test_clocks() -> None:
    missing, double = diagnose(Schedule("30 2 * * *", "Europe/Berlin"))
    assert missing.code == "W701"
    assert missing.message == "02:30 does not exist on 2026-03-29, 2027-03-28, 2028-03-26 and 2 days more"
    assert missing.notes == ("airflow runs at 03:30 that day; argo does not run at all",)
    assert double.code == "W702"
    assert "2026-10-25" in double.message
    assert codes(Schedule("30 2 * * *")) == []
    assert codes(Schedule("30 * * * *", "Europe/Berlin")) == []
    assert codes(Schedule("*/15 * * * 1-5", "Europe/Berlin")) == ["W703"]
    assert codes(Schedule("*/15 8-18 * * 1-5", "Europe/Berlin")) == []


def test_a_change_at_midnight() -> None:
    """Cairo's clocks go forward on Friday at midnight, and back on Thursday at midnight."""
    assert codes(Schedule("0 3 * * 5", "Africa/Cairo")) == ["W704"]
    assert codes(Schedule("0 3 * * 4", "Africa/Cairo")) == ["W704"]
    assert codes(Schedule("0 3 * * 4,5", "Africa/Cairo")) == []
    assert codes(Schedule("0 3 * * 1", "Africa/Cairo")) == []
    assert codes(Schedule("0 3 * * *", "Africa/Cairo")) == []


def test_a_change_by_half_an_hour() -> None:
    (found,) = diagnose(Schedule("30 12 * * *", "Australia/Lord_Howe"))
    assert found.code == "W704"
    assert "2026-04-05" in found.message


def test_the_years_begin_with_the_start() -> None:
    found = diagnose(Schedule("30 2 * * *", "Europe/Berlin", start=datetime(2030, 1, 1, tzinfo=UTC)))
    assert "2030-03-31" in found[0].message
