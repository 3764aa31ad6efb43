"""Trigger rules, states of tasks, and pauses before retries."""

from __future__ import annotations

from typing import Collection, Dict, NamedTuple, Optional, Sequence, Tuple

# The final states of a task that specs can read.
STATES = ("succeeded", "failed", "skipped", "upstream_failed")
RUN_STATES = ("succeeded", "failed")
FAILED = ("failed", "upstream_failed")
RUN = "run"
NAMED_CAUSES = 3  # causes named for a task that did not run
LONGEST_PAUSE = 3650 * 86400


class Rule(NamedTuple):
    """One trigger rule: `run`, or the state of a task that does not run, by the final states of its needs.

    The first column that applies counts: a need has failed, every need was skipped, a need was skipped, or neither.
    """

    failed: str
    all_skipped: str
    skipped: str
    otherwise: str


RULES: Dict[str, Rule] = {
    "all_success": Rule("upstream_failed", "skipped", "skipped", RUN),
    "none_failed": Rule("upstream_failed", RUN, RUN, RUN),
    "none_failed_min_one_success": Rule("upstream_failed", "skipped", RUN, RUN),
    "any_failed": Rule(RUN, "skipped", "skipped", "skipped"),
    "all_done": Rule(RUN, RUN, RUN, RUN),
}


def decision(rule: str, states: Collection[str]) -> str:
    """`run`, or the final state of a task that does not run; `states` are the final states of its needs."""
    row = RULES[rule]
    if any(state in FAILED for state in states):
        return row.failed
    if "skipped" not in states:
        return row.otherwise
    return row.all_skipped if all(state == "skipped" for state in states) else row.skipped


def states_before(rule: str) -> Tuple[str, ...]:
    """The final states that one of several needs can have when a task with the rule runs."""
    return tuple(state for state in STATES if any(decision(rule, (state, other)) == RUN for other in STATES))


def because(state: str, causes: Sequence[str]) -> str:
    """The reason why a task did not run, with the tasks that caused it."""
    if not causes:
        return "all of its needs succeeded"
    names = ", ".join(f"`{name}`" for name in causes)
    if state == "upstream_failed":
        return f"{names} failed"
    return f"{names} {'was' if len(causes) == 1 else 'were'} skipped"


def pause(delay: int, factor: int, max_delay: Optional[int], attempt: int) -> int:
    """The seconds between failed attempt `attempt` (from 1) and the next attempt."""
    longest = LONGEST_PAUSE if max_delay is None else max_delay
    seconds = delay
    for _ in range(attempt - 1):
        if factor == 1 or not 0 < seconds < longest:
            break
        seconds *= factor
    return min(seconds, longest)


def group_state(states: Collection[str]) -> str:
    """The state of a fan-out, from the states of its instances."""
    if not states:
        return "skipped"
    return next((bad for bad in ("cancelled", "failed") if bad in states), "succeeded")
