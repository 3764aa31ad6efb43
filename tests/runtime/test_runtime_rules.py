"""States and orders compared with a second, small implementation of the execution model."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from running import Runner, ancestors, moment, script_of

from dagwright.ir.expr import Const, Text
from dagwright.ir.model import Command, Pipeline, Task, TriggerRule
from dagwright.ir.types import Type
from dagwright.meaning.rules import pause


@dataclass(frozen=True)
class Node:
    """A task of the model: its needs, its rule, the value of `when`, and whether its process fails."""

    needs: tuple[str, ...]
    rule: str
    when: bool | None
    fails: bool


def expected_state(node: Node, states: Mapping[str, str]) -> str:
    """The state from the table of the execution model."""
    needs = [states[need] for need in node.needs]
    broken = "failed" in needs or "upstream_failed" in needs
    skipped = "skipped" in needs
    if node.rule == "any_failed":
        runs = broken
        otherwise = "skipped"
    elif node.rule == "all_done":
        runs, otherwise = True, ""
    elif broken:
        runs, otherwise = False, "upstream_failed"
    elif node.rule == "all_success":
        runs, otherwise = not skipped, "skipped"
    elif node.rule == "none_failed":
        runs, otherwise = True, ""
    else:
        runs, otherwise = not needs or "succeeded" in needs, "skipped"
    if not runs:
        return otherwise
    if node.when is False:
        return "skipped"
    return "failed" if node.fails else "succeeded"


RULES = ("all_success", "none_failed", "none_failed_min_one_success", "any_failed", "all_done")


def random_nodes(seed: int, count: int) -> dict[str, Node]:
    chance = random.Random(seed)
    nodes: dict[str, Node] = {}
    for number in range(count):
        names = list(nodes)[-12:]
        needs = tuple(chance.sample(names, min(len(names), chance.choice((0, 1, 2, 2, 3)))))
        rule = chance.choice(RULES) if needs else "all_success"
        when = chance.choice((None, None, None, True, False))
        nodes[f"t{number}"] = Node(needs, rule, when, chance.random() < 0.25)
    return nodes


def task_of(name: str, node: Node) -> Task:
    when = None if node.when is None else Const(Type.BOOLEAN, node.when, "true" if node.when else "false")
    argv = (Text(("false" if node.fails else "true",)),)
    return Task(name, Command(argv), needs=node.needs, trigger_rule=TriggerRule(node.rule), when=when)


def check_order(needs: Mapping[str, Sequence[str]], events: list[dict[str, object]]) -> None:
    """Every start comes after the final state of every ancestor."""
    settled = {str(e["task"]): at for at, e in enumerate(events) if e["event"] == "state"}
    starts = [(at, str(e["task"])) for at, e in enumerate(events) if e["event"] == "start"]
    assert starts
    for at, name in starts:
        assert all(settled[ancestor] < at for ancestor in ancestors(needs, name)), name


@pytest.mark.parametrize("seed", range(4))
def test_random_pipelines_end_as_the_model_says(here: Runner, seed: int) -> None:
    nodes = random_nodes(seed, 80)
    tasks = tuple(task_of(name, node) for name, node in nodes.items())
    ran = here.run(script_of(Pipeline("case", "0" * 64, tasks)), "-j", "4", "--quiet")
    states: dict[str, str] = {}
    for name, node in nodes.items():
        states[name] = expected_state(node, states)
    assert ran.states == states
    assert len(set(states.values())) == 4
    assert ran.trace["status"] == "failed"
    assert ran.code == 5
    assert all(
        task["attempts"] == (1 if states[name] in ("succeeded", "failed") else 0)
        for name, task in ran.trace["tasks"].items()
    )
    check_order({name: node.needs for name, node in nodes.items()}, ran.record)


def test_a_cleanup_waits_for_the_siblings_of_a_failure(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  fails: {command: ["false"]}
  slow: {script: sleep 0.4}
  cleanup: {command: ["true"], needs: [fails, slow], trigger_rule: any_failed}
""",
        "-j",
        "3",
    )
    assert ran.states == {"fails": "failed", "slow": "succeeded", "cleanup": "succeeded"}
    check_order({"fails": (), "slow": (), "cleanup": ("fails", "slow")}, ran.record)


def test_a_pause_grows_by_its_factor_up_to_its_limit() -> None:
    assert [pause(30, 2, 600, k) for k in range(1, 8)] == [30, 60, 120, 240, 480, 600, 600]
    assert pause(5, 1, None, 10**9) == 5
    assert pause(0, 10, None, 10**9) == 0
    assert pause(1, 10, None, 400) == 3650 * 86400


def test_retries_wait_at_least_their_pauses_and_then_give_up(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  t:
    script: exit 3
    retry: {limit: 2, delay: 1s, factor: 2, max_delay: 1s}
"""
    )
    assert ran.task("t") == {"state": "failed", "attempts": 3, "outputs": {}}
    ends, starts = ran.events("end"), ran.events("start")
    assert [end["exit"] for end in ends] == [3, 3, 3]
    assert [end.get("retry_in") for end in ends] == [1, 1, None]
    assert all(moment(start) - moment(end) >= 0.99 for end, start in zip(ends, starts[1:], strict=False))


def test_an_attempt_starts_with_an_empty_folder_and_its_number(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  t:
    script: |
      test -z "$(ls "$DW_OUT")"
      echo left > "$DW_OUT/left"
      printf '%s' "$DW_ATTEMPT" > "$DW_OUT/n"
      test "$DW_ATTEMPT" = 3
    outputs: {n: integer}
    retry: 5
"""
    )
    assert ran.task("t") == {"state": "succeeded", "attempts": 3, "outputs": {"n": 3}}
