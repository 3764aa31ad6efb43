"""Declared outputs of a task: short form `rows: integer`, or a mapping."""

from __future__ import annotations

from dagwright.diagnostics.model import Label, Report
from dagwright.ir.model import Output
from dagwright.ir.types import Type
from dagwright.lower.names import child, entries, text
from dagwright.lower.scalars import constant
from dagwright.source.tree import Mapping, Node, Scalar


def lower_outputs(node: Node | None, task: str, report: Report) -> tuple[Output, ...]:
    """The outputs in the author's order. Two outputs that write the same file are an E258."""
    outputs = [_output(key, value, report) for key, value in entries(node)]
    seen: dict[str, Output] = {}
    for output in outputs:
        twin = seen.setdefault(output.filename, output)
        if twin is not output:
            report.error(
                "E258",
                f"two outputs of `{task}` are the same file `{output.filename}`",
                output.origin,
                label="the same file again",
                secondary=[Label(twin.origin, "first here")],
                help=f"give `{output.name}` another `filename`",
            )
    return tuple(outputs)


def _output(key: Scalar, node: Node, report: Report) -> Output:
    name = key.text
    if isinstance(node, Scalar):
        return Output(name, Type(node.text), name, origin=key.span)
    kind = Type(text(child(node, "type")))
    assert isinstance(node, Mapping)
    given = node.values.get("default")
    default = None
    if given is not None and kind.is_artifact:
        report.error(
            "E259",
            f"`{name}` is a {kind.value}, and only values have defaults",
            given.span,
            label="no default is possible",
            help="remove `default`",
        )
    elif given is not None:
        default = constant(given, kind, report, what=f"the default of `{name}`", keeps_number=True)
    return Output(
        name,
        kind,
        text(child(node, "filename"), name),
        default=default,
        description=text(child(node, "description")),
        origin=key.span,
    )
