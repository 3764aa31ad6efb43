"""Texts with references, and the typed expressions of valid ones."""

from __future__ import annotations

import pytest

from dagwright.expressions.compile import first_reference
from dagwright.expressions.convert import coerce
from dagwright.ir.expr import ArtifactRef, Const, Expr, InPath, Op, Operator, OutPath, OutputRef, ParamRef
from dagwright.ir.types import ListType, Type, type_name

from .compiling import compiled, expression

TYPES = {
    "params.i1": "integer",
    "1": "integer",
    "-9223372036854775808": "integer",
    "1.0": "number",
    "1e3": "number",
    "true": "boolean",
    "'a'": "string",
    "params.i1 + 1": "integer",
    "params.i1 + 1.5": "number",
    "params.i1 / 2": "number",
    "params.i1 % 2": "integer",
    "-params.i1": "integer",
    "--1": "integer",
    "-params.n1 * 2": "number",
    "'a' + params.s1": "string",
    "params.i1 < params.n1": "boolean",
    "not params.b1 or params.b2": "boolean",
    "params.i1 in [1, 2.5]": "boolean",
    "'a' not in params.j1": "boolean",
    "'a' in params.s1": "boolean",
    "params.j1['a'][0]": "json",
    "tasks.train.outputs.n": "list<number>",
    "tasks.train.outputs.n[0]": "number",
    "[1, 2.5, 3]": "list<number>",
    "[params.s1,]": "list<string>",
    "max(tasks.train.outputs.i)": "integer",
    "min(1, 2, 2.5)": "number",
    "len(params.j1)": "integer",
    "if(params.b1, 1, 2.5)": "number",
    "if(params.b1, [1], [2])": "list<integer>",
    "default(tasks.load.outputs.n, 1)": "number",
    "default(tasks.train.outputs.n, [])": "list<number>",
    "to_json(tasks.train.outputs.s)": "string",
    "from_json(params.s1)": "json",
    "integer(params.j1['n'])": "integer",
    "boolean('true')": "boolean",
    "tasks.load.status == 'failed'": "boolean",
    "format_date(run.scheduled_at, 'YYYY/MM', 'Europe/Berlin')": "string",
    "contains(tasks.train.outputs.n, 1)": "boolean",
    "contains(params.j1, 1)": "boolean",
    "inputs.limit > 3": "boolean",
    "params.j1 == from_json('{}')": "boolean",
}


@pytest.mark.parametrize(("raw", "kind"), TYPES.items())
def test_type(raw: str, kind: str) -> None:
    found, diagnostics = expression(raw)
    assert diagnostics == []
    assert found is not None
    assert type_name(found.type) == kind


def shape(expr: Expr) -> str:
    """An expression with brackets, which show precedence."""
    match expr:
        case Op():
            return f"({' '.join([expr.operator.value, *map(shape, expr.args)])})"
        case Const():
            return expr.text
        case ParamRef():
            return expr.name
    raise AssertionError(expr)


PRECEDENCE = {
    "1 + 2 * 3": "(add 1 (mul 2 3))",
    "(1 + 2) * 3": "(mul (add 1 2) 3)",
    "1 - 2 - 3": "(sub (sub 1 2) 3)",
    "-params.i1 % 3": "(mod (neg i1) 3)",
    "1 - -1": "(sub 1 -1)",
    "not params.i1 == 1 and params.b1": "(and (not (eq i1 1)) b1)",
    "params.b1 or params.b2 and not params.b1": "(or b1 (and b2 (not b1)))",
    "not not params.b1": "(not (not b1))",
    "params.i1 + 1 in [1]": "(in (add i1 1) (list 1))",
    "params.s1 not in ['a'] == false": None,
    "params.i1 not in [1] and params.b1": "(and (not (in i1 (list 1))) b1)",
    "params.s1 + 'a' + 'b' + 'c'": "(concat s1 a b c)",
    "1 + 2 < 3 * 4": "(lt (add 1 2) (mul 3 4))",
    "1 < 2.5": "(lt 1 2.5)",
    "params.i1 < 2.5": "(lt (number i1) 2.5)",
}


@pytest.mark.parametrize(("raw", "expected"), PRECEDENCE.items())
def test_precedence_is_that_of_python(raw: str, expected: str | None) -> None:
    found, diagnostics = expression(raw)
    if expected is None:
        assert [d.code for d in diagnostics] == ["E400"]
    else:
        assert found is not None
        assert shape(found) == expected


