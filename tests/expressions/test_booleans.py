"""Nested `and`, `or` and `not` have the same meaning as in Python, on every evaluator and for all operands."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from .compiling import expression
from .engines import ExprLang, Texts, local, printed

NAMES = ("params.b1", "params.b2", "tasks.load.outputs.b")


def shapes() -> Iterator[str]:
    """Every way to join three operands by two operators, with and without parentheses and `not`."""
    for one, two in itertools.product(("and", "or"), repeat=2):
        for form in (
            "{0} {one} {1} {two} {2}",
            "({0} {one} {1}) {two} {2}",
            "{0} {one} ({1} {two} {2})",
            "not {0} {one} {1} {two} {2}",
            "not ({0} {one} {1}) {two} {2}",
            "{0} {one} not ({1} {two} {2})",
            "not ({0} {one} {1} {two} {2})",
            "not ({0} {one} not ({1} {two} not {2}))",
            "({0} {one} {1}) == ({1} {two} {2})",
        ):
            yield form.format(*NAMES, one=one, two=two)


SHAPES = list(shapes())


def values() -> Iterator[tuple[bool, bool, bool]]:
    yield from itertools.product((False, True), repeat=3)


def texts(found: tuple[bool, bool, bool]) -> Texts:
    first, second, third = (str(value).lower() for value in found)
    return Texts({"b1": first, "b2": second}, {"b": third}, {"b": "boolean"})


def meaning(raw: str, found: tuple[bool, bool, bool]) -> str:
    """Python's result for the same words."""
    for name, value in zip(NAMES, found, strict=True):
        raw = raw.replace(name, str(value))
    return str(eval(raw)).lower()


@pytest.mark.parametrize("raw", SHAPES)
def test_truth_table(raw: str) -> None:
    expr, diagnostics = expression(raw)
    assert diagnostics == []
    assert expr is not None
    for found in values():
        expected = (meaning(raw, found),) * 2
        assert (local(expr, texts(found)), printed(expr, texts(found))) == (expected, expected), found


@pytest.mark.engine("argo-libraries")
@pytest.mark.parametrize("raw", SHAPES)
def test_truth_table_of_expr_lang(raw: str, exprlang: ExprLang) -> None:
    expr, _ = expression(raw)
    assert expr is not None
    for found in values():
        assert exprlang.evaluate(expr, texts(found)) == (meaning(raw, found),) * 2, found
