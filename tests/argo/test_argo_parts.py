"""Partitions: each task in one part, edges from earlier to later parts, sizes within the limits, little waiting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from argo.shapes import blocks, chains, scattered, tasks_of, tree
from dagwright.backends.argo.analysis import partition
from dagwright.backends.argo.analysis.partition import Part, Partition, needs_elsewhere, partition_of
from dagwright.ir.model import Task

SHAPES: dict[str, Callable[[], tuple[Task, ...]]] = {
    "chains": lambda: chains(300, 4),
    "wide chains": lambda: chains(1500, 1),
    "blocks": lambda: blocks(60),
    "tree": lambda: tree(1000, 3),
    "root": lambda: tasks_of(
        (f"t{at}", tuple(f"t{i}" for i in (2 * at + 1, 2 * at + 2) if i < 700)) for at in range(700)
    ),
    "alone": lambda: tasks_of((f"t{at}", ()) for at in range(900)),
    "chain": lambda: tasks_of((f"t{at}", (f"t{at - 1}",) if at else ()) for at in range(1000)),
    "dense": lambda: tasks_of((f"t{at}", tuple(f"t{i}" for i in range(max(0, at - 20), at))) for at in range(600)),
    "layers": lambda: tasks_of(
        (f"t{at}_{i}", tuple(f"t{at - 1}_{(i + k) % 120}" for k in range(3)) if at else ())
        for at in range(5)
        for i in range(120)
    ),
    **{f"scattered {seed}": partial(scattered, 700, seed) for seed in range(6)},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_cut_keeps_all_tasks_and_edges(shape: str) -> None:
    tasks = SHAPES[shape]()
    check(tasks, partition_of(tasks, "part"))


@pytest.mark.parametrize("room", [3, 4, 5, 17])
@pytest.mark.parametrize("seed", range(8))
def test_a_cut_holds_at_any_size(monkeypatch: pytest.MonkeyPatch, room: int, seed: int) -> None:
    monkeypatch.setattr(partition, "ROOM", room)
    tasks = scattered(120, seed, near=12)
    check(tasks, partition_of(tasks, "part"))


def check(tasks: tuple[Task, ...], found: Partition) -> None:
    assert len(found.parts) > 1
    assert sorted(task.name for part in found.parts for task in part.tasks) == sorted(task.name for task in tasks)
    place = {part.name: at for at, part in enumerate(found.parts)}
    for at, part in enumerate(found.parts):
        here = {task.name for task in part.tasks}
        assert len(part.tasks) + 2 * len(needs_elsewhere(part.tasks, dict.fromkeys(here))) <= partition.ROOM
        others = {found.part_of[need] for task in part.tasks for need in task.needs} - {part.name}
        assert set(part.after) == others
        assert all(place[other] < at for other in others)
    reachable(found.top, set())
    assert set(found.paths) == {task.name for task in tasks}


def reachable(top: tuple[Part, ...], before: set[str]) -> None:
    """Parts of parts fit into one DAG, and wait only for earlier ones."""
    assert len(top) <= partition.ROOM
    names = [part.name for part in top]
    for at, part in enumerate(top):
        assert set(part.after) <= set(names[:at])
        if part.within:
            reachable(part.within, before)


def test_chains_side_by_side_do_not_wait_for_each_other() -> None:
    found = partition_of(SHAPES["chains"](), "part")
    (split,) = [part for part in found.parts if any(task.name == "split" for task in part.tasks)]
    (join,) = [part for part in found.parts if any(task.name == "join" for task in part.tasks)]
    between = [part for part in found.parts if part not in (split, join)]
    assert len(split.tasks) == len(join.tasks) == 1
    assert all(part.after == (split.name,) for part in between)
    assert len(between) <= 1 + 1200 // 150


def test_a_tree_is_cut_below_its_trunk() -> None:
    found = partition_of(SHAPES["tree"](), "part")
    trunk, *branches = found.parts
    assert all(part.after == (trunk.name,) for part in branches)


def test_blocks_follow_each_other() -> None:
    found = partition_of(SHAPES["blocks"](), "part")
    assert [part.after for part in found.parts[1:]] == [(part.name,) for part in found.parts[:-1]]
    assert len(found.parts) <= 5


def test_a_pipeline_that_fits_is_not_cut() -> None:
    assert partition_of(blocks(19), "part").parts == ()


def test_parts_that_are_too_many_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "ROOM", 3)
    found = partition_of(tree(40, 2), "part")
    assert any(part.within for part in found.top)
    assert all("." in path for path in found.paths.values())
