"""Resuming a run: which of its results are kept, and why each other task runs again."""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import re
import time
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence

from dagwright.meaning.values import EvaluationError
from dagwright.runtime.artifacts import freeze, written
from dagwright.runtime.guard import end_groups
from dagwright.runtime.inputs import Complaint, Refused, resolve_params, shorten
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan, TaskPlan, read_plan
from dagwright.runtime.past import Past, find_run, label_of, last_unsuccessful, stored_plan
from dagwright.runtime.reading import RunFacts, RunScope, expand
from dagwright.runtime.record import TRACE, RunFolder, cut_torn_line
from dagwright.runtime.state import Earlier, Found, Job, Node, build_nodes
from dagwright.runtime.step import StepFailed, read_outputs
from dagwright.runtime.work_folder import remove_folder

# The keys of a task in a plan that make its result another one.
_DEFINITION = ("command", "interpreter", "script", "env", "secrets", "workdir", "inputs", "outputs", "when",
               "trigger_rule")  # fmt: skip
_WORDS = {"failed": "it failed", "upstream_failed": "it did not run", "cancelled": "it was stopped"}
_MADE = re.compile(r"(.+)\.attempt-([0-9]+)\Z")


@dataclass(frozen=True)
class Resumed:
    """The kept results of a resumed run, and the reason for which each other task runs again, in order."""

    plan: Plan
    facts: RunFacts
    earlier: Earlier
    reasons: Mapping[str, str]
    nothing_to_do: bool

    def event(self) -> Dict[str, Any]:
        """The fields of the event `resume` that other starts of a run do not have."""
        kept = [
            {"task": task, **({} if index is None else {"index": index}), "made": found.made}
            for task, results in self.earlier.results.items()
            for index, found in results.items()
        ]
        again = [{"task": task, "reason": reason} for task, reason in self.reasons.items()]
        left_out = {"left_out": sorted(self.earlier.left_out)} if self.earlier.left_out else {}
        return {"kept": kept, "again": again, **left_out}

    def lines(self) -> List[str]:
        """The kept tasks and those that run again, for people."""
        count = len(self.plan.all_tasks)
        kept = count - len(self.reasons) - len(self.earlier.left_out)
        shown = [f"  runs again: {task}: {reason}" for task, reason in list(self.reasons.items())[:_SHOWN_REASONS]]
        more = len(self.reasons) - len(shown)
        return [
            f"resuming {self.facts.id}: {kept} of {count} tasks are kept",
            *shown,
            *([f"  runs again: {more} more"] if more > 0 else []),
        ]


_SHOWN_REASONS = 20
_PATIENCE_FOR_GUARD = 1.0  # seconds; the guard of a killed runner still holds the lock


def lock_run(runs: str, name: Optional[str]) -> RunFolder:
    """The folder of the run with a name, or of the last run without success, locked. Raises Refused or OSError."""
    found = find_run(runs, name) if name is not None else last_unsuccessful(runs)
    end = time.monotonic() + _PATIENCE_FOR_GUARD
    while True:
        try:
            folder = RunFolder(runs, found)
            break
        except BlockingIOError:
            if time.monotonic() > end:
                advice = "wait until it has ended"
                raise Refused([Complaint("E811", f"the run {found} is still in progress", advice)]) from None
            time.sleep(0.05)
    end_groups((), os.path.join(folder.path, "outputs") + "/")  # the runner and its guard may have been killed
    return folder


def resume_run(folder: RunFolder, past: Past, plan: Plan, changed: bool, again: Sequence[str], mask: Mask) -> Resumed:
    """Decide what is kept of a run; `changed` if the plan may be another one than that of the run. Raises Refused."""
    if plan.name != past.opening["pipeline"]:
        message = f"this run is one of the pipeline `{past.opening['pipeline']}`, not of `{plan.name}`"
        raise Refused([Complaint("E813", message[:90], "give the spec of that pipeline, or start a new run")])
    old = _old_plan(past) if changed else plan
    facts = RunFacts(folder.id, past.first["scheduled_at"], plan.timezone, _recorded_params(past, plan))
    chosen = match_tasks(plan, again, "--again")
    return _Decider(folder, past, old, plan, facts, mask, chosen).decide()


def _old_plan(past: Past) -> Optional[Plan]:
    """The plan of the run, to compare with the present one; None if it cannot be read: then all tasks have changed."""
    try:
        return read_plan(stored_plan(past))
    except Refused:
        return None


