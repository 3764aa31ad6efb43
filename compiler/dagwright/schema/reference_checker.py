"""The reference checker: the `jsonschema` library over the same file, for tests and doubtful cases."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from dagwright.schema.published import schema_of
from dagwright.schema.rules import FORMATS
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from jsonschema.protocols import Validator


class SpeltInt(int):
    """An integer with its text as written."""

    text: str


class SpeltFloat(float):
    """A number with its text as written."""

    text: str


def plain(node: Node) -> Any:
    """The node as JSON data. Infinity and NaN, which JSON does not have, are text; numbers keep their text."""
    match node:
        case Mapping():
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
def validator(root: str) -> Validator:
    """The library's validator for a whole file: `pipeline`, or `components`."""
    from jsonschema import Draft202012Validator, FormatChecker

    formats = FormatChecker(formats=())
    for name, pattern in FORMATS.items():
        formats.checks(name)(
            lambda value, pattern=pattern: (
                isinstance(value, str) or not hasattr(value, "text") or pattern.fullmatch(value.text) is not None
            )
        )
    return Draft202012Validator(schema_of(_KIND_OF_FILE[root]), format_checker=formats)


_KIND_OF_FILE = {"pipeline": "pipeline", "components": "component"}


def first_complaint(node: Node, root: str) -> str | None:
    """The library's first message about a node, or None if the node is valid."""
    error = next(validator(root).iter_errors(plain(node)), None)
    return None if error is None else f"{error.json_path}: {error.message}"
