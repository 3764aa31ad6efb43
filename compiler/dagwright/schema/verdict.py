"""The verdict on a refused tree: the keywords of the schema that each node violates, found by the jsonschema library.

The fast check in `accept` only says yes or no. Messages are made from this verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dagwright.schema.accept import Accept, acceptor_of, text_fits
from dagwright.schema.published import schema_of
from dagwright.schema.rules import FORMATS, Rule, root_rule
from dagwright.schema.targets import NO_ADDITIONS, Additions, extended
from dagwright.source import tree
from dagwright.source.tree import Node, Scalar, Sequence

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The violated keywords by path, the badly formed names by the path of their mapping, and the ways to them."""

    keywords: Mapping[Path, frozenset[str]]
    names: Mapping[Path, frozenset[str]]
    ways: frozenset[Path]

    @property
    def valid(self) -> bool:
        return not self.ways

    def at(self, path: Path) -> frozenset[str]:
        """The keywords that the node at a path violates."""
        return self.keywords.get(path, frozenset())


def verdict(node: Node, root: str, additions: Additions = NO_ADDITIONS) -> Verdict:
    """The verdict on a whole file: `pipeline`, or `components`."""
    keywords: dict[Path, set[str]] = {}
    names: dict[Path, set[str]] = {}
    validator = _validator(root, additions if additions.fragments else NO_ADDITIONS)
    errors = validator.iter_errors(_doubtful(node, root, additions))
    for error in _leaves(errors):
        path = tuple(error.absolute_path)
        if "propertyNames" in error.absolute_schema_path:
            names.setdefault(path, set()).add(str(error.instance))
        else:
            keywords.setdefault(path, set()).add(str(error.validator))
    ways = {path[:end] for path in (*keywords, *names) for end in range(len(path) + 1)}
    return Verdict(_frozen(keywords), _frozen(names), frozenset(ways))


def _doubtful(node: Node, root: str, additions: Additions) -> Any:
    """The file as JSON data, without the tasks, components and params that the fast check accepts.

    The library takes about a hundred times as long as the fast check, and a large file has few mistakes.
    """
    if not isinstance(node, tree.Mapping):
        return plain(node)
    rules = root_rule(root, additions).properties
    data = {}
    for key, value in node.values.items():
        rule = rules.get(key)
        if isinstance(value, tree.Mapping) and rule is not None and rule.extra is not None:
            accepts = acceptor_of(rule.extra, root, additions)
            value = _refused(value, rule, accepts)
        data[key] = plain(value)
    return data


def _refused(node: tree.Mapping, rule: Rule, accepts: Accept) -> tree.Mapping:
    """The entries of a mapping with names of the author that are refused, or the first entry, which is not empty."""
    names = [
        name
        for name, value in node.values.items()
        if name in rule.properties or not accepts(value) or (rule.names is not None and not text_fits(rule.names, name))
    ] or list(node.values)[:1]
    values = {name: node.values[name] for name in names}
    return tree.Mapping(node.source, node.start, node.end, node.keys, values)


def _frozen(table: dict[Path, set[str]]) -> dict[Path, frozenset[str]]:
    return {path: frozenset(found) for path, found in table.items()}


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """The errors; for a value that may also be null, the errors of the other branch."""
    for error in errors:
        branches: Any = error.validator_value
        if error.validator == "anyOf" and {"type": "null"} in branches:
            yield from _leaves(part for part in error.context or () if part.validator_value != "null")
        else:
            yield error


class SpeltInt(int):
    """An integer with its text as written."""

    text: str


class SpeltFloat(float):
    """A number with its text as written."""

    text: str


def plain(node: Node) -> Any:
    """The node as JSON data. Infinity and NaN, which JSON does not have, are text; numbers keep their text."""
    match node:
        case tree.Mapping():
            return {key: plain(value) for key, value in node.values.items()}
        case Sequence():
            return [plain(item) for item in node.items]
        case Scalar(value=bool()):
            return node.value
        case Scalar(value=int() as value):
            return _spelt(SpeltInt(value), node.text)
        case Scalar(value=float() as value):
            return _spelt(SpeltFloat(value), node.text) if value - value == 0 else node.text
    return node.value


def _spelt(value: SpeltInt | SpeltFloat, text: str) -> SpeltInt | SpeltFloat:
    value.text = text
    return value


@cache
def _validator(root: str, additions: Additions) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    for name, pattern in FORMATS.items():
        formats.checks(name)(
            lambda value, pattern=pattern: (
                isinstance(value, str) or not hasattr(value, "text") or pattern.fullmatch(value.text) is not None
            )
        )
    schema = extended(schema_of("pipeline"), additions) if root == "pipeline" else schema_of("component")
    return Draft202012Validator(schema, format_checker=formats)
