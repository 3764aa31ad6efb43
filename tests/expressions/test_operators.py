"""Every operator of the table has an evaluation, a printer per engine and a type, and a lost one is noticed."""

from __future__ import annotations

from itertools import islice, product

import pytest

from dagwright.backends.argo.analysis.evaluation import can_fail
from dagwright.expressions.overloads import apply
from dagwright.expressions.signatures import FUNCTIONS, OPERATORS, UNARY, Function
from dagwright.ir.expr import Const, Expr, Op, Operator, OutputRef, ParamRef
from dagwright.ir.types import ExprType, ListType, Type
from dagwright.meaning.operators import OPERATORS as ROWS
from dagwright.source.span import NOWHERE

from . import engines
from .strategies import DRAWN

PLAIN = (Type.STRING, Type.INTEGER, Type.NUMBER, Type.BOOLEAN, Type.JSON)
TYPES: tuple[ExprType, ...] = (*PLAIN, *map(ListType, PLAIN))
TEXT_OF = {
    Type.STRING: "2026-01-31T04:30:00Z", Type.INTEGER: "3", Type.NUMBER: "2.50", Type.BOOLEAN: "true",
    Type.JSON: '{"k": [1]}',
}  # fmt: skip
FORMAT = Const(Type.STRING, "YYYY", "YYYY")
INTERNAL = {
    Operator.LIST: (ParamRef("p_integer", Type.INTEGER), ParamRef("p_integer", Type.INTEGER)),
    Operator.INDEX: (ParamRef("p_json", Type.JSON), Const(Type.STRING, "k", "k")),
    Operator.TEXT: (ParamRef("p_number", Type.NUMBER),),
    Operator.TO_JSON_VALUE: (ParamRef("p_number", Type.NUMBER),),
}


def param(kind: ExprType) -> Expr:
    """A reference of a type: an output of a fan-out for a list, which is the only list from outside."""
    if isinstance(kind, ListType):
        return OutputRef("t", f"l_{kind.element.value}", kind, fan_out=True)
    return ParamRef(f"p_{kind.value}", kind)


def functions() -> list[Function]:
    return [*FUNCTIONS.values(), *(f for group in OPERATORS.values() for f in group), *UNARY.values()]


def samples(operator: Operator) -> list[Op]:
    """Operations of the operator: some for each of its signatures."""
    if operator in INTERNAL:
        args = INTERNAL[operator]
        kind = ListType(Type.INTEGER) if operator is Operator.LIST else Type.JSON
        return [Op(operator, args, Type.STRING if operator is Operator.TEXT else kind)]
    found = []
    for function in (f for f in functions() if f.operator is operator):
        for signature in function.overloads:
            for kinds in islice(product(TYPES, repeat=len(signature.args)), 2000):
                args = [param(kind) for kind in kinds]
                if operator is Operator.FORMAT_DATE:
                    args = [args[0], FORMAT, *[Const(Type.STRING, "UTC", "UTC")] * (len(args) - 2)]
                if operator is Operator.DEFAULT and isinstance(kinds[0], Type):
                    args[0] = OutputRef("t", f"o_{kinds[0].value}", kinds[0])
                op = apply(Function(operator, (signature.text + " -> " + signature.result,)), args, NOWHERE)
                if op is not None:
                    found.append(op)
    return found


def texts() -> engines.Texts:
    """Texts for every reference of `samples`."""
    lists = {f"l_{kind.value}": [text] for kind, text in TEXT_OF.items()}
    return engines.Texts(
        params={f"p_{kind.value}": text for kind, text in TEXT_OF.items()},
        outputs={**lists, **{f"o_{kind.value}": TEXT_OF[kind] for kind in PLAIN}},
        kinds={f"l_{kind.value}": kind.value for kind in PLAIN},
    )


def test_random_expressions_contain_each_operator() -> None:
    assert {Operator.FORMAT_DATE, *DRAWN} == set(Operator)  # dates have tests of their own: few texts are dates


def test_the_table_and_the_ir_have_the_same_operators() -> None:
    assert list(ROWS) == [operator.value for operator in Operator]


@pytest.mark.parametrize("operator", Operator, ids=lambda operator: operator.value)
def test_an_operator_is_printed_and_evaluated(operator: Operator) -> None:
    """Each evaluator computes each operator, and Python and the runtime agree on the result."""
    found = samples(operator)
    assert found
    for op in found:
        assert engines.printed(op, texts()) == engines.local(op, texts())
        assert engines.printer.to_exprlang(op, lambda ref: "x", lambda ref: "y")


@pytest.mark.parametrize("operator", Operator, ids=lambda operator: operator.value)
def test_an_operator_that_cannot_fail_does_not(operator: Operator) -> None:
    for op in samples(operator):
        if not can_fail(op):
            assert engines.ERROR not in engines.local(op, texts())
