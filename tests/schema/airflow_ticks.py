"""Prints the ticks of cron expressions from Airflow's timetable. Runs inside an Airflow environment.

Each line of standard input is `zone<TAB>from (unix)<TAB>count<TAB>expression`; the answer to each is a line of unix
times, or `error: ...`. The timetable is the one in generated files, serialized as for Airflow's scheduler.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from airflow.sdk import CronTriggerTimetable
from airflow.serialization.encoders import coerce_to_core_timetable
from airflow.timetables.base import DataInterval, TimeRestriction
from pendulum import instance


def ticks(zone: str, since: int, count: int, expression: str) -> list[int]:
    """The ticks after an instant, each computed from the tick before, as in the scheduler."""
    timetable = coerce_to_core_timetable(CronTriggerTimetable(expression, timezone=zone))
    start = instance(datetime.fromtimestamp(since, UTC))
    restriction = TimeRestriction(earliest=start, latest=None, catchup=True)
    found: list[int] = []
    last = None
    while len(found) < count:
        run = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
        if run is None or (found and run.run_after.timestamp() <= found[-1]):
            raise ValueError(f"no tick after {found[-1:]}")
        if run.run_after.timestamp() > since:
            found.append(int(run.run_after.timestamp()))
        # The scheduler reads the last run back from the database, in UTC.
        last = DataInterval.exact(run.data_interval.end.in_timezone("UTC"))
    return found


def main() -> None:
    for line in sys.stdin:
        zone, since, count, expression = line.rstrip("\n").split("\t", 3)
        try:
            answer = " ".join(map(str, ticks(zone, int(since), int(count), expression)))
        except Exception as error:
            answer = f"error: {type(error).__name__}: {error}".replace("\n", " ")
        print(answer, flush=True)


main()
