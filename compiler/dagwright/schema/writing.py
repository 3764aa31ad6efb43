"""Advice to write another value, or another key, at a place of a spec."""

from __future__ import annotations

import re

from dagwright.diagnostics.fix import Advice, Edit, Fix
from dagwright.diagnostics.templates import equivalent_of_text
from dagwright.diagnostics.words import Words, fold
from dagwright.schedule.cron import Cron, in_fields, parse_cron
from dagwright.schema import repair
from dagwright.schema.accept import in_enum, in_range, text_fits
from dagwright.schema.place import Place, shown
from dagwright.schema.rules import Rule
from dagwright.source.scalars import core_value
from dagwright.source.span import Span
from dagwright.source.tree import Node, Scalar, Sequence

_EXPRESSIONS = frozenset({"foreach", "when"})  # keys with an expression, in which a template is not text
_TEMPLATE = re.compile(r"(?<!\$)\{\{")
_TO_FILL_IN = ("…", "...")  # a text that contains one is an example, not an edit


def key_with(place: Place, value: str) -> str:
    """`key: value` in backticks; the value alone for an item, which has no key."""
    return f"`{value}`" if place.item or place.key is None else f"`{shown(place.key.text)}: {value}`"


def write(place: Place, value: str, tail: str = "", *, edit: bool = True) -> Advice:
    """Advice to write a value at a place. Without `edit` the value is only an example of what is possible."""
    made = value_edit(place.node, value) if edit else None
    if not edit:
        return Advice(f"write a value, such as {key_with(place, value)}{tail}")
    return Advice(f"write {key_with(place, value)}{tail}", Fix((made,)) if made else None)


def value_edit(node: Node, value: str) -> Edit | None:
    """The edit that replaces a node by a value on one line, or None if that is not enough."""
    if any(mark in value for mark in _TO_FILL_IN):
        return None
    text, start = node.source.text, node.span.start
    if node.span.end > start:
        return Edit(node.span, value)
    return Edit(Span(node.source, start, start), " " + value) if text[start - 1 : start] in (":", "-") else None


def shape(words: Words, rule: Rule, word: str, value: Node, name: str = "") -> str | None:
    """The value of another tool's key in the form of our key, or None if it is long or does not fit.

    `word` is the other tool's key, which may contain the unit; `name` is our key.
    """
    if isinstance(value, Sequence) and "array" in rule.kinds and len(value.items) <= 5:
        texts = [as_item(rule, item) for item in value.items if isinstance(item, Scalar) and len(item.text) <= 20]
        return "[" + ", ".join(texts) + "]" if len(texts) == len(value.items) else None
    if not isinstance(value, Scalar) or len(value.text) > 40 or value.value is None:
        return None
    if name in _EXPRESSIONS and _TEMPLATE.search(value.text):
        expression = equivalent_of_text(value.text)
        return repair.flow(expression) if expression and not expression.endswith(".") else None
    made = _spelled(words, rule, word, value, name)
    if made is None:
        return None
    quoted = isinstance(value.value, str) or rule.form == "duration"
    return (repair.flow(made) if quoted else made) if fits(rule, made) else None


def as_item(rule: Rule, value: Scalar) -> str:
    """A scalar as an item of a list: a number stays a number where the list accepts numbers."""
    kept = not isinstance(value.value, str) and (rule.items is None or fits(rule.items, value.text))
    return value.text if kept else repair.flow(value.text)


def _spelled(words: Words, rule: Rule, word: str, value: Scalar, name: str) -> str | None:
    if rule.form == "duration":
        return repair.duration(value.text + ("m" if fold(word).endswith("minutes") else ""))
    if name == "cron":
        fields = in_fields(value.text) or value.text
        return fields if isinstance(parse_cron(fields), Cron) else None
    if rule.form == "file name":
        return value.text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    if rule.enum is not None:
        return words.value(name, value.text) or value.text
    if isinstance(value.value, bool):
        return value.text if "boolean" in rule.kinds else None
    if isinstance(value.value, int | float):
        return value.text if rule.kinds & {"integer", "number"} else None
    return value.text if "string" in rule.kinds else None


def fits(rule: Rule, text: str) -> bool:
    """Whether a rule accepts a scalar with this text."""
    value = core_value(text)
    if isinstance(value, bool):
        return "boolean" in rule.kinds
    if isinstance(value, int | float) and rule.kinds & {"integer", "number"}:
        return in_range(rule, value) and (isinstance(value, int) or "number" in rule.kinds)
    return "string" in rule.kinds and in_enum(rule, text) and text_fits(rule, text)
