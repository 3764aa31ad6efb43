"""DAGs of a pipeline cut into parts: calls of parts, proxies for tasks of other parts, and stored states."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Need, Plan
from dagwright.backends.argo.analysis.partition import Part
from dagwright.backends.argo.build.conditions import any_of
from dagwright.backends.argo.build.setup import ENDS_AT_ONCE, NO_POD_TEMPLATE
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.backends.argo.exprlang.references import states_of
from dagwright.backends.argo.exprlang.values import fail, quote
from dagwright.printing.yaml import Data

_ALL_RESULTS = ["Succeeded", "Skipped", "Failed", "Errored", "Omitted"]
_PART, _OF, _STATES = "part", "of", "states"


def part_call(part: Part, entry: str) -> dict[str, Data]:
    """The call of a part: it starts when the parts that it needs have ended in any state."""
    after = [any_of(name, ["Succeeded", "Failed", "Errored"]) for name in part.after]
    depends = " && ".join(after) if len(after) > 1 else after[0][1:-1] if after else entry
    return {"name": part.name, "template": part.name, **({"depends": depends} if depends else {})}


def stand_in(plan: Plan, need: Need) -> dict[str, Data]:
    """A proxy: a task without a pod, with the state of needed tasks in other parts."""
    call: dict[str, Data] = {"name": need.name, "template": names.STAND_IN}
    among = "|".join(map(names.kebab, need.tasks))
    if plan.can_skip(need):
        kept = states_of(plan, need.tasks)
        call["when"] = tag(_goes_on(kept, among, need))
    parts = dict.fromkeys(plan.cut.home[task] for task in need.tasks)
    call["arguments"] = {"parameters": [{"name": _OF, "value": " ".join((among, *parts))}]}
    return call


def _goes_on(kept: str, among: str, need: Need) -> str:
    """An expression: is the proxy not skipped? A failed task takes precedence over a skipped one."""
    failed, skipped = f"{kept} matches ';({among})=(Failed|Error|Omitted);'", f"{kept} matches ';({among})=Skipped;'"
    if need.all_skip:
        return f"{failed} or {kept} matches ';({among})=Succeeded;'"
    return f"not ({skipped})" if len(need.tasks) == 1 else f"{failed} or not ({skipped})"


def states(part: Part, exported: tuple[str, ...]) -> dict[str, Data]:
    """The last task of a part, without a pod, which stores the states that other parts need."""
    shown = [names.kebab(task) for task in exported]
    # The first status has its full name: otherwise Argo would evaluate the expression before the tasks have run.
    kept = f"map([{', '.join(map(quote, shown))}], # + '=' + tasks[#].status)"
    return {
        "name": names.STATES,
        "template": names.STATES,
        "depends": " && ".join(f"!{task}.Daemoned" for task in shown),  # always true, so this only waits
        "arguments": {
            "parameters": [
                {"name": _PART, "value": part.name},
                {
                    "name": _STATES,
                    "value": tag(f"tasks['{shown[0]}'].status == '' ? '' : ';' + join({kept}, ';;') + ';'"),
                },
            ]
        },
    }


def _passed(name: str) -> dict[str, Data]:
    return {"name": name, "value": "{{inputs.parameters." + name + "}}"}


_TAKEN: dict[str, Data] = {"parameters": [{"name": _PART}, {"name": _STATES}]}

# Argo evaluates this per node, so an error fails only this node. Parameter `_OF` contains the tasks, then their parts.
_GIVEN = f"split(inputs.parameters.{_OF}, ' ')"
_FAILED = (
    f"join(map({_GIVEN}[1:], workflow.outputs.parameters[#]), '') "
    f"matches ';(' + {_GIVEN}[0] + ')=(Failed|Error|Omitted);'"
)
STAND_IN_TEMPLATE: dict[str, Data] = {
    "name": names.STAND_IN,
    "inputs": {"parameters": [{"name": _OF}]},
    "suspend": {"duration": tag(f"{_FAILED} ? {fail('a task that is needed did not succeed')} : '0s'")},
}

# Argo publishes a `globalName` from outputs of a DAG's tasks once the DAG has succeeded; hence the DAG around the task.
STATES_TEMPLATES: tuple[dict[str, Data], ...] = (
    {
        "name": names.STATES,
        "inputs": _TAKEN,
        "dag": {
            "tasks": [
                {
                    "name": "kept",
                    "template": names.helper(names.STATES, "kept"),
                    "arguments": {"parameters": [_passed(_PART), _passed(_STATES)]},
                }
            ]
        },
    },
    {
        "name": names.helper(names.STATES, "kept"),
        "inputs": _TAKEN,
        "outputs": {
            "parameters": [
                {
                    "name": _STATES,
                    "globalName": "{{inputs.parameters." + _PART + "}}",
                    "valueFrom": {"supplied": {}, "default": "{{inputs.parameters." + _STATES + "}}"},
                }
            ]
        },
        **ENDS_AT_ONCE,
    },
)

_COMMON = {str(template["name"]): template for template in (NO_POD_TEMPLATE, STAND_IN_TEMPLATE, *STATES_TEMPLATES)}


def common_templates(templates: Iterable[dict[str, Data]]) -> list[dict[str, Data]]:
    """The common templates, without pods, that the DAGs of these templates call."""
    called = calls_of(templates)
    if names.STATES in called:
        called |= calls_of(STATES_TEMPLATES)
    return [template for name, template in _COMMON.items() if name in called]


def is_common(template: dict[str, Data]) -> bool:
    """Whether a template is a common template."""
    return template["name"] in _COMMON


def calls_of(templates: Iterable[dict[str, Data]]) -> set[str]:
    """The names of all templates that DAGs call."""
    dags: Iterable[Any] = (template["dag"] for template in templates if "dag" in template)
    return {call["template"] for dag in dags for call in dag["tasks"]}
