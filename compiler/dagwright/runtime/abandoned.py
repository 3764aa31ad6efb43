"""Processes of runs whose runner was killed together with its guard: the next run in the same folder ends them."""

from __future__ import annotations

import os
import re
import subprocess
import time
from datetime import datetime
from typing import Any, Collection, Dict, List, Mapping, Set, Tuple

from dagwright.runtime.guard import end_groups
from dagwright.runtime.processes import marked, parents
from dagwright.runtime.record import RECORD, TRACE, is_live, read_record

_MOST_RUNS = 20  # the newest runs whose records are read where there is no /proc
_TOLERANCE = 10.0  # seconds between the start of a process and its event


def end_abandoned(runs: str, own: str) -> List[str]:
    """End the processes of runs that are over, and return a line for each such run.

    `own` is the run of this process, before its first task: what runs of it is of an earlier runner.
    """
    lines = []
    for run, groups in sorted(abandoned(runs, own).items()):
        end_groups(groups, os.path.join(runs, run) + "/")
        what = "a process" if len(groups) == 1 else f"{len(groups)} processes"
        lines.append(f"note: {what} of the run {run}, whose runner was killed, still ran; ended now\n")
    return lines


def abandoned(runs: str, own: str) -> Dict[str, Set[int]]:
    """The processes of runs in a folder whose runner and guard are gone, by run."""
    return by_environment(runs, own) if os.path.exists("/proc/self/environ") else by_record(runs, own)


def by_environment(runs: str, own: str) -> Dict[str, Set[int]]:
    """Processes with a `$DW_OUT` in the folder of a run, except this one and its ancestors."""
    found: Dict[str, Set[int]] = {}
    above = ancestors(os.getpid(), parents())
    for pid, out in marked(runs + "/").items():
        run = out[len(runs) + 1 :].partition("/")[0]
        if pid not in above and (run == own or is_over(os.path.join(runs, run))):
            found.setdefault(run, set()).add(pid)
    return found


def ancestors(pid: int, parent_of: Mapping[int, int]) -> Set[int]:
    """A process and its ancestors."""
    found: Set[int] = set()
    while pid and pid not in found:
        found.add(pid)
        pid = parent_of.get(pid, 0)
    return found


def is_over(run: str) -> bool:
    """Whether no runner and no guard of a run exist."""
    return os.path.exists(os.path.join(run, "lock")) and not is_live(run)


def by_record(runs: str, own: str) -> Dict[str, Set[int]]:
    """The groups of attempts that have started and not ended by the record, if the leader has the same start."""
    found: Dict[str, Set[int]] = {}
    starts: Dict[int, float] = {}
    for run in sorted(os.listdir(runs), reverse=True)[:_MOST_RUNS]:
        folder = os.path.join(runs, run)
        if os.path.islink(folder) or not os.path.exists(os.path.join(folder, RECORD)):
            continue
        if run != own and (os.path.exists(os.path.join(folder, TRACE)) or not is_over(folder)):
            continue
        starts = starts or starts_by_ps()
        groups = {pid for pid, at in unfinished(read_record(folder)) if abs(starts.get(pid, 0) - at) < _TOLERANCE}
        if groups:
            found[run] = groups
    return found


def unfinished(events: Collection[Mapping[str, Any]]) -> List[Tuple[int, float]]:
    """The processes of attempts that have started and not ended, with the times of their starts."""
    open_attempts: Dict[Tuple[Any, ...], Tuple[int, float]] = {}
    for event in events:
        key = (event.get("task"), event.get("index"), event.get("attempt"))
        if event["event"] == "start" and "pid" in event:
            open_attempts[key] = (event["pid"], moment_of(event))
        elif event["event"] == "end":
            open_attempts.pop(key, None)
    return list(open_attempts.values())


def moment_of(event: Mapping[str, Any]) -> float:
    """The time of an event, in seconds since 1970."""
    return datetime.fromisoformat(event["at"].replace("Z", "+00:00")).timestamp()


def starts_by_ps() -> Dict[int, float]:
    """The leaders of process groups, each with the time of its start in seconds since 1970."""
    try:
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,pgid=,stat=,etime="],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    except OSError:
        return {}
    now, found = time.time(), {}
    for pid, group, state, elapsed in re.findall(rb"(\d+)\s+(\d+)\s+(\S+)\s+([-:\d]+)", listed.stdout):
        if pid == group and not state.startswith(b"Z"):
            days, _, clock = elapsed.rpartition(b"-")
            seconds = 0
            for part in clock.split(b":"):
                seconds = seconds * 60 + int(part)
            found[int(pid)] = now - seconds - 86400 * int(days or 0)
    return found
