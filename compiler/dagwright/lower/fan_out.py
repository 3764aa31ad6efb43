"""`matrix:` and `foreach:`: the instances of a task, where known at compile time."""

from __future__ import annotations

from itertools import product

from dagwright.diagnostics.fix import reword
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.expressions.compile import compile_expression
from dagwright.expressions.scope import Scope
from dagwright.ir.expr import Const
from dagwright.ir.model import FanOut, ForEach, ForEachItems, Matrix, element_type
from dagwright.ir.types import ListType, Type, type_name
from dagwright.lower.scalars import axis_type, constant
from dagwright.meaning.values import canonical_json, equal, normal
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

MAX_INSTANCES = 1000
_NOT_AXES = ("include", "exclude")

Row = tuple[Const, ...]


def lower_matrix(node: Mapping, report: Report) -> Matrix | None:
    """All rows of a `matrix:`, with the last axis changing fastest, then the rows of `include`."""
    axes = {
        name: value.items
        for name, value in node.values.items()
        if name not in _NOT_AXES and isinstance(value, Sequence)
    }
    include, exclude = _rows(node, "include"), _rows(node, "exclude")
    if not axes and include:
        axes = {name: [] for name in include[0].values}
    if not _known_axes([*include, *exclude], axes, report):
        return None
    types = {name: axis_type([*values, *(r.values[name] for r in include if name in r.values)])
             for name, values in axes.items()}  # fmt: skip
    columns = [[_value(v, types[name], name, report) for v in values] for name, values in axes.items()]
    size = 1
    for column in columns:
        size *= len(column)
    if size + len(include) > MAX_INSTANCES:
        report.error(
            "E260",
            f"this matrix has {size + len(include)} instances, but at most {MAX_INSTANCES} are possible",
            node.span,
            label="too many",
            help="leave values out, or split the task",
        )
        return None
    dropped = [_partial(row, types, report) for row in exclude]
    every = product(*columns) if any(columns) else ()
    rows = [row for row in every if not any(_matches(row, axes, d) for d in dropped)]
    spans: list[Span] = [node.span] * len(rows)
    for row in include:
        if complete := _complete(row, axes, types, report):
            rows.append(complete)
            spans.append(row.span)
    _report_twins(rows, spans, report)
    if not rows and not report.failed:
        report.error("E261", "this matrix has no instances", node.span, label="nothing is left",
                     help="add values, or drop an `exclude`")  # fmt: skip
    return Matrix(tuple(axes), tuple(row for row in rows if None not in row), origin=node.span)


def _rows(node: Mapping, key: str) -> list[Mapping]:
    value = node.values.get(key)
    return [row for row in value.items if isinstance(row, Mapping)] if isinstance(value, Sequence) else []


def _known_axes(rows: list[Mapping], axes: dict[str, list[Node]], report: Report) -> bool:
    unknown = [key for row in rows for name, key in row.keys.items() if name not in axes]
    for key in unknown:
        guess = suggest(key.text, axes)
        report.error(
            "E262",
            f"the matrix has no axis `{key.text}`",
            key.span,
            label="not an axis",
            notes=["axes: " + ", ".join(axes)],
            help=reword(key.span, key.text, guess) if guess else f"add `{key.text}: [...]` beside `include`",
        )
    return not unknown


def _value(node: Node, kind: Type, axis: str, report: Report) -> Const:
    found = constant(node, kind, report, what=f"a value of the axis `{axis}`", spelt=isinstance(node, Scalar))
    return found or Const(kind, None, "", origin=node.span)


def _partial(row: Mapping, types: dict[str, Type], report: Report) -> dict[str, Const]:
    return {name: _value(value, types[name], name, report) for name, value in row.values.items()}


def _matches(row: Row, axes: dict[str, list[Node]], wanted: dict[str, Const]) -> bool:
    return bool(wanted) and all(
        equal(value.value, wanted[name].value) for name, value in zip(axes, row, strict=True) if name in wanted
    )


def _complete(row: Mapping, axes: dict[str, list[Node]], types: dict[str, Type], report: Report) -> Row | None:
    missing = [name for name in axes if name not in row.values]
    if missing:
        report.error(
            "E263",
            f"this row of `include` has no value for `{missing[0]}`",
            row.span,
            label="incomplete",
            help=f"add `{missing[0]}: ...`: a row of `include` is added as it is",
        )
        return None
    return tuple(_value(row.values[name], types[name], name, report) for name in axes)


def _report_twins(rows: list[Row], spans: list[Span], report: Report) -> None:
    first: dict[tuple[str, ...], int] = {}
    for index, row in enumerate(rows):
        twin = first.setdefault(tuple(canonical_json(normal(v.value)) for v in row), index)
        if twin != index:
            values = ", ".join(v.text for v in row)
            report.error(
                "E264",
                "two rows of this matrix are the same",
                row[0].origin if spans[index] is spans[0] else spans[index],
                label=f"({values[:60]}) again",
                secondary=[Label(rows[twin][0].origin, "first here")],
                help="remove one of them",
            )


def lower_foreach(node: Node, scope: Scope, report: Report) -> FanOut | None:
    """The fan-out of a `foreach:`: over a literal list, or over an expression of type list or json."""
    if isinstance(node, Sequence):
        kind = axis_type(node.items) if node.items else Type.STRING
        if not node.items:
            report.warning("W265", "this list is empty, so the task has no instances and is skipped", node.span,
                           label="no items", help="add an item, or remove the task")  # fmt: skip
        if len(node.items) > MAX_INSTANCES:
            message = f"this list has {len(node.items)} items, but at most {MAX_INSTANCES} are possible"
            report.error("E260", message, node.span, label="too many", help="split the task")
            return None
        found = [constant(i, kind, report, what="an item", spelt=isinstance(i, Scalar)) for i in node.items]
        return ForEachItems(tuple(item for item in found if item is not None), kind, origin=node.span)
    if not isinstance(node, Scalar):
        return None
    source = compile_expression(node.text, node.part, scope, report)
    if source is None:
        return None
    if not isinstance(source.type, ListType) and source.type is not Type.JSON:
        report.error(
            "E432",
            f"`foreach` takes a list, and this is {type_name(source.type)}",
            node.span,
            label=f"of type {type_name(source.type)}",
            help="use an output of type json, or a literal list `[a, b]`",
        )
        return None
    return ForEach(source, element_type(source.type), origin=node.span)
