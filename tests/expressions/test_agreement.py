"""All evaluators agree on random expressions: on the value, on the inserted text, and on failures."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from dagwright.ir.expr import Expr

from .engines import ExprLang, Texts, local, printed
from .strategies import expressions

RELAXED = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@RELAXED
@given(expressions())
def test_printed_python_agrees_with_the_evaluator(case: tuple[Expr, Texts]) -> None:
    expr, texts = case
    assert printed(expr, texts) == local(expr, texts)


@pytest.mark.engine("argo-libraries")
@RELAXED
@given(case=expressions())
def test_expr_lang_agrees_with_the_evaluator(exprlang: ExprLang, case: tuple[Expr, Texts]) -> None:
    expr, texts = case
    assert exprlang.evaluate(expr, texts) == local(expr, texts)
