"""Texts of the spec as typed expressions, for `lower`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from dagwright.diagnostics.fix import Advice, Fix
from dagwright.diagnostics.model import Report
from dagwright.expressions.check import check
from dagwright.expressions.convert import is_path
from dagwright.expressions.parse import parse
from dagwright.expressions.rewrite import edit_of
from dagwright.expressions.scope import Scope
from dagwright.expressions.syntax import ExpressionSyntaxError
from dagwright.expressions.tokens import string_end
from dagwright.ir.expr import Expr, Op, Text
from dagwright.source.span import Span

Locate = Callable[[int, int], Span]

MAX_NODES = 20_000  # nodes of one text, with component inputs replaced by their values
MAX_LEVELS = 150

_OPEN, _CLOSE = "${{", "}}"


@dataclass(frozen=True, slots=True)
class _Reference:
    """A `${{ … }}` at `start:end`, with its expression at `inner_start:inner_end`."""

    start: int
    end: int
    inner_start: int
    inner_end: int


def first_reference(raw: str) -> tuple[int, int] | None:
    """The range of the first `${{` of a text (not escaped as `$${{`), up to its `}}`, else to the end."""
    start = _next_open(raw, 0)[0]
    if start < 0:
        return None
    end = raw.find(_CLOSE, start)
    return start, end + len(_CLOSE) if end >= 0 else len(raw)


def reference_ranges(raw: str) -> list[tuple[int, int]]:
    """The range of each complete reference of a text (not escaped as `$${{`), in order."""
    found: list[tuple[int, int]] = []
    at = 0
    while (start := _next_open(raw, at)[0]) >= 0:
        try:
            at = _reference(raw, start).end
        except ExpressionSyntaxError:
            break
        found.append((start, at))
    return found


def compile_text(raw: str, locate: Locate, scope: Scope, report: Report) -> Text | None:
    """A text with its references compiled; None after a reported error."""
    if _OPEN not in raw:
        return Text((raw,) if raw else (), origin=locate(0, len(raw)))
    try:
        parts = _split(raw)
    except ExpressionSyntaxError as error:
        _report_syntax(error, locate, report)
        return None
    pieces: list[str | Expr] = []
    failed = False
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        found = _compile(raw, part.inner_start, part.inner_end, locate, scope, report)
        failed = failed or found is None
        if found is not None:
            pieces.append(found)
    exprs = [piece for piece in pieces if not isinstance(piece, str)]
    if failed or not _within_bounds(exprs, locate(0, len(raw)), report):
        return None
    return Text(tuple(pieces), origin=locate(0, len(raw)))


def compile_expression(raw: str, locate: Locate, scope: Scope, report: Report) -> Expr | None:
    """A bare expression or exactly one `${{ }}`, for `when` and `foreach`; None after a reported error."""
    start, end = len(raw) - len(raw.lstrip()), len(raw.rstrip())
    if raw.startswith(_OPEN, start):
        try:
            reference = _reference(raw, start)
        except ExpressionSyntaxError as error:
            _report_syntax(error, locate, report)
            return None
        if reference.end < end:
            report.error(
                "E414",
                "this place takes one expression and no text around it",
                locate(reference.end, end),
                label="outside of `${{ }}`",
                help="write the whole without `${{ }}`, as in `tasks.a.outputs.n > params.limit`",
            )
            return None
        start, end = reference.inner_start, reference.inner_end
    found = _compile(raw, start, end, locate, scope, report)
    if found is None:
        return None
    if is_path(found):
        report.error(
            "E412",
            "a file or directory can only be inserted, not computed with",
            locate(start, end),
            label="this is a path",
            help="read a value output here, and the file in `command` or `env`",
        )
        return None
    return found if _within_bounds([found], locate(start, end), report) else None


def _compile(raw: str, start: int, end: int, locate: Locate, scope: Scope, report: Report) -> Expr | None:
    text = raw[start:end]

    def inner(first: int, last: int) -> Span:
        return locate(start + first, start + last)

    try:
        node = _parsed(text)
    except ExpressionSyntaxError as error:
        _report_syntax(error, inner, report, text)
        return None
    return check(node, text, scope, inner, report)


# Pipelines repeat the same few references. Trees are frozen, and their offsets count from the expression's start.
_parsed = lru_cache(maxsize=4096)(parse)


def _report_syntax(error: ExpressionSyntaxError, locate: Locate, report: Report, text: str = "") -> None:
    span, instead = locate(error.start, error.end), _ONE_WORD.match(error.help or "")
    advice: str | Advice | None = error.help
    if instead is not None and error.help is not None and error.start < error.end <= len(text):
        edit = edit_of(span, text[error.start : error.end], instead[1])
        advice = Advice(error.help, None if edit is None else Fix((edit,)))
    report.error(error.code, error.message, span, label=error.label, help=advice)


_ONE_WORD = re.compile(r"write `([a-z_=!<>+*/%.]+)`(?:;|$)")  # a help that names one word to write instead


def _next_open(raw: str, at: int) -> tuple[int, str]:
    """The offset of the next reference from `at` on (-1: none), and the literal text before it."""
    literal: list[str] = []
    begin = at
    while (found := raw.find(_OPEN, at)) >= 0:
        if found == begin or raw[found - 1] != "$":
            return found, "".join(literal) + raw[begin:found]
        literal.append(raw[begin : found - 1] + _OPEN)
        begin = at = found + len(_OPEN)
    return -1, "".join(literal) + raw[begin:]


def _split(raw: str) -> list[str | _Reference]:
    """The literal pieces, `$${{` unescaped, and the references between them."""
    pieces: list[str | _Reference] = []
    at = 0
    while at < len(raw):
        found, literal = _next_open(raw, at)
        if literal:
            pieces.append(literal)
        if found < 0:
            break
        reference = _reference(raw, found)
        pieces.append(reference)
        at = reference.end
    return pieces


def _reference(raw: str, start: int) -> _Reference:
    """The reference that opens at `start`; a `}}` within a string literal does not end it."""
    at = start + len(_OPEN)
    while at < len(raw):
        if raw.startswith(_CLOSE, at):
            return _Reference(start, at + len(_CLOSE), start + len(_OPEN), at)
        if raw[at] in "\"'":
            end = string_end(raw, at)
            if end < 0:
                raise ExpressionSyntaxError(
                    "E402",
                    "this string is not closed",
                    at,
                    at + 1,
                    label="opened here",
                    help_text=f"add a {raw[at]} at its end",
                )
            at = end
        else:
            at += 1
    raise ExpressionSyntaxError(
        "E402",
        "this `${{` has no `}}`",
        start,
        start + len(_OPEN),
        label="opened here",
        help_text="add `}}`, or write `$${{` for the text `${{` itself",
    )


def _within_bounds(exprs: list[Expr], span: Span, report: Report) -> bool:
    """Whether expressions with their inputs inserted are small enough: size can double at every component level."""
    left = MAX_NODES
    stack = [(expr, 0) for expr in exprs]
    while stack:
        expr, level = stack.pop()
        left -= 1
        if left < 0 or level > MAX_LEVELS:
            report.error(
                "E415",
                "this expression is too large once its inputs are inserted",
                span,
                label="too large",
                help="compute part of it in a task and read its output",
            )
            return False
        if isinstance(expr, Op):
            stack.extend((arg, level + 1) for arg in expr.args)
    return True
