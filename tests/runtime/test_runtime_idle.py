"""A waiting run sleeps, until a free slot, the end of a pause before a retry, or the earliest of several pauses."""

from __future__ import annotations

import os

from running import Runner, moment

WAITS = """
tasks:
  fails: {command: ["false"], retry: {limit: 1, delay: 5s}}
  sleeps: {command: [sleep, "4"]}
  waits: {command: ["true"], needs: [sleeps], trigger_rule: all_done}
  next: {command: ["true"]}
"""
PAUSES = """
tasks:
  quick: {command: ["false"], retry: {limit: 1, delay: 1s}}
  slow: {command: ["false"], retry: {limit: 1, delay: 5s}}
"""


def test_a_run_that_waits_takes_no_cpu(here: Runner) -> None:
    """Without parallel tasks, `next` waits some seconds for the slot of `sleeps`, and `fails` for its retry."""
    before = os.times()
    ran = here.spec(WAITS, "--parallel", "1", "--quiet")
    after = os.times()
    assert ran.states == {"fails": "failed", "sleeps": "succeeded", "waits": "succeeded", "next": "succeeded"}
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used < 1


def test_no_end_is_missed_beside_another_thread(here: Runner) -> None:
    """A library's thread does not block the signals that announce ends: Linux would give them to it."""
    site = here.folder / "site"
    site.mkdir()
    text = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    (site / "sitecustomize.py").write_text(text, encoding="utf-8")
    chain = [f"  t{at}: {{command: ['true'], needs: [{f't{at - 1}' if at else ''}]}}" for at in range(100)]
    ran = here.spec("\n".join(["tasks:", *chain]), env={"PYTHONPATH": str(site)})
    assert set(ran.states.values()) == {"succeeded"}


def test_the_earliest_pause_ends_first(here: Runner) -> None:
    ran = here.spec(PAUSES, "--parallel", "2")
    again = {event["task"]: moment(event) for event in ran.events("start", attempt=2)}
    assert again["slow"] - again["quick"] > 2
