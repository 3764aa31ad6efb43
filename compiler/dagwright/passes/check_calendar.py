"""The checks of a schedule: errors in it, and the days on which a clock change moves its ticks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.fix import Advice, replace
from dagwright.diagnostics.model import Label, Report
from dagwright.ir.model import Pipeline, Schedule
from dagwright.ir.types import NOT_GIVEN
from dagwright.schedule.cron import Cron, Problem, parse_cron
from dagwright.schedule.ticks import changes, day_after, instants, splits_days, ticks_within
from dagwright.schedule.zones import find_zone, known, similar
from dagwright.source.span import Span

_YEARS = 5
_LONGEST = 40  # characters of a quoted word
_SHOWN = 3  # dates in a warning


def check_calendar(pipeline: Pipeline, schedule: Schedule, report: Report, today: date) -> None:
    """Report E701-E708 and W701-W704. The warnings cover the years after the schedule's start,
    or after `today` if it has none."""
    cron = _check_cron(schedule, report)
    zone = _check_zone(schedule, report)
    _check_catchup(schedule, report)
    _check_params(pipeline, schedule, report)
    if cron is not None and zone is not None:
        since = schedule.start.date() if schedule.start is not None else today
        _check_clocks(schedule, cron, zone, since, report)


def _check_cron(schedule: Schedule, report: Report) -> Cron | None:
    found = parse_cron(schedule.cron)
    if isinstance(found, Cron):
        return found
    for problem in found:
        report.error(problem.code, problem.message, _part(schedule, problem), label=problem.label,
                     help=_cron_help(schedule, problem))  # fmt: skip
    return None


def _cron_help(schedule: Schedule, problem: Problem) -> str | Advice:
    part = _part(schedule, problem)
    whole = (problem.start, problem.end) == (0, len(schedule.cron))
    if problem.instead is None or part.source.text[part.start : part.end] != schedule.cron[problem.start : problem.end]:
        return problem.help
    plain = part.source.text[part.start - 1 : part.start] not in ("'", '"')
    return replace(problem.help, part, f'"{problem.instead}"' if plain and whole else problem.instead)


def _part(schedule: Schedule, problem: Problem) -> Span:
    """The span of a part of the expression, or of the whole expression if it is not written literally."""
    span = schedule.origin_of("cron")
    at = span.source.text.find(schedule.cron, span.start, span.end)
    return span if at < 0 else Span(span.source, at + problem.start, at + problem.end)


def _check_zone(schedule: Schedule, report: Report) -> tzinfo | None:
    zone = find_zone(schedule.timezone)
    if zone is None and known():
        guess = similar(schedule.timezone)
        report.error(
            "E706",
            f"there is no time zone `{echoed(schedule.timezone, _LONGEST)}`",
            schedule.origin_of("timezone"),
            label="not a time zone of every engine",
            help=replace(f"write `timezone: {guess}`", schedule.origin_of("timezone"), guess)
            if guess
            else "write a name of the IANA database, such as `Europe/Berlin`",
        )
    return zone


def _check_catchup(schedule: Schedule, report: Report) -> None:
    if schedule.catchup and schedule.start is None:
        report.error(
            "E707",
            "`catchup` needs `start`, the time of the first run to catch up",
            schedule.origin_of("catchup"),
            label="since when?",
            help='add `start: "2026-01-01"` to `schedule`',
        )


def _check_params(pipeline: Pipeline, schedule: Schedule, report: Report) -> None:
    for param in pipeline.params:
        if param.default is None:
            report.error(
                "E708",
                f"`{param.name}` has no default, and a scheduled run is given no params",
                param.origin,
                label="a schedule cannot give this value",
                secondary=[Label(schedule.origin_of("cron"), "runs start by themselves")],
                help=f'give it a default that means "not given", such as `default: {NOT_GIVEN[param.type]}`, or remove '
                "`schedule`",
            )


def _check_clocks(schedule: Schedule, cron: Cron, zone: tzinfo, since: date, report: Report) -> None:
    every = list(changes(zone, since, _YEARS))
    found = [change for change in every if change.by_an_hour]
    ticks = [(change, walls[0]) for change in found if (walls := ticks_within(cron, change))]
    _warn_missing(schedule, zone, [wall for change, wall in ticks if change.missing], report)
    _warn_double(schedule, [wall for change, wall in ticks if not change.missing], report)
    _warn_shifted(schedule, sorted({day for change in found if (day := day_after(cron, change))}), report)
    _warn_unlike(
        schedule, "by other than an hour", [c.end.date() for c in every if not c.by_an_hour], _OF_OTHER_LENGTH, report
    )
    _warn_unlike(schedule, "at midnight", [c.end.date() for c in found if splits_days(cron, c)], _AT_MIDNIGHT, report)


def _warn_missing(schedule: Schedule, zone: tzinfo, walls: list[datetime], report: Report) -> None:
    if not walls:
        return
    later = instants(walls[0], zone)[0].astimezone(zone)
    report.warning(
        "W701",
        f"{walls[0]:%H:%M} does not exist on {_days(walls)}",
        schedule.origin_of("cron"),
        label=f"clocks of {schedule.timezone} go forward over this time",
        notes=[f"airflow runs at {later:%H:%M} that day; argo does not run at all"],
        help=_HELP,
    )


def _warn_double(schedule: Schedule, walls: list[datetime], report: Report) -> None:
    if not walls:
        return
    report.warning(
        "W702",
        f"{walls[0]:%H:%M} occurs twice on {_days(walls)}",
        schedule.origin_of("cron"),
        label=f"clocks of {schedule.timezone} go back over this time",
        notes=["airflow runs the second time; argo runs both times"],
        help=_HELP,
    )


def _warn_shifted(schedule: Schedule, days: list[date], report: Report) -> None:
    if not days:
        return
    report.warning(
        "W703",
        f"airflow starts at another hour on {_days(days)}",
        schedule.origin_of("cron"),
        label=f"clocks of {schedule.timezone} change while this pauses",
        notes=["airflow starts an hour late in spring and an hour early in autumn; argo starts on time"],
        help="leave out one hour of the day, such as `0-22`, or write `timezone: UTC`",
    )


def _warn_unlike(schedule: Schedule, how: str, days: list[date], note: str, report: Report) -> None:
    if not days:
        return
    report.warning(
        "W704",
        f"airflow and argo differ on {_days(days)}",
        schedule.origin_of("timezone"),
        label=f"its clocks change {how}",
        notes=[note],
        help="write `timezone: UTC`, or another zone",
    )


_OF_OTHER_LENGTH = "airflow shifts ticks of that day and of the next ones; argo does not"
_AT_MIDNIGHT = "argo takes the day for the one before it: it runs though it should not, or does not run"
_HELP = "choose an hour at which clocks do not change, or `timezone: UTC`"


def _days(days: Sequence[date]) -> str:
    dates = [f"{day:%Y-%m-%d}" for day in days]
    return ", ".join(dates[:_SHOWN]) + (f" and {len(dates) - _SHOWN} days more" if len(dates) > _SHOWN else "")
