"""Merging defaults < component < task into one body per task; each key records its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dagwright.diagnostics.fix import Advice, Fix
from dagwright.diagnostics.model import Report
from dagwright.lower.components import Component
from dagwright.lower.names import entries
from dagwright.schema.writing import value_edit
from dagwright.source.tree import Mapping, Node, Scalar

Level: TypeAlias = int  # 0 is the task itself (and the defaults); n is its n-th component, outermost first

_BY_KEY = ("env", "labels", "resources", "retry")
_NOT_MERGED = ("uses", "with", "inputs")


@dataclass(frozen=True, slots=True)
class Field:
    """A value of the merged body, its key, and the level whose scope its references use."""

    key: Scalar
    node: Node
    level: Level


@dataclass(frozen=True, slots=True)
class Body:
    """A task after merging. `fields` has whole values, `maps` the keys of values that merge by key."""

    fields: dict[str, Field]
    maps: dict[str, dict[str, Field]]


def merge(defaults: Mapping | None, chain: list[Component], task: Mapping, report: Report) -> Body:
    """The body of a task: defaults, then its components from the innermost, then the task's own keys."""
    body = Body({}, {})
    layers: list[tuple[Mapping | None, Level]] = [(defaults, 0)]
    layers += [(component.body, depth) for depth, component in reversed(list(enumerate(chain, start=1)))]
    for layer, level in layers:
        if layer is not None:
            _add(body, layer, level)
    _report_idle_nulls(body, task, report)
    _add(body, task, 0)
    return body


def _report_idle_nulls(body: Body, task: Mapping, report: Report) -> None:
    """Report nulls that remove nothing: such a null is a forgotten value, as in `env: {A: }`."""
    for name in ("env", "labels"):
        for key, value in entries(task.values.get(name)):
            if isinstance(value, Scalar) and value.value is None and key.text not in body.maps.get(name, {}):
                report.error(
                    "E218",
                    f"`{name}.{key.text[:40]}` has no value",
                    value.span if value.text else key.span,
                    label="nothing is given here, and there is nothing to remove",
                    help=Advice(f'write `{key.text}: ""` for an empty text, or remove it', _empty(value)),
                )


def _empty(value: Scalar) -> Fix | None:
    made = value_edit(value, '""')
    return None if made is None else Fix((made,))


def _add(body: Body, layer: Mapping, level: Level) -> None:
    actions = {"command", "script"} & layer.values.keys()
    if actions:  # a component's own action is replaced as a whole, never mixed with another
        body.fields.pop("command", None)
        body.fields.pop("script", None)
    for name, node in layer.values.items():
        if name in _NOT_MERGED:
            continue
        key = layer.keys[name]
        if isinstance(node, Scalar) and node.value is None:
            body.fields.pop(name, None)
            body.maps.pop(name, None)
        elif name == "targets":
            for target, settings in entries(node):
                _add_by_key(body.maps.setdefault(f"targets.{target.text}", {}), target, settings, level)
            body.fields[name] = Field(key, node, level)
        elif name in _BY_KEY:
            _add_by_key(body.maps.setdefault(name, {}), key, node, level)
            body.fields[name] = Field(key, node, level)
        else:
            body.fields[name] = Field(key, node, level)


def _add_by_key(into: dict[str, Field], key: Scalar, node: Node, level: Level) -> None:
    if not isinstance(node, Mapping):  # `retry: 2` is short for `retry: {limit: 2}`
        into["limit"] = Field(key, node, level)
        return
    for name, value in node.values.items():
        if isinstance(value, Scalar) and value.value is None:
            into.pop(name, None)
        else:
            into[name] = Field(node.keys[name], value, level)
