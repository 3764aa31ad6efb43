"""The parts of a pipeline that is too large for one DAG: one DAG per part.

A part starts when the parts that its tasks need have ended, so a good cut adds little waiting: tasks with many
neighbours get their own parts, connected tasks stay together, and long chains are cut where few edges cross.
Edges between parts always lead from an earlier part to a later one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from dagwright.backends.argo import names
from dagwright.ir.graph import topological
from dagwright.ir.model import Task
from dagwright.meaning.rules import RUN

MOST_CALLS = 200  # tasks of a DAG, from the definitions of Argo's objects
ROOM = MOST_CALLS - 4  # without the first tasks of a DAG and the task that stores its states
HUB = 24  # needs or readers: a task with so many separates the tasks before and after it
MANY_BRANCHES = 4  # a cut with at least so many tasks needed after it may leave unconnected branches
FEW = 16  # up to so many components of a stage get a part each, so they do not wait for each other


@dataclass(frozen=True, slots=True)
class Part:
    """A DAG with some of the tasks, and the names of the parts that must end before it starts."""

    name: str
    tasks: tuple[Task, ...]
    after: tuple[str, ...] = ()
    within: tuple[Part, ...] = field(default=())  # the parts in a DAG of parts, which has no tasks


@dataclass(frozen=True)
class Partition:
    """The parts of a pipeline in execution order; empty if the pipeline is not cut."""

    parts: tuple[Part, ...] = ()

    @cached_property
    def part_of(self) -> Mapping[str, str]:
        """The name of the part of every task."""
        return {task.name: part.name for part in self.parts for task in part.tasks}

    @cached_property
    def top(self) -> tuple[Part, ...]:
        """The parts that the first DAG calls; DAGs of parts if there are too many."""
        level, parts = 1, self.parts
        while len(parts) > ROOM:
            level += 1
            parts = _grouped(parts, level)
        return parts

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """The node path of every task below the first DAG: `part--1.load`."""
        paths: dict[str, str] = {}

        def walk(parts: tuple[Part, ...], before: str) -> None:
            for part in parts:
                walk(part.within, f"{before}{part.name}.")
                paths.update((task.name, f"{before}{part.name}.{names.kebab(task.name)}") for task in part.tasks)

        walk(self.top, "")
        return paths


def partition_of(tasks: tuple[Task, ...], prefix: str) -> Partition:
    """The parts of a group of tasks."""
    if len(tasks) <= ROOM:
        return Partition()
    order = topological(tasks)
    pieces = [piece for stage in _stages(order) for piece in _pieces(stage)]
    for step in (_joined, _alike, _small):
        pieces = step(pieces)
    return Partition(_parts(pieces, tasks, prefix))


def _stages(order: Sequence[Task]) -> list[list[Task]]:
    """Tasks in stages, by the number of hubs before them: hubs alone, then the tasks after them."""
    readers: dict[str, int] = {task.name: 0 for task in order}
    for task in order:
        for need in task.needs:
            readers[need] += 1
    number: dict[str, int] = {}
    stages: dict[int, list[Task]] = {}
    for task in order:
        before = max((number[need] for need in task.needs), default=0)
        hub = len(task.needs) >= HUB or readers[task.name] >= HUB
        # Ordinary tasks have even numbers, hubs odd ones.
        number[task.name] = (before | 1) + 2 * (before & 1) if hub else before + (before & 1)
        stages.setdefault(number[task.name], []).append(task)
    return [stages[at] for at in sorted(stages)]


def _pieces(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """The connected components, separately, or packed together if there are too many; large ones are cut.

    Edges lead from earlier to later pieces only.
    """
    small: list[list[Task]] = []
    large: list[list[Task]] = []
    for component in components(tasks):
        (small if _size(component) <= ROOM else large).append(component)
    yield from small if len(small) <= FEW else _packed(small)
    for component in large:
        for half in _halves(component):
            yield from _pieces(half)


def _halves(component: Sequence[Task]) -> tuple[list[Task], list[Task]]:
    """The two halves of a component; edges lead only from the first half to the second.

    If cutting off a trunk or a root of one part's size leaves only small branches, the cut is there, unless there is a
    narrow level near the middle. Else the cut is where few earlier tasks are needed later, and where parts get full.
    """
    levels, crossing = _levels(component)
    sums = [0, *accumulate(map(len, levels))]
    whole, last = sums[-1], len(levels)
    if last == 1:
        return list(component[: whole // 2]), list(component[whole // 2 :])
    inner = [at for at in range(1, last) if whole <= 3 * sums[at] <= 2 * whole]
    if not any(crossing[at] < MANY_BRANCHES for at in inner):
        fitting = [at for at in range(1, last) if crossing[at] >= MANY_BRANCHES]
        trunk = _cut_off(levels, [at for at in reversed(fitting) if sums[at] <= ROOM])
        root = _cut_off(levels, [at for at in fitting if whole - sums[at] <= ROOM // 2])
        cuts = [at for at in (trunk, root) if at]
        if cuts:
            return _at(levels, min(cuts, key=lambda at: crossing[at]))
    full = ROOM * 15 // 16  # a part with some room for proxies
    ideal = max(1, round(whole / 2 / full)) * full
    middle = min(inner or range(1, last), key=lambda at: (crossing[at] if inner else 0, abs(sums[at] - ideal)))
    return _at(levels, middle)


def _cut_off(levels: Sequence[list[Task]], tried: Iterable[int]) -> int:
    """The last tried level whose cut leaves only small components, or 0."""
    whole, last = sum(map(len, levels)), 0
    for at in tried:
        if _largest(_at(levels, at)) > (ROOM // 2 if last else whole // 2):
            break
        last = at
    return last


def _at(levels: Sequence[list[Task]], at: int) -> tuple[list[Task], list[Task]]:
    before, behind = levels[:at], levels[at:]
    return [task for level in before for task in level], [task for level in behind for task in level]


def _largest(halves: tuple[list[Task], list[Task]]) -> int:
    """The number of tasks in the largest component of two halves."""
    return max(len(component) for half in halves for component in components(half))


def components(tasks: Sequence[Task]) -> list[list[Task]]:
    """The connected components of the tasks, each in the given order."""
    parent = {task.name: task.name for task in tasks}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for task in tasks:
        own = root(task.name)
        for need in task.needs:
            if need in parent:
                parent[root(need)] = own
    by_root: dict[str, list[Task]] = {}
    for task in tasks:
        by_root.setdefault(root(task.name), []).append(task)
    return list(by_root.values())


def needs_elsewhere(tasks: Iterable[Task], here: Collection[str]) -> set[tuple[frozenset[str], bool]]:
    """The sets of needs in other parts, each with a flag: must all be skipped for the task to be skipped?"""
    sets = set()
    for task in tasks:
        elsewhere = [need for need in task.needs if need not in here]
        if elsewhere:
            sets.add((frozenset(elsewhere), all_skip(task, len(elsewhere))))
    return sets


def all_skip(task: Task, many: int) -> bool:
    """Whether a task with several needs is skipped only if all of them are."""
    rule = task.trigger_rule.row
    return many > 1 and rule.skipped == RUN != rule.all_skipped


def _size(tasks: Sequence[Task]) -> int:
    """The number of tasks in a DAG of these tasks, with a proxy of two tasks for each set of needs in other parts."""
    return len(tasks) + 2 * len(needs_elsewhere(tasks, {task.name for task in tasks}))


def _levels(component: Sequence[Task]) -> tuple[list[list[Task]], list[int]]:
    """Tasks by depth; and for each depth, the number of earlier tasks that are still needed."""
    depth: dict[str, int] = {}
    for task in component:
        depth[task.name] = max((depth[need] + 1 for need in task.needs if need in depth), default=0)
    last = dict(depth)  # the deepest level at which a task is needed
    for task in component:
        for need in task.needs:
            if need in last:
                last[need] = max(last[need], depth[task.name])
    levels: list[list[Task]] = [[] for _ in range(max(depth.values()) + 1)]
    change = [0] * (len(levels) + 1)
    for task in component:
        levels[depth[task.name]].append(task)
        change[depth[task.name] + 1] += 1
        change[last[task.name] + 1] -= 1
    return levels, list(accumulate(change))


def _packed(pieces: Iterable[list[Task]]) -> Iterator[list[Task]]:
    """Pieces packed together as long as they fit into one part; there are no edges between the pieces."""
    packed: list[Task] = []
    size = 0
    for piece in pieces:
        more = _size(piece)
        if packed and size + more > ROOM:
            yield packed
            packed, size = [], 0
        packed, size = packed + piece, size + more
    if packed:
        yield packed


def _neighbours(pieces: Sequence[list[Task]]) -> tuple[list[set[int]], list[set[int]]]:
    """For each piece, the pieces that it needs, and the pieces that need it."""
    part_of = {task.name: at for at, piece in enumerate(pieces) for task in piece}
    before = [{part_of[need] for task in piece for need in task.needs} - {at} for at, piece in enumerate(pieces)]
    behind: list[set[int]] = [set() for _ in pieces]
    for at, needs in enumerate(before):
        for other in needs:
            behind[other].add(at)
    return before, behind


def _joined(pieces: Sequence[list[Task]]) -> list[list[Task]]:
    """Pieces joined with their only need, if no other piece needs it and both fit: this adds no waiting."""
    before, behind = _neighbours(pieces)
    into = list(range(len(pieces)))
    joined = [list(piece) for piece in pieces]
    for at in range(len(pieces)):
        (only,) = before[at] if len(before[at]) == 1 else (-1,)
        if only >= 0 and len(behind[only]) == 1:
            whole = joined[into[only]] + pieces[at]
            if _size(whole) <= ROOM:
                into[at] = into[only]
                joined[into[at]], joined[at] = whole, []
    return [piece for piece in joined if piece]


def _alike(pieces: Sequence[list[Task]]) -> list[list[Task]]:
    """Pieces joined if they have the same needs and the same readers, and fit: this adds no waiting."""
    before, behind = _neighbours(pieces)
    groups: dict[tuple[frozenset[int], frozenset[int]], list[list[Task]]] = {}
    for piece, *around in zip(pieces, before, behind, strict=True):
        groups.setdefault((frozenset(around[0]), frozenset(around[1])), []).append(piece)
    first = {id(piece): at for at, piece in enumerate(pieces)}
    packed = [(first[id(group[0])], whole) for group in groups.values() for whole in _packed(group)]
    return [whole for _, whole in sorted(packed, key=lambda pair: pair[0])]


def _small(pieces: Sequence[list[Task]]) -> list[list[Task]]:
    """Pieces with small neighbours joined: this adds little waiting."""
    joined: list[list[Task]] = []
    for piece in pieces:
        if joined and _size(joined[-1]) + _size(piece) <= ROOM // 4:
            joined[-1] = [*joined[-1], *piece]
        else:
            joined.append(piece)
    return joined


def _parts(pieces: Sequence[list[Task]], tasks: tuple[Task, ...], prefix: str) -> tuple[Part, ...]:
    """The parts with names, and with tasks in the author's order."""
    place = {task.name: at for at, task in enumerate(tasks)}
    named = [(f"{prefix}--{at}", sorted(piece, key=lambda t: place[t.name])) for at, piece in enumerate(pieces, 1)]
    part_of = {task.name: name for name, piece in named for task in piece}
    return tuple(Part(name, tuple(piece), tuple(dict.fromkeys(_others(name, piece, part_of)))) for name, piece in named)


def _others(name: str, piece: Iterable[Task], part_of: Mapping[str, str]) -> Iterator[str]:
    for task in piece:
        yield from (part_of[need] for need in task.needs if part_of[need] != name)


def _grouped(parts: tuple[Part, ...], level: int) -> tuple[Part, ...]:
    """Parts grouped into DAGs of parts: neighbours in the given order."""
    prefix = parts[0].name.rstrip("0123456789")
    chunks = [parts[at : at + ROOM] for at in range(0, len(parts), ROOM)]
    named = [(f"{prefix}all-{level}-{at}", chunk) for at, chunk in enumerate(chunks, 1)]
    part_of = {part.name: name for name, chunk in named for part in chunk}
    grouped = []
    for name, chunk in named:
        after = dict.fromkeys(part_of[other] for part in chunk for other in part.after if part_of[other] != name)
        inner = tuple(Part(p.name, p.tasks, tuple(o for o in p.after if part_of[o] == name), p.within) for p in chunk)
        grouped.append(Part(name, (), tuple(after), inner))
    return tuple(grouped)
