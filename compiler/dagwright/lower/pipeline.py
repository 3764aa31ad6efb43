"""From the checked tree to the IR: the parts of a spec, in the order of lowering."""

from __future__ import annotations

import json
from collections.abc import Mapping as Map
from dataclasses import dataclass
from hashlib import sha256

from dagwright.diagnostics.model import Label, Report
from dagwright.expressions.scope import Scope, TaskSignature
from dagwright.ir.expr import Const, RunField
from dagwright.ir.model import Pipeline, Task
from dagwright.lower.components import Components, report_unused
from dagwright.lower.files import Files
from dagwright.lower.merge import merge
from dagwright.lower.names import child, entries, mapping, optional_text, text
from dagwright.lower.settings import TargetReader, lower_params, lower_schedule, lower_targets
from dagwright.lower.task import Draft, draft, lower_task
from dagwright.source.span import Source
from dagwright.source.tree import Mapping, Node

_RUN_BEFORE_THE_END = frozenset(RunField) - {RunField.STATUS}


def lower(
    source: Source, tree: Node, fixed: Map[str, Const], files: Files, read_target: TargetReader, report: Report
) -> Pipeline:
    """The pipeline that a valid tree describes. Reports all errors, and continues after an error if possible.

    `fixed` has the values of `vars`, which only expressions still read. `read_target` reads the settings of one target.
    """
    assert isinstance(tree, Mapping)
    params = lower_params(child(tree, "params"), report)
    targets = lower_targets(child(tree, "targets"), read_target, report)
    schedule = lower_schedule(child(tree, "schedule"), report)
    components = Components(mapping(child(tree, "components")), files)
    defaults = mapping(child(tree, "defaults"))
    ordinary = _drafts(child(tree, "tasks"), defaults, components, report)
    last = _drafts(child(tree, "finally"), defaults, components, report)
    report_unused(components, report)
    report.checkpoint()

    _report_twins(ordinary, last, report)
    scope = Scope(vars=fixed, params={p.name: p for p in params}, run=_RUN_BEFORE_THE_END)
    tasks = _tasks(_Group(ordinary, last, _AFTER), scope, report)
    scope = Scope(vars=fixed, params=scope.params, run=frozenset(RunField))
    finally_tasks = _tasks(_Group(last, ordinary, _BEFORE), scope, report)
    return Pipeline(
        name=text(tree.values["name"]),
        digest=_digest(source, fixed, files.sources),
        tasks=tasks,
        finally_tasks=finally_tasks,
        params=params,
        schedule=schedule,
        description=text(child(tree, "description")),
        owner=optional_text(child(tree, "owner")),
        labels=tuple((key.text, text(value)) for key, value in entries(child(tree, "labels"))),
        targets=targets,
        origin=tree.values["name"].span,
    )


_AFTER = "it is in `finally`, which starts after every other task has ended"
_BEFORE = "a task of `finally` reads only params, run, and other tasks of `finally`"


@dataclass(frozen=True, slots=True)
class _Group:
    """The drafts whose tasks may read each other, and the other drafts with the reason why they may not be read."""

    drafts: dict[str, Draft]
    others: dict[str, Draft]
    reason: str


def _drafts(node: Node | None, defaults: Mapping | None, components: Components, report: Report) -> dict[str, Draft]:
    found: dict[str, Draft] = {}
    for key, task in entries(node):
        assert isinstance(task, Mapping)
        chain = components.chain(task, report)
        if chain is not None:
            found[key.text] = draft(key, task, chain, merge(defaults, chain, task, report), report)
    return found


def _tasks(group: _Group, base: Scope, report: Report) -> tuple[Task, ...]:
    scope = Scope(
        vars=base.vars,
        params=base.params,
        run=base.run,
        tasks={n: TaskSignature({o.name: o for o in d.outputs}, d.fan_out) for n, d in group.drafts.items()},
        unreadable=dict.fromkeys(group.others, group.reason),
    )
    return tuple(lower_task(d, scope, group.drafts, report) for d in group.drafts.values())


def _report_twins(ordinary: dict[str, Draft], last: dict[str, Draft], report: Report) -> None:
    for name in ordinary.keys() & last.keys():
        report.error(
            "E267",
            f"two tasks are called `{name}`",
            last[name].key.span,
            label="the same name again",
            secondary=[Label(ordinary[name].key.span, "first here")],
            help=f"rename one, for example to `{name}_report`",
        )


def _digest(source: Source, fixed: Map[str, Const], used: list[Source]) -> str:
    """The digest of all that was read: the spec, its component files, and the values of vars."""
    values = [f"{name}={json.dumps(value.text)}" for name, value in fixed.items()]
    if not used and not values:
        return source.digest
    return sha256("\n".join([source.digest, *(s.digest for s in used), *values]).encode()).hexdigest()
