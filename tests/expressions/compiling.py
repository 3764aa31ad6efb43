"""A scope for tests, and compilation of expressions in it."""

from __future__ import annotations

from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.expressions.compile import compile_expression, compile_text
from dagwright.expressions.scope import Scope, TaskSignature
from dagwright.ir.expr import Const, Expr, InPath, RunField, Text
from dagwright.ir.model import Output, Param
from dagwright.ir.types import Type
from dagwright.source.span import Source, Span

VALUES = {"s": Type.STRING, "i": Type.INTEGER, "n": Type.NUMBER, "b": Type.BOOLEAN, "j": Type.JSON}
ARTIFACTS = {"file": Type.FILE, "folder": Type.DIRECTORY}


def _outputs(kinds: dict[str, Type]) -> dict[str, Output]:
    return {name: Output(name, kind, name) for name, kind in kinds.items()}


SCOPE = Scope(
    params={
        **{f"{name}{number}": Param(f"{name}{number}", kind) for name, kind in VALUES.items() for number in (1, 2)},
        "learning_rate": Param("learning_rate", Type.NUMBER),
    },
    inputs={"data": InPath("data", Type.FILE), "wrong": None, "limit": Const(Type.INTEGER, 7, "7")},
    outputs=_outputs({"model": Type.FILE, "rows": Type.INTEGER}),
    tasks={
        "load": TaskSignature(_outputs(VALUES | ARTIFACTS)),
        "train": TaskSignature(_outputs(VALUES | ARTIFACTS), fan_out=True),
    },
    unreadable={"report": "it is in `finally`, which starts after every other task has ended"},
    run=frozenset(RunField) - {RunField.STATUS},
    where="`env.X` of task `work`",
)


def compiled(raw: str, scope: Scope = SCOPE) -> tuple[Text | None, list[Diagnostic]]:
    """A compiled text, and its diagnostics."""
    report, source = Report(), Source("spec.yaml", raw)
    return compile_text(raw, lambda start, end: Span(source, start, end), scope, report), report.diagnostics


def expression(raw: str, scope: Scope = SCOPE) -> tuple[Expr | None, list[Diagnostic]]:
    """An expression as in `when`, and its diagnostics."""
    report, source = Report(), Source("spec.yaml", raw)
    return compile_expression(raw, lambda start, end: Span(source, start, end), scope, report), report.diagnostics


def marked(diagnostic: Diagnostic) -> str:
    """The text under the caret."""
    assert diagnostic.span is not None
    return diagnostic.span.source.text[diagnostic.span.start : diagnostic.span.end]