STRINGS = {
    r"'it\'s'": "it's",
    r'"it\"s"': 'it"s',
    r"'\"\\\/\b\f\n\r\t'": '"\\/\b\f\n\r\t',
    r"'\u00e9\ud83d\ude00'": "é😀",
    "'a}}b ${{ c'": "a}}b ${{ c",
    "'é'": "é",
    '""': "",
}


@pytest.mark.parametrize(("raw", "expected"), STRINGS.items())
def test_string_literals(raw: str, expected: str) -> None:
    for text in (raw, "${{" + raw + "}}"):
        found, _ = expression(text)
        assert isinstance(found, Const)
        assert found.value == expected


PIECES = {
    "": (),
    "plain }} {{ $ text": ("plain }} {{ $ text",),
    "a ${{ params.s1 }}": ("a ", "s1"),
    "${{params.s1}}${{ params.s2 }}": ("s1", "s2"),
    "$${{ params.s1 }}": ("${{ params.s1 }}",),
    "$$${{ params.s1 }}": ("$${{ params.s1 }}",),
    "$${{$${{": ("${{${{",),
    "x$${{ a ${{ params.s1 }}$": ("x${{ a ", "s1", "$"),
    "${{ params.s1 }}$${{ ${{ params.s2 }}": ("s1", "${{ ", "s2"),
    "${{ '}}' + params.s1 }}": ("(concat }} s1)",),
    "}} ${{ params.s1 }} }}": ("}} ", "s1", " }}"),
}


@pytest.mark.parametrize(("raw", "expected"), PIECES.items())
def test_pieces_of_a_text(raw: str, expected: tuple[str, ...]) -> None:
    found, diagnostics = compiled(raw)
    assert diagnostics == []
    assert found is not None
    assert tuple(piece if isinstance(piece, str) else shape(piece) for piece in found.pieces) == expected
    assert (first_reference(raw) is not None) == any(not isinstance(piece, str) for piece in found.pieces)


def test_paths_are_inserted() -> None:
    found, _ = compiled(
        "${{ outputs.model }}${{ inputs.data }}${{ tasks.load.outputs.file }}${{ tasks.train.outputs.folder }}"
    )
    assert found is not None
    assert found.pieces == (
        OutPath("model"),
        InPath("data", Type.FILE),
        ArtifactRef("load", "file", Type.FILE),
        ArtifactRef("train", "folder", Type.DIRECTORY, fan_out=True),
    )


def test_a_reference_knows_where_it_stands() -> None:
    raw = "x ${{ 1 + tasks.load.outputs.i }}"
    found, _ = compiled(raw)
    assert found is not None
    whole = found.pieces[1]
    assert isinstance(whole, Op)
    assert raw[whole.origin.start : whole.origin.end] == "1 + tasks.load.outputs.i"
    assert raw[whole.args[1].origin.start : whole.args[1].origin.end] == "tasks.load.outputs.i"


def test_an_expression_may_stand_in_braces_and_spaces() -> None:
    assert expression("  ${{ params.b1 }} ")[0] == expression("params.b1")[0] == ParamRef("b1", Type.BOOLEAN)


COERCIONS = [
    (Type.INTEGER, Type.NUMBER, Operator.TO_NUMBER),
    (Type.INTEGER, Type.INTEGER, None),
    (Type.JSON, Type.STRING, Operator.TO_STRING),
    (Type.JSON, Type.BOOLEAN, Operator.TO_BOOLEAN),
    (Type.STRING, Type.JSON, Operator.TO_JSON_VALUE),
    (ListType(Type.INTEGER), Type.JSON, Operator.TO_JSON_VALUE),
]


@pytest.mark.parametrize(("given", "wanted", "operator"), COERCIONS)
def test_coercion(given: Type, wanted: Type, operator: Operator | None) -> None:
    ref = OutputRef("t", "o", given)
    assert coerce(ref, wanted) == (ref if operator is None else Op(operator, (ref,), wanted))


@pytest.mark.parametrize(
    ("given", "wanted"), [(Type.STRING, Type.INTEGER), (Type.NUMBER, Type.INTEGER), (Type.FILE, Type.STRING)]
)
def test_no_coercion(given: Type, wanted: Type) -> None:
    expr = InPath("x", given) if given.is_artifact else OutputRef("t", "o", given)
    assert coerce(expr, wanted) is None
