"""Accessors for nodes of the tree, which keep `lower` free of casts."""

from __future__ import annotations

from dagwright.source.tree import Mapping, Node, Scalar, Sequence


def child(node: Node, key: str) -> Node | None:
    """The value of a key, or None if the key is missing or null."""
    assert isinstance(node, Mapping)
    value = node.values.get(key)
    return None if isinstance(value, Scalar) and value.value is None else value


def mapping(node: Node | None) -> Mapping | None:
    """The node if it is a mapping, else None."""
    return node if isinstance(node, Mapping) else None


def entries(node: Node | None) -> list[tuple[Scalar, Node]]:
    """The keys and values of a mapping, in order; [] for None."""
    if not isinstance(node, Mapping):
        return []
    return [(node.keys[key], value) for key, value in node.values.items()]


def items(node: Node | None) -> list[Node]:
    """The items of a sequence; [] for None."""
    return node.items if isinstance(node, Sequence) else []


def text(node: Node | None, default: str = "") -> str:
    """The text of a scalar."""
    return node.text if isinstance(node, Scalar) else default


def number(node: Node | None) -> int | None:
    """The integer of a scalar."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, int) else None


def optional_text(node: Node | None) -> str | None:
    return node.text if isinstance(node, Scalar) else None
