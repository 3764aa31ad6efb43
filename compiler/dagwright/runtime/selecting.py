"""Runs of some tasks only: which tasks are left out, and the results that the others read from an earlier run."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from dagwright.runtime.artifacts import place, written
from dagwright.runtime.inputs import Complaint, Refused, shorten
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan, TaskPlan
from dagwright.runtime.past import Past, find_run, label_of, read_past, run_names
from dagwright.runtime.record import RunFolder
from dagwright.runtime.resuming import match_tasks
from dagwright.runtime.state import Found
from dagwright.runtime.step import StepFailed, read_outputs

Needed = Dict[str, Set[str]]  # by task: the outputs that other tasks read


def left_out_tasks(plan: Plan, only: Sequence[str], starts: Sequence[str], ends: Sequence[str]) -> Set[str]:
    """The tasks that a selection leaves out. Raises Refused."""
    if not only and not starts and not ends:
        return set()
    needs = {task.name: set(task.needs) for task in plan.all_tasks}
    for task in plan.finally_tasks:
        needs[task.name] |= {other.name for other in plan.tasks}
    readers: Dict[str, Set[str]] = {name: set() for name in needs}
    for name, before in needs.items():
        for need in before:
            readers[need].add(name)
    chosen = set(match_tasks(plan, only, "--only"))
    if starts or ends:
        after = _reached(match_tasks(plan, starts, "--from"), readers) if starts else set(needs)
        before = _reached(match_tasks(plan, ends, "--until"), needs) if ends else set(needs)
        chosen |= after & before
    if not chosen:
        advice = "no task is both after --from and before --until"
        raise Refused([Complaint("E814", "the selection has no tasks", advice)])
    return set(needs) - chosen


def _reached(names: Iterable[str], edges: Mapping[str, Set[str]]) -> Set[str]:
    found: Set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += edges[name]
    return found


def needed_outputs(plan: Plan, left_out: Set[str]) -> Needed:
    """The outputs of left-out tasks that the others read."""
    found: Needed = {}
    for task in plan.all_tasks:
        if task.name in left_out:
            continue
        read = [(given.task, given.output) for given in task.inputs]
        read += [(code[1], code[2]) for code in _codes_of(task) if code[0] in ("output", "outputs")]
        for name, output in read:
            if name in left_out:
                found.setdefault(name, set()).add(output)
    return found


def _codes_of(task: TaskPlan) -> Iterator[Sequence[Any]]:
    """All encoded expressions of a task, with the expressions in them."""
    for text in (*task.argv, *task.env.values()):
        if not isinstance(text, str):
            for piece in text:
                yield from _codes_in(piece)
    yield from _codes_in(task.when)
    yield from _codes_in(list((task.fan_out or {}).values()))


def _codes_in(data: Any) -> Iterator[Sequence[Any]]:
    if isinstance(data, list):
        if data and isinstance(data[0], str):
            yield data
        for item in data:
            yield from _codes_in(item)


def take_results(
    plan: Plan, needed: Needed, folder: RunFolder, name: Optional[str], mask: Mask
) -> Tuple[Dict[str, Dict[Optional[int], Found]], List[Dict[str, Any]], str]:
    """Link the needed results of an earlier run into a new one: the results, their entries for the record, the run.

    Raises Refused or OSError.
    """
    source, found = _source(plan, needed, folder, name)
    results: Dict[str, Dict[Optional[int], Found]] = {}
    entries: List[Dict[str, Any]] = []
    for task in plan.all_tasks:
        for index, result in found.get(task.name, {}).items():
            made = f"{label_of(task.name, index)}.attempt-0"
            path = os.path.join(folder.path, "outputs", made)
            place(os.path.join(source, "outputs", result.made), path)
            outputs = read_outputs(path, task.outputs)
            results.setdefault(task.name, {})[index] = Found(made, 0, outputs, result.written)
            entry: Dict[str, Any] = {"task": task.name, "made": made, "attempt": 0, "run": os.path.basename(source)}
            if index is not None:
                entry["index"] = index
            entry["outputs"] = {
                name: os.path.relpath(text, folder.path) if name in result.written else mask(text)
                for name, text in outputs.items()
            }
            entries.append({**entry, **({"written": result.written} if result.written else {})})
    return results, entries, os.path.basename(source)


def _source(
    plan: Plan, needed: Needed, folder: RunFolder, name: Optional[str]
) -> Tuple[str, Dict[str, Dict[Optional[int], Found]]]:
    """The named run, or the newest run that has all results, with these."""
    names = [find_run(folder.runs, name)] if name is not None else run_names(folder.runs)
    reason = ""
    for candidate in names:
        path = os.path.join(folder.runs, candidate)
        if candidate == folder.id:
            continue
        try:
            past = read_past(path)
        except Refused:
            continue
        if past.opening.get("pipeline") != plan.name:
            reason = f"it is a run of the pipeline `{past.opening.get('pipeline')}`"
            continue
        found, missing = _results_of(past, plan, needed)
        if missing is None:
            return path, found
        reason = f"its task `{missing}` has no such result"
    task = next(iter(needed))
    output = sorted(needed[task])[0]
    message = f"task `{task}` is left out, and no run has its output `{output}`"
    advice = "run without a selection once, or select the task, too"
    if name is not None:
        message, advice = f"the run {shorten(name)} cannot give the output `{output}` of `{task}`", reason
    raise Refused([Complaint("E815", message, advice)])


def _results_of(past: Past, plan: Plan, needed: Needed) -> Tuple[Dict[str, Dict[Optional[int], Found]], Optional[str]]:
    """The needed results of a run, and the first task without one."""
    found: Dict[str, Dict[Optional[int], Found]] = {}
    for task in plan.all_tasks:
        if task.name not in needed:
            continue
        results = sorted((index is not None, index or 0, index) for name, index in past.results if name == task.name)
        ended = past.states.get(task.name) in ("succeeded", "not_selected")
        if not results or not ended or (task.fan_out is not None) != results[0][0]:
            return {}, task.name
        for _, _, index in results:
            result = past.results[task.name, index]
            try:
                outputs = read_outputs(os.path.join(past.path, "outputs", result.made), task.outputs)
                measured = written(task.outputs, outputs)
            except (StepFailed, OSError):
                return {}, task.name
            found.setdefault(task.name, {})[index] = Found(result.made, result.attempt, outputs, measured)
    return found, None
