"""The fast checker: a rule as nested functions from a node to yes or no.

Most specs are valid, so this check runs first and visits each node once; `explain` then finds the messages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from math import isfinite

from dagwright.schema.rules import Rule, root_rule
from dagwright.schema.targets import NO_ADDITIONS, Additions
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

Accept = Callable[[Node], bool]


def acceptor(root: str, additions: Additions = NO_ADDITIONS) -> Accept:
    """The checker of a whole file, built once per process."""
    return _acceptors(root, additions if additions.fragments else NO_ADDITIONS)[0]


def acceptor_of(rule: Rule, root: str, additions: Additions) -> Accept:
    """The checker of one rule of a file."""
    return _acceptors(root, additions if additions.fragments else NO_ADDITIONS)[1][id(rule)]


@cache
def _acceptors(root: str, additions: Additions) -> tuple[Accept, dict[int, Accept]]:
    made: dict[int, Accept] = {}
    return _accept(root_rule(root, additions), made), made


def kind_of(node: Node) -> str:
    """The JSON type of a node. Infinity and NaN, which JSON does not have, count as text; `1.0` is an integer."""
    if isinstance(node, Scalar):
        value = node.value
        if isinstance(value, float):
            return "string" if not isfinite(value) else "integer" if value.is_integer() else "number"
        return _SCALARS[type(value)]
    return "object" if isinstance(node, Mapping) else "array"


_SCALARS = {str: "string", int: "integer", bool: "boolean", type(None): "null"}


def _accept(rule: Rule, made: dict[int, Accept]) -> Accept:
    """A function that checks a node: the kind of the node selects the relevant checks."""
    if id(rule) in made:
        return made[id(rule)]
    table: dict[type, Accept | None] = {}
    kinds = rule.kinds
    if "string" in kinds:
        table[str] = _string(rule)
    if "integer" in kinds or "number" in kinds:
        table[int] = _number(rule)
        table[float] = _float(rule)
    elif "string" in kinds:
        table[float] = lambda node: scalar_fits(rule, node)
    if "boolean" in kinds:
        table[bool] = _value(rule)
    if "null" in kinds:
        table[type(None)] = _value(rule)
    if "object" in kinds:
        table[Mapping] = _mapping(rule, made)
    if "array" in kinds:
        table[Sequence] = _sequence(rule, made)

    def accept(node: Node) -> bool:
        kind = node.value.__class__ if node.__class__ is Scalar else node.__class__
        if kind not in table:
            return False
        check = table[kind]
        return check is None or check(node)

    made[id(rule)] = accept
    return accept


def scalar_fits(rule: Rule, node: Node) -> bool:
    """Whether a scalar satisfies all conditions of a rule: the slow check, which defines the fast one."""
    assert isinstance(node, Scalar)
    kind, value = kind_of(node), node.value
    if kind not in rule.kinds and not (kind == "integer" and "number" in rule.kinds):
        return False
    if kind == "string":
        value = node.text
    if not in_enum(rule, value) or not spelt_right(rule, node):
        return False
    if isinstance(value, str):
        return text_fits(rule, value)
    return isinstance(value, bool) or value is None or in_range(rule, value)  # type: ignore[arg-type]


def in_enum(rule: Rule, value: object) -> bool:
    """Whether the rule lists the value; `true` is not 1."""
    return rule.enum is None or any(value == e and (type(value) is bool) is (type(e) is bool) for e in rule.enum)


def spelt_right(rule: Rule, node: Scalar) -> bool:
    """Whether a number is written as its format requires."""
    return rule.format is None or isinstance(node.value, str) or rule.format.fullmatch(node.text) is not None


def text_fits(rule: Rule, text: str) -> bool:
    """Whether a text has the length and form that the rule requires, and is not a forbidden word."""
    if rule.min_length is not None and len(text) < rule.min_length:
        return False
    if rule.max_length is not None and len(text) > rule.max_length:
        return False
    return text not in rule.forbidden and (rule.pattern is None or rule.pattern.search(text) is not None)


def in_range(rule: Rule, value: float) -> bool:
    if rule.minimum is not None and value < rule.minimum:
        return False
    if rule.maximum is not None and value > rule.maximum:
        return False
    return rule.above is None or value > rule.above


def _string(rule: Rule) -> Accept | None:
    lengths = rule.min_length is not None or rule.max_length is not None
    if rule.enum is not None or rule.format is not None:
        return lambda node: scalar_fits(rule, node)
    if rule.pattern is None and not lengths and not rule.forbidden:
        return None
    return lambda node: text_fits(rule, node.text)  # type: ignore[union-attr]


def _number(rule: Rule) -> Accept | None:
    if rule.enum is not None or rule.format is not None:
        return lambda node: scalar_fits(rule, node)
    if rule.minimum is None and rule.maximum is None and rule.above is None:
        return None
    return lambda node: in_range(rule, node.value)  # type: ignore[union-attr, arg-type]


def _float(rule: Rule) -> Accept:
    return lambda node: scalar_fits(rule, node)


def _value(rule: Rule) -> Accept | None:
    return None if rule.enum is None and rule.format is None else lambda node: scalar_fits(rule, node)


def _sequence(rule: Rule, made: dict[int, Accept]) -> Accept:
    item = _accept(rule.items, made) if rule.items else None
    least, most, unique = rule.min_items, rule.max_items, rule.unique

    def accept(node: Node) -> bool:
        items = node.items  # type: ignore[union-attr]
        if len(items) < least or (most is not None and len(items) > most):
            return False
        if item is not None:
            for child in items:
                if not item(child):
                    return False
        return not unique or not twins(items)

    return accept


def twins(items: list[Node]) -> list[tuple[Node, Node]]:
    """Pairs of (first, again) of equal items."""
    seen: dict[object, Node] = {}
    found = []
    for item in items:
        key = frozen(item)
        if key in seen:
            found.append((seen[key], item))
        seen.setdefault(key, item)
    return found


def frozen(node: Node) -> object:
    """A hashable value, equal for nodes with equal JSON."""
    match node:
        case Scalar():
            kind = kind_of(node)
            return (kind, node.text) if kind == "string" else (kind in ("boolean", "null"), node.value)
        case Sequence():
            return ("array", tuple(map(frozen, node.items)))
    return ("object", frozenset((key, frozen(value)) for key, value in node.values.items()))


def _mapping(rule: Rule, made: dict[int, Accept]) -> Accept:
    known = {key: _accept(child, made) for key, child in rule.properties.items()}
    extra = _accept(rule.extra, made) if rule.extra else None
    name = rule.names
    required, least, combinations = rule.required, rule.min_properties, rule.combinations

    @lru_cache(maxsize=1000)  # the tasks of a spec have few different sets of keys
    def together(keys: tuple[str, ...]) -> bool:
        return all(combination.holds(keys) for combination in combinations)

    free = not rule.closed and extra is None and name is None

    def accept(node: Node) -> bool:
        values = node.values  # type: ignore[union-attr]
        for key, child in values.items():
            check = known.get(key)
            if check is None:
                if extra is None:
                    if free:
                        continue
                    return False
                if name is not None and not text_fits(name, key):
                    return False
                check = extra
            if not check(child):
                return False
        for key in required:
            if key not in values:
                return False
        return len(values) >= least and (not combinations or together(tuple(values)))

    return accept
