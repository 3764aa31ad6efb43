"""DAGs of a pipeline cut into parts: calls of parts, proxies for tasks of other parts, and stored states."""

from __future__ import annotations

from collections.abc import Iterable

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts, Need
from dagwright.backends.argo.analysis.partition import Part
from dagwright.backends.argo.build.conditions import any_of
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.backends.argo.exprlang.references import states_of
from dagwright.backends.argo.exprlang.values import quote
from dagwright.backends.argo.model import (
    Argument,
    Call,
    Dag,
    DagTask,
    Inputs,
    OutputParameter,
    Outputs,
    Supplied,
    Suspend,
    Template,
)

_PART, _STATES = "part", "states"


def part_task(part: Part, entry: str) -> DagTask:
    """The DAG task of a part: it starts when the parts that it needs have ended in any state."""
    after = [any_of(name, ["Succeeded", "Failed", "Errored"]) for name in part.after]
    depends = " && ".join(after) if len(after) > 1 else after[0][1:-1] if after else entry
    return DagTask(part.name, Call(part.name), depends)


def proxy(facts: Facts, need: Need) -> tuple[DagTask, DagTask]:
    """A proxy: a task without a pod, with the state of needed tasks in other parts.

    A task before it runs if one of the needed tasks did not succeed; the proxy is then Omitted.
    """
    states = states_of(facts, need.tasks)
    among = "|".join(map(names.kebab, need.tasks))
    failed = DagTask(
        names.helper(need.name, "failed"),
        Call(names.NO_POD),
        when=tag(f"{states} matches ';({among})=(Failed|Error|Omitted);'"),
    )
    goes_on = None
    if facts.can_skip(need):
        skipped, succeeded = (f"{states} matches ';({among})={phase};'" for phase in ("Skipped", "Succeeded"))
        goes_on = tag(succeeded if need.all_skip else f"not ({skipped})")
    return failed, DagTask(need.name, Call(names.NO_POD), f"{failed.name}.Skipped", goes_on)


def states_task(part: Part, exported: tuple[str, ...]) -> DagTask:
    """The last task of a part, without a pod, which stores the states that other parts need."""
    tasks = [names.kebab(task) for task in exported]
    # The first status has its full name: otherwise Argo would evaluate the expression before the tasks have run.
    states = f"map([{', '.join(map(quote, tasks))}], # + '=' + tasks[#].status)"
    text = tag(f"tasks['{tasks[0]}'].status == '' ? '' : ';' + join({states}, ';;') + ';'")
    depends = " && ".join(f"!{task}.Daemoned" for task in tasks)  # always true, so this only waits
    return DagTask(names.STATES, Call(names.STATES, (Argument(_PART, part.name), Argument(_STATES, text))), depends)


# Argo publishes a `globalName` from outputs of a DAG's tasks once the DAG has succeeded; hence the DAG around the task.
_STORE = Suspend(
    names.helper(names.STATES, "kept"),
    Inputs((_PART, _STATES)),
    Outputs((OutputParameter(_STATES, Supplied(names.input_tag(_STATES)), names.input_tag(_PART)),)),
)
_STATES_DAG = Dag(
    names.STATES,
    (DagTask("kept", Call(_STORE.name, tuple(Argument(n, names.input_tag(n)) for n in (_PART, _STATES)))),),
    Inputs((_PART, _STATES)),
    fail_fast=True,
)

COMMON: dict[str, Template] = {template.name: template for template in (Suspend(names.NO_POD), _STATES_DAG, _STORE)}


def common_templates(templates: Iterable[Template]) -> tuple[Template, ...]:
    """The common templates, without pods, that the DAGs of these templates call."""
    called = _called(templates)
    called |= _called(COMMON[name] for name in called & COMMON.keys())
    return tuple(template for name, template in COMMON.items() if name in called)


def _called(templates: Iterable[Template]) -> set[str]:
    """The names of all templates that DAGs call."""
    return {task.call.template for template in templates if isinstance(template, Dag) for task in template.tasks}
