"""Checks of docs/expressions.md: each expression in its tables is compiled and evaluated."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dagwright.backends.argo.exprlang.printer import MAX_NODES, exprlang_unsupported
from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.expressions.compile import compile_text
from dagwright.expressions.encode import encode_text
from dagwright.expressions.parse import MAX_LENGTH
from dagwright.expressions.scope import Scope, TaskSignature
from dagwright.expressions.signatures import FUNCTIONS, OPERATORS, UNARY
from dagwright.ir.expr import Text
from dagwright.ir.model import Pipeline
from dagwright.meaning.values import EvaluationError
from dagwright.runtime import evaluate
from dagwright.source.span import Source, Span
from docs.walk import blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "expressions.md"
# A row with an expression and its result at the end: a text, a code with its link, or the message of a failure.
_ROW = re.compile(
    r"^\|(?:.*\|)? `(?P<expression>[^`]+)` \| "
    r"(?:`(?P<text>[^`]*)`|\[(?P<code>[EW]\d+)\]\(diagnostics/(?P=code)\.md\)|\*(?P<failure>[^*]+)\*) \|$"
)


def rows() -> Iterator[tuple[str, str]]:
    """Each expression with its result."""
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        inside = line.endswith("| expression | result |") or (inside and line.startswith("|"))
        if inside and "| expression |" not in line and "| --- |" not in line:
            match = _ROW.match(line)
            assert match, f"a row without an expression and a result: {line}"
            yield match["expression"], match["text"] or match["code"] or match["failure"] or ""


class Run(evaluate.Scope):
    """The run on the page: params with their defaults, outputs as given on the page."""

    def __init__(self, pipeline: Pipeline, written: dict[str, dict[str, Any]]) -> None:
        self.pipeline, self.written = pipeline, written

    def param(self, name: str) -> str:
        default = self.pipeline.params_by_name[name].default
        assert default is not None
        return default.text

    def output(self, task: str, name: str) -> str | None:
        found = self.written[task][name]
        assert found is None or isinstance(found, str)
        return found

    def outputs(self, task: str, name: str) -> Sequence[str] | None:
        found = self.written[task][name]
        assert found is None or isinstance(found, list)
        return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    text = PAGE.read_text(encoding="utf-8")
    spec = next(block.body for block in blocks(text) if block.language == "yaml")
    written = next(block.body for block in blocks(text) if block.language == "json")
    place = tmp_path_factory.mktemp("page") / "values.yaml"
    place.write_text(spec, encoding="utf-8")
    report = Report()
    pipeline = load(str(place), Options(), report)
    assert pipeline is not None, report.diagnostics
    return Run(pipeline, json.loads(written))


def compiled(expression: str, pipeline: Pipeline) -> Text | str:
    """The compiled text with the expression, or the code of its error."""
    raw = "${{ " + expression + " }}"
    report, source = Report(), Source("page", raw)
    scope = Scope(
        params=pipeline.params_by_name,
        tasks={t.name: TaskSignature({o.name: o for o in t.outputs}, t.fan_out is not None) for t in pipeline.tasks},
    )
    found = compile_text(raw, lambda start, end: Span(source, start, end), scope, report)
    return report.diagnostics[0].code if found is None else found


def result(expression: str, run: Run) -> str:
    """The expected result of an expression on the page."""
    found = compiled(expression, run.pipeline)
    if isinstance(found, str):
        return found
    try:
        return evaluate.text_of(encode_text(found), run)
    except EvaluationError as error:
        return str(error)


@pytest.mark.parametrize(("expression", "expected"), list(rows()))
def test_an_expression_has_its_result(expression: str, expected: str, run: Run) -> None:
    assert result(expression, run) == expected


def test_every_operator_and_function_has_an_example() -> None:
    shown = " ".join(expression for expression, _ in rows())
    for name in FUNCTIONS:
        assert f"{name}(" in shown, name
    for name in [*OPERATORS, *UNARY]:
        assert f"{name} " in shown or f" {name}" in shown, name


def test_the_limits_are_those_of_the_page(run: Run) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert f"at most {MAX_LENGTH:,} characters" in text
    assert f"more than {MAX_NODES} parts" in text
    for expression in (
        "format_date('2026-01-31T23:30:00Z', params.who)",
        "format_date('2026-01-31T23:30:00Z', 'YYYY', params.who)",
        "[" + ", ".join(["params.n"] * MAX_NODES) + "]",
    ):
        found = compiled(expression, run.pipeline)
        assert isinstance(found, Text)
        assert [exprlang_unsupported(piece) for piece in found.pieces if not isinstance(piece, str)] != [[]]
