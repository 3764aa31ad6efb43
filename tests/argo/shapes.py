"""Large graphs for the tests of cutting, as IR tasks without a spec."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

from dagwright.ir.expr import Text
from dagwright.ir.model import Command, Task, TriggerRule

_ACTION = Command((Text(("true",)),))
_RULES = [*TriggerRule]


def tasks_of(edges: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[Task, ...]:
    """Tasks by name and needs."""
    return tuple(Task(name, _ACTION, needs=needs) for name, needs in edges)


def chains(width: int, length: int) -> tuple[Task, ...]:
    """A split, chains side by side, a join."""
    made: list[tuple[str, tuple[str, ...]]] = [("split", ())]
    for strand in range(width):
        names = ["split", *(f"c{strand}_{at}" for at in range(length))]
        made += [(name, (before,)) for before, name in pairwise(names)]
    made.append(("join", tuple(f"c{strand}_{length - 1}" for strand in range(width))))
    return tasks_of(made)


def blocks(count: int) -> tuple[Task, ...]:
    """Chained blocks: a split, eight tasks, a join."""
    made: list[tuple[str, tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    for at in range(count):
        middle = tuple(f"work{at}_{i}" for i in range(8))
        made += [(f"split{at}", before), *((name, (f"split{at}",)) for name in middle), (f"join{at}", middle)]
        before = (f"join{at}",)
    return tasks_of(made)


def tree(count: int, fan: int) -> tuple[Task, ...]:
    """Each task is needed by `fan` others."""
    return tasks_of((f"t{at}", (f"t{(at - 1) // fan}",) if at else ()) for at in range(count))


def scattered(count: int, seed: int, near: int = 40) -> tuple[Task, ...]:
    """Random needs and rules; some tasks have very many needs."""
    chance = random.Random(seed)
    made = []
    for at in range(count):
        least = 0 if at % 101 == 100 else max(0, at - near)
        wanted = 60 if at % 101 == 100 else chance.choice((0, 1, 1, 2, 3))
        needs = chance.sample(range(least, at), min(wanted, at - least))
        rule = chance.choice(_RULES) if needs else TriggerRule.ALL_SUCCESS
        made.append(Task(f"t{at}", _ACTION, needs=tuple(f"t{n}" for n in sorted(needs)), trigger_rule=rule))
    return tuple(made)
