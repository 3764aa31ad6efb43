"""The instances of a loop, and their values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.evaluation import reads_only_run
from dagwright.backends.argo.analysis.facts import Facts, output_type
from dagwright.backends.argo.build import conditions
from dagwright.backends.argo.build.arguments import skipped_or
from dagwright.backends.argo.exprlang.escape import data, literal, tag
from dagwright.backends.argo.exprlang.references import References
from dagwright.backends.argo.exprlang.texts import json_of
from dagwright.backends.argo.exprlang.values import (
    canonical,
    canonical_json,
    fail,
    marked,
    quote,
    spelled,
    spelled_each,
)
from dagwright.backends.argo.model import Argument, Count, Items, Loop
from dagwright.expressions.encode import typed_text
from dagwright.ir.expr import Const, Expr, ItemRef, MatrixRef, OutputRef
from dagwright.ir.model import ForEach, Task
from dagwright.ir.types import Type

ITEMS = "items"
RAW_ITEM = "raw-item"
MOST_INSTANCES = 1000
_NO_LIST = fail(f"foreach needs a list of at most {MOST_INSTANCES} elements")

# Text that Argo inserts unchanged from a map in `withItems`: it escapes other text.
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+ -]*").fullmatch


@dataclass(frozen=True, slots=True)
class Instances:
    """The loop, the tag of the index, and the values of an instance by axis.

    `escaped` is the tag of the axis' text, escaped for containers. `raw` is an expression for the text inside the DAG
    of one instance, which takes the arguments `extra` for that.
    """

    loop: Loop
    index: str
    escaped: dict[str, str]
    raw: dict[str, str]
    extra: tuple[Argument, ...] = ()


def axis(expr: Expr) -> str:
    """The axis that a reference names; the element of a `foreach` is the axis `item`."""
    match expr:
        case MatrixRef():
            return expr.axis
        case ItemRef():
            return "item"
        case _:
            raise AssertionError("not of an instance")


def fixed(axes: tuple[str, ...], rows: tuple[tuple[Const, ...], ...]) -> Instances:
    """Instances known at compile time: readable items, or a counted loop over lists of escaped texts."""
    columns = dict(zip(axes, zip(*rows, strict=True), strict=True))
    at_index = f"[int(inputs.parameters.{names.INDEX})]"
    raw = {name: _list([typed_text(value) for value in column]) + at_index for name, column in columns.items()}
    if names.INDEX not in axes and all(_PLAIN(value.text) for row in rows for value in row):
        items = tuple(
            ((names.INDEX, str(at)), *((name, value.text) for name, value in zip(axes, row, strict=True)))
            for at, row in enumerate(rows)
        )
        escaped = {name: "{{item." + name + "}}" for name in axes}
        return Instances(Items(items), "{{item." + names.INDEX + "}}", escaped, raw)
    escaped = {
        name: tag(_list([literal(value.text, after_tag=True, before_tag=True) for value in column]) + "[int(item)]")
        for name, column in columns.items()
    }
    return Instances(Count(str(len(rows))), "{{item}}", escaped, raw)


def _list(texts: list[str]) -> str:
    return "[" + ", ".join(quote(text) for text in texts) + "]"


@dataclass(frozen=True, slots=True)
class Source:
    """The list of a run-time `foreach`, printed for the task that calls the loop.

    `items` is the tag of a JSON list of texts without braces, `filled` an expression: is the list not empty?
    """

    items: str
    filled: str


def source(facts: Facts, task: Task, fan_out: ForEach, *, as_json: bool) -> Source:
    """The list of a `foreach`; evaluation fails the task if the value is not a list or is too long."""
    elements = _list_of(facts, task, fan_out)
    of_texts = isinstance(fan_out.source, OutputRef) and fan_out.source.fan_out
    text = "#" if of_texts else canonical_json("#", Type.JSON) if as_json else canonical("#", Type.JSON)
    checked = (
        f"map([{elements}], type(#) == 'array' && len(#) <= {MOST_INSTANCES} "
        f"? replace(toJSON(map(#, {text})), '{{', '\\\\u007b') "
        f": {_NO_LIST})[0]"
    )
    filled = f"toJSON({elements}) != '[]'"
    if reads_only_run(fan_out.source):
        checked = f"({conditions.status_of_scope(facts, task)} == '' ? '' : {checked})"
        filled = f"{conditions.status_of_scope(facts, task)} != '' && {filled}"
    return Source(tag(skipped_or(facts, task, checked)), filled)


def _list_of(facts: Facts, task: Task, fan_out: ForEach) -> str:
    """The list of a `foreach`: texts if it comes from a fan-out, else its elements."""
    references = References(facts, task)
    ref = fan_out.source
    if isinstance(ref, OutputRef) and ref.fan_out:
        texts = references.collected(ref)
        kind = output_type(facts.pipeline.by_name[ref.task], ref.output)
        items = f"fromJSON({texts})"
        marked_kind = kind in (Type.STRING, Type.JSON)
        return f"map({items}, {spelled('#[1:]', kind)})" if marked_kind else spelled_each(items, kind)
    return marked(json_of(ref, references))


def counted(*, as_json: bool) -> Instances:
    """The instances of a run-time `foreach`, inside the DAG that receives the list.

    Argo also evaluates that DAG with unresolved arguments; hence the guard of the count.
    """
    texts = f"inputs.parameters.{ITEMS}"
    count = f"{texts} startsWith '[' ? string(len(fromJSON({texts}))) : '0'"
    element = f"fromJSON({texts})[int(item)]"
    text = f"{element} startsWith '\"' ? fromJSON({element}) : {element}" if as_json else element
    return Instances(
        Count(tag(count)),
        "{{item}}",
        {"item": tag(data(f"({text})" if as_json else text))},
        {"item": f"fromBase64(inputs.parameters['{RAW_ITEM}'])"},
        (Argument(RAW_ITEM, tag(f"toBase64({element})")),),
    )
