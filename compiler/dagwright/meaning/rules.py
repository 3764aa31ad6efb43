"""Trigger rules, and pauses before retries."""

from __future__ import annotations

from typing import Collection, Dict, Optional, Sequence, Tuple

FAILED = ("failed", "upstream_failed")
RUN = "run"
NAMED_CAUSES = 3  # causes named for a task that did not run
LONGEST_PAUSE = 3650 * 86400

# trigger rule: the result if any need has failed, else if any need was skipped, else
RULES: Dict[str, Tuple[str, str, str]] = {
    "all_success": ("upstream_failed", "skipped", RUN),
    "none_failed": ("upstream_failed", RUN, RUN),
    "none_failed_min_one_success": ("upstream_failed", RUN, RUN),  # but skipped if all needs were
    "any_failed": (RUN, "skipped", "skipped"),
    "all_done": (RUN, RUN, RUN),
}


def decision(rule: str, states: Collection[str]) -> str:
    """`run`, or the final state of a task that does not run; `states` are the final states of its needs."""
    on_failure, on_skip, otherwise = RULES[rule]
    if any(state in FAILED for state in states):
        return on_failure
    if "skipped" not in states:
        return otherwise
    every = all(state == "skipped" for state in states)
    return "skipped" if every and rule == "none_failed_min_one_success" else on_skip


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
