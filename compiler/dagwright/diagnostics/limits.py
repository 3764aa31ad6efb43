"""Limits of the language: one sentence per limit about the workaround, with a section of the limits page."""

from __future__ import annotations

from dagwright.diagnostics import site

# The heading's anchor on the page → the workaround. Each sentence fits any key that asks for the missing feature.
LIMITS: dict[str, str] = {
    "wait-for-something": "a task cannot wait for a file, a time or another pipeline; let a program wait in a loop, "
    "with a `timeout`",
    "time-limit-of-a-run": "a whole run has no time limit; `defaults: {timeout: 2h}` limits each attempt of each task",
    "retry-only-some-failures": "`retry` repeats every failure; a program that must not run again writes a marker "
    "or ends with success",
    "ignore-failures": "a failed task always fails the run; to carry on in spite of it, catch the failure inside "
    "the task's program, or give the next task `trigger_rule: all_done`",
    "cache-results": "results of earlier runs are not reused; let the program end early if its result exists",
    "number-of-runs-at-once": "runs of a pipeline either overlap or wait; `schedule: {overlap: forbid}` allows one "
    "at a time, and no other number is possible",
    "locks-and-pools": "a task cannot take a lock or a pool slot of its own; `targets.airflow.pool` sets one pool "
    "for all tasks",
    "groups-and-sub-pipelines": "a group of tasks cannot be called or repeated; share single tasks as `components:`",
    "conditions-on-items": "`when` is decided once for all instances; filter the list in the task that makes it, or "
    "use `exclude` in a `matrix`",
    "values-from-outside": "the spec cannot read variables of your shell or CI system; declare a var, and give it with "
    "`--var NAME=VALUE` when you compile",
    "days-that-cron-cannot-name": "engines read `L`, `W` and `#` differently; run on all days that may be meant, and "
    "let the first task decide",
    "start-without-a-schedule": "there is no schedule for a single start or an event; leave `schedule` out and start "
    "the run yourself",
    "start-before-all-needs-have-ended": "a task starts after all its needs have ended, never after the first of them",
    "callbacks": "there are no callbacks; write a task with `needs: [that_task]` and `trigger_rule: any_failed`, or a "
    "`finally` task",
    "placement-of-one-task": "a node or a toleration cannot be chosen for one task; `targets.argo.patch` sets it for "
    "all pods on Argo, and Airflow has no setting for it",
    "volumes-and-sidecars": "a task has no volumes, sidecars or services; files travel between tasks as `outputs`",
    "approval-by-a-person": "a run cannot wait for a person; split the pipeline in two and start the second by hand",
    "priority-of-a-task": "the order of tasks that are ready cannot be set; the engine decides",
    "fail-fast": "the other tasks and instances of a run go on after a failure",
    "earlier-runs": "a task cannot see earlier runs; keep what you need in a store of your own",
    "finally-reads-no-tasks": "a `finally` task reads `params`, `run` and other `finally` tasks only",
}


def limit(anchor: str) -> str:
    """The help line of a limit: the workaround, and the page to read."""
    return f"{LIMITS[anchor]}; see {site.LIMITS}#{anchor}"
