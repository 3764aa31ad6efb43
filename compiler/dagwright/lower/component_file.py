"""Checks of a component file that need no pipeline."""

from __future__ import annotations

from collections.abc import Collection

from dagwright.diagnostics.model import Report
from dagwright.diagnostics.suggest import suggest
from dagwright.expressions.scope import Scope, TaskSignature
from dagwright.ir.expr import RunField
from dagwright.ir.model import Output, Param
from dagwright.ir.types import Type
from dagwright.lower.components import Component, Components
from dagwright.lower.files import Files
from dagwright.lower.merge import Body, merge
from dagwright.lower.names import child, entries, mapping, text
from dagwright.lower.task import Draft, draft, lower_task
from dagwright.source.tree import Mapping, Node, Scalar

_TASKS = ("tasks", "finally")
_GIVER = "given"  # the task that produces every artifact
_RUN = frozenset(RunField) - {RunField.STATUS}


def is_component_file(tree: Node) -> bool:
    """Whether a file contains components and no pipeline."""
    return isinstance(tree, Mapping) and holds_only_components(tree.values)


def holds_only_components(keys: Collection[str]) -> bool:
    """Whether the keys are those of a component file; a file with a misspelled `tasks` is a pipeline."""
    if "components" not in keys or any(key in keys for key in _TASKS):
        return False
    return not any(suggest(key, _TASKS) for key in keys)


def check_components(tree: Node, files: Files, report: Report) -> int:
    """Report errors in the components of a valid tree, each checked by itself; return their number."""
    table = mapping(child(tree, "components"))
    assert table is not None
    components = Components(table, files)
    chains = [chain for key in table.keys.values() if (chain := _chain(key, components, report))]
    seen = {(d.code, d.span) for d in report.diagnostics}
    for chain in sorted(chains, key=len):  # inner components first: their errors are reported there, not at users
        alone = report.apart()
        _read(chain, alone)
        report.diagnostics += [d for d in alone.diagnostics if (d.code, d.span) not in seen]
        seen |= {(d.code, d.span) for d in alone.diagnostics}
    return len(table.values)


def _chain(key: Scalar, components: Components, report: Report) -> list[Component] | None:
    """A component and the components that it uses in turn; None if one is missing, or for a cycle (reported once)."""
    told = [label.span for d in report.diagnostics if d.code == "E505" for label in d.secondary]
    return None if key.span in told else components.chain(_task(key, {}), report)


def _read(chain: list[Component], report: Report) -> None:
    """Lower a task that gives the first component a value of the right type for every input without a default."""
    component = chain[0]
    given: dict[Scalar, Type] = {
        key: Type(text(node if isinstance(node, Scalar) else child(node, "type")))
        for key, node in entries(child(component.body, "inputs"))
        if isinstance(node, Scalar) or child(node, "default") is None  # else the default is used, and checked
    }
    task = _task(component.key, given)
    outputs = tuple(Output(key.text, kind, key.text) for key, kind in given.items() if kind.is_artifact)
    giver = Draft(component.key, task, (), Body({}, {}), outputs)
    scope = Scope(
        params={key.text: Param(key.text, kind) for key, kind in given.items() if not kind.is_artifact},
        tasks={_GIVER: TaskSignature({output.name: output for output in outputs})},
        run=_RUN,
    )
    made = draft(component.key, task, chain, merge(None, chain, task, report), report)
    lower_task(made, scope, {_GIVER: giver}, report)


def _task(uses: Scalar, given: dict[Scalar, Type]) -> Mapping:
    """A task that uses a component, placed at the component's name."""
    keys = {key.text: key for key in given}
    with_ = Mapping(uses.source, uses.start, uses.end, keys, {key.text: _reference(key, given[key]) for key in given})
    return Mapping(uses.source, uses.start, uses.end, {"uses": uses, "with": uses}, {"uses": uses, "with": with_})


def _reference(key: Scalar, kind: Type) -> Scalar:
    root = f"tasks.{_GIVER}.outputs" if kind.is_artifact else "params"
    return Scalar(key.source, key.start, key.end, f"${{{{ {root}.{key.text} }}}}", None, False, False, key.start)
