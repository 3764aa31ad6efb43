"""Data that goes to an engine unchanged: the tree as frozen values."""

from __future__ import annotations

from typing import cast

from dagwright.ir.data import Atom, Entry, Fields, Given, Items
from dagwright.source.tree import Mapping, Node, Scalar, Sequence


def fields(node: Node) -> Fields:
    """A mapping of the tree as frozen data; aliases stay shared, so the data is not larger than the file."""
    return cast("Fields", _frozen(node, {}))


def freeze(node: Node) -> Given:
    """A value of the tree as frozen data."""
    return _frozen(node, {})


def _frozen(node: Node, made: dict[int, Given]) -> Given:
    found = made.get(id(node))
    if found is None:
        found = made[id(node)] = _freeze(node, made)
    return found


def _freeze(node: Node, made: dict[int, Given]) -> Given:
    match node:
        case Scalar():
            return Atom(cast("str | int | float | bool | None", node.value), node.span)
        case Sequence():
            return Items(tuple(_frozen(item, made) for item in node.items), node.span)
        case Mapping():
            entries = [Entry(key, _frozen(value, made), node.keys[key].span) for key, value in node.values.items()]
            return Fields(tuple(entries), node.span)