def _recorded_params(past: Past, plan: Plan) -> Dict[str, str]:
    """The params of the run, checked against the plan. Raises Refused."""
    recorded: Mapping[str, str] = past.opening["params"]
    hidden = [name for name in past.opening.get("hidden_params", ()) if any(p["name"] == name for p in plan.params)]
    if hidden:
        message = f"param `{hidden[0]}` of the run has a secret in it, so its value is not recorded"
        raise Refused([Complaint("E813", message[:90], "start a new run")])
    names = {param["name"] for param in plan.params}
    texts, complaints = resolve_params(plan, {}, [(name, text) for name, text in recorded.items() if name in names])
    if complaints:
        advice = "give the param a default or a wider bound in the spec, or start a new run"
        raise Refused(
            [Complaint("E813", f"the spec no longer fits the run: {c.message}"[:90], advice) for c in complaints]
        )
    return texts


def match_tasks(plan: Plan, patterns: Sequence[str], option: str) -> List[str]:
    """The tasks that match any of some names or globs, in the order of the plan. Raises Refused."""
    names = [task.name for task in plan.all_tasks]
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(name, pattern) for name in names):
            message = f"`{option} {shorten(pattern)}` matches no task"
            shown = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
            raise Refused([Complaint("E814", message, f"the tasks are: {shown}")])
    return [name for name in names if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]


class _Decider:
    """Decides task by task, each after its needs. The nodes of kept tasks have their results, for expressions."""

    def __init__(
        self,
        folder: RunFolder,
        past: Past,
        old: Optional[Plan],
        plan: Plan,
        facts: RunFacts,
        mask: Mask,
        again: Sequence[str],
    ) -> None:
        self.folder, self.past, self.plan, self.facts, self.mask, self.again = folder, past, plan, facts, mask, again
        self.main = build_nodes(plan.tasks)
        self.last = build_nodes(plan.finally_tasks)
        self.nodes: Dict[str, Node] = {**self.main, **self.last}
        self.before = {} if old is None else entries_of(old)
        self.now = entries_of(plan)
        self.left_out = {name for name in past.opening.get("left_out", ()) if name in self.nodes}
        self.results: Dict[str, Dict[Optional[int], Found]] = {}
        self.reasons: Dict[str, str] = {}
        self.removed = [name for name in self.before if name not in self.now]

    def decide(self) -> Resumed:
        self._decide_all(self.main)
        self._decide_all(self.last)
        first = next((name for name in self.last if name in self.reasons), None)
        if first is not None:
            self._run_finally_again(first)
        reasons = {name: self.reasons[name] for name in self.nodes if name in self.reasons}
        attempts = dict(self.past.attempts)
        for name in os.listdir(os.path.join(self.folder.path, "outputs")):
            made = _MADE.match(name)  # an attempt that had just begun may not be recorded
            if made:
                attempts[made[1]] = max(attempts.get(made[1], 0), int(made[2]))
        nothing = not reasons and not self.removed and self.past.status == "succeeded"
        earlier = Earlier(self.results, attempts, self.left_out)
        return Resumed(self.plan, self.facts, earlier, reasons, nothing)

    def _decide_all(self, nodes: Mapping[str, Node]) -> None:
        for node in in_order(nodes):
            reason = self._left_out(node) if node.task.name in self.left_out else self._decide(node)
            if reason is not None:
                self.reasons[node.task.name] = reason
            elif node.state is None:
                node.state = "succeeded"

    def _run_finally_again(self, because: str) -> None:
        """Keep no task of `finally`, since one of them runs again: together they tell how the run has ended."""
        for name, node in self.last.items():
            if name not in self.left_out:
                self.reasons.setdefault(name, f"`{because}` runs again")
                self.results.pop(name, None)
                node.jobs.clear()
                node.state = None

    def _left_out(self, node: Node) -> Optional[str]:
        node.state = "not_selected"
        for (task, index), result in self.past.results.items():
            if task == node.task.name:
                found = self._check(node.task, result.made, index)
                if isinstance(found, str):
                    message = f"task `{task}` is left out of this run, and {found}"
                    raise Refused([Complaint("E815", message[:90], "start a new run")])
                self._take(node, index, found)
        return None

    def _decide(self, node: Node) -> Optional[str]:
        """The reason for which a task runs again; None if it is kept."""
        name = node.task.name
        before, now = self.before.get(name), self.now[name]
        if before is None:
            return "it is new"
        for key in _DEFINITION:
            if before.get(key) != now.get(key):
                return f"its `{key}` has changed"
        if ("fan_out" in before) != ("fan_out" in now):
            return "its `matrix` or `foreach` has changed"
        needs = node.task.needs if name in self.main else [*self.main, *node.task.needs]
        moved = next((need for need in needs if need in self.reasons), None)
        if moved is not None:
            return f"`{moved}` runs again"
        if name in self.again:
            return "--again names it"
        if self.past.states.get(name) == "skipped":
            node.state = "skipped"
            return None
        if node.is_fan_out:
            return self._decide_instances(node)
        found = self._check(node.task, self._made(name, None), None)
        if isinstance(found, str):
            return found
        self._take(node, None, found)
        return None

    def _made(self, task: str, index: Optional[int]) -> Optional[str]:
        result = self.past.results.get((task, index))
        return None if result is None else result.made

    def _decide_instances(self, node: Node) -> Optional[str]:
        name = node.task.name
        scope = RunScope(self.facts, self.nodes, node, None, "")
        try:
            now = [json.dumps(binding) for binding in expand(node.task.fan_out, scope)]
        except EvaluationError as error:
            return f"the instances cannot be made: {error}"
        before = now
        if self.before[name]["fan_out"] != self.now[name]["fan_out"]:
            before = []
            with contextlib.suppress(EvaluationError, KeyError):  # it may read a task that is gone
                before = [json.dumps(binding) for binding in expand(self.before[name]["fan_out"], scope)]
        if not any(label_of(name, index) in self.past.attempts for index in range(max(len(before), len(now)))):
            return "it did not run"
        reason = None if before == now else "its list has changed"
        for index, earlier in enumerate(same_items(before, now)):
            found: Any = f"instance {index} is new"
            if earlier is not None:
                found = self._check(node.task, self._made(name, earlier), earlier)
            if isinstance(found, str):
                reason = reason or found
            else:
                self._take(node, index, found)
        return reason

    def _take(self, node: Node, index: Optional[int], found: Found) -> None:
        self.results.setdefault(node.task.name, {})[index] = found
        job = Job(node, index, {}, None)
        job.keep(found)
        node.jobs.append(job)

    def _check(self, task: TaskPlan, made: Optional[str], index: Optional[int]) -> Any:
        """A result, if its outputs are as they were recorded; otherwise the reason why it is not kept."""
        if made is None:
            begun = label_of(task.name, index) in self.past.attempts
            if index is not None:
                return f"instance {index} {'did not succeed' if begun else 'did not run'}"
            return _WORDS.get(self.past.states.get(task.name, ""), "it did not end" if begun else "it did not run")
        result = self.past.made[made]
        whose = "its" if index is None else f"of instance {index}, the"
        try:
            outputs = read_outputs(os.path.join(self.folder.path, "outputs", made), task.outputs)
            measured = written(task.outputs, outputs)
        except (StepFailed, OSError) as error:
            reason = str(error) if isinstance(error, StepFailed) else f"an output cannot be read: {error.strerror}"
            return f"{whose} {reason.partition(': ')[0]}"
        for output in task.outputs:
            name = output["name"]
            if name in result.written or name in measured:
                same = result.written.get(name) == measured.get(name)
            else:
                same = result.outputs.get(name) == self.mask(outputs[name])
            if not same:
                return f"{whose} output `{name}` has changed since"
        return Found(made, result.attempt, outputs, measured)


def entries_of(plan: Plan) -> Dict[str, Mapping[str, Any]]:
    """The tasks of a plan in its JSON form, by name."""
    return {task["name"]: task for task in (*plan.plain["tasks"], *plan.plain.get("finally", ()))}


def in_order(nodes: Mapping[str, Node]) -> Iterator[Node]:
    """The nodes, each after its needs."""
    left = {name: len(node.task.needs) for name, node in nodes.items()}
    ready = [node for node in nodes.values() if not node.task.needs]
    for node in ready:
        yield node
        for reader in node.readers:
            left[reader.task.name] -= 1
            if not left[reader.task.name]:
                ready.append(reader)


def same_items(before: Sequence[str], now: Sequence[str]) -> List[Optional[int]]:
    """For each item of a list, the index of the same item in the list before, at the same place if possible."""
    free: Dict[str, List[int]] = {}
    for index, item in enumerate(before):
        if index >= len(now) or now[index] != item:
            free.setdefault(item, []).append(index)
    found: List[Optional[int]] = []
    for index, item in enumerate(now):
        if index < len(before) and before[index] == item:
            found.append(index)
        else:
            found.append(free[item].pop(0) if free.get(item) else None)
    return found


def clear_for(resumed: Resumed, folder: RunFolder) -> None:
    """Remove what an earlier start of the run has left and the next one makes again. Raises OSError."""
    cut_torn_line(folder.path)
    remove_folder(os.path.join(folder.path, "work"))
    for task in resumed.plan.all_tasks:
        placed = os.path.join(folder.path, "inputs", task.name)
        if task.inputs and os.path.isdir(placed):
            freeze(placed, False)
            remove_folder(placed)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(folder.path, TRACE))
