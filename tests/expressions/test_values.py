"""Hand-picked expressions with their inserted texts, on every evaluator."""

from __future__ import annotations

import pytest

from dagwright.ir.expr import Const, Expr, Op, Operator
from dagwright.ir.types import Type
from dagwright.meaning import values

from .compiling import SCOPE, expression
from .engines import ERROR, ExprLang, Texts, local, printed

TEXTS = Texts(
    params={
        "s1": "Straße İ 😀 a",
        "s2": "{{workflow.name}} {{=1+1}} $(HOME) }}",
        "i1": "7",
        "i2": "-9223372036854775808",
        "n1": "0.80",
        "n2": "1e3",
        "b1": "true",
        "b2": "false",
        "j1": '{"b":[1, 2.50, "x", null, true], "a": "te\\u00e9xt", "<&>": {"k": 1}, "t": "true", '
        '"n": "42", "big": 1e21}',
        "j2": "[]",
        "learning_rate": "0.1",
    },
    outputs={
        "s": ["", 'q"\\\n\u2028é😀', "{{=1}}"],
        "i": ["9007199254740993", "-1", "0"],
        "n": ["0.80", "1e2", "-0.5"],
        "b": ["true", "false"],
        "j": ['{"k": [1]}', "2.50", '"text"'],
    },
    kinds={"s": "string", "i": "integer", "n": "number", "b": "boolean", "j": "json"},
)

CASES = {
    # a bare reference inserts the text as written; computed values are canonical
    "params.n1": "0.80",
    "params.n1 * 1": "0.8",
    "string(params.n1)": "0.80",
    "string(params.n2)": "1e3",
    "params.j1['b'][1]": "2.50",
    "params.s2": "{{workflow.name}} {{=1+1}} $(HOME) }}",
    "params.s2 + '{{x}}'": "{{workflow.name}} {{=1+1}} $(HOME) }}{{x}}",
    # a number without computation keeps its text, also within json
    "1e3": "1e3",
    "-1.50": "-1.50",
    "- 1.50": "-1.50",
    "string(0.10)": "0.10",
    "string(0.10 + 0)": "0.1",
    "string(number('0.10'))": "0.1",
    "if(params.b1, params.n1, 1.0)": "0.80",
    "if(params.b2, params.n1, 1.0)": "1.0",
    "[params.n1, 1.50, params.i1]": "[0.80,1.50,7]",
    "to_json([params.n1, 1.50])": "[0.80,1.50]",
    "[params.n1, 1.50][0]": "0.80",
    "[params.n1, 1.50][2]": ERROR,
    "tasks.train.outputs.n[1]": "1e2",
    "string(tasks.train.outputs.n)": "[0.80,1e2,-0.5]",
    "max(params.n1, 0)": "0.8",
    "from_json('[12345678901234567, 0.10, 1e3, -0, 1e400]')": "[12345678901234567,0.10,1e3,-0,1e400]",
    "from_json('{\"a\": 12345678901234567890123}')['a']": "12345678901234567890123",
    "to_json(from_json('9007199254740993'))": "9007199254740993",
    "string(from_json('1E+3'))": "1E+3",
    "from_json('\"1.0\"')": "1.0",
    "from_json('[01]')": ERROR,
    "from_json('{1: 2}')": ERROR,
    "from_json('{\"a\" : 1, 1\\n: 2}')": ERROR,
    "from_json('[1 2]')": ERROR,
    "from_json('-')": ERROR,
    "from_json('\"1')": ERROR,
    "from_json('\"s1\"')": "s1",
    "from_json('{\"1\":\"-1\"}')['1']": "-1",
    'to_json(from_json(\'["\\\\\\"1", 1]\'))': '["\\"1",1]',
    # in computations, 64-bit integers are exact, and other large numbers fail
    "integer(from_json('9007199254740993')) + 1": "9007199254740994",
    "integer(from_json('1e3'))": "1000",
    "integer(from_json('9223372036854775808'))": ERROR,
    "integer(from_json('1e19'))": ERROR,
    "integer(from_json('1e400'))": ERROR,
    "number(from_json('0.10'))": "0.1",
    "number(from_json('1e400'))": ERROR,
    "from_json('1') == from_json('1.0')": "true",
    "from_json('[1e3]') == from_json('[1000]')": "true",
    "from_json('-0') == from_json('0.0')": "true",
    "from_json('9007199254740993') == from_json('9007199254740992')": "false",
    "from_json('9007199254740993') == from_json('9007199254740992.0')": "false",
    "from_json('9223372036854775808') == from_json('1')": ERROR,
    "from_json('{\"a\": [1.0]}') == from_json('{\"a\": [1]}')": "true",
    "from_json('\"1\"') == from_json('1')": "false",
    "from_json('true') == from_json('1')": "false",
    "9007199254740993 in from_json('[9007199254740992]')": "false",
    "9007199254740993 in from_json('[9007199254740993]')": "true",
    "1.0 in from_json('[1]')": "true",
    "contains(from_json('[[1.0]]'), from_json('[1]'))": "true",
    "'1' in from_json('[1]')": "false",
    "len(from_json('\"1é\"'))": "2",
    "len(from_json('12'))": ERROR,
    "number(9007199254740993) > 0": ERROR,
    "number(9007199254740992) > 0": "true",
    "number(9223372036854775807) > 0": ERROR,
    "9007199254740993 < 1.5": ERROR,
    "9007199254740993 / 1": ERROR,
    "number('9007199254740993')": "9007199254740992",
    "string(9007199254740993)": "9007199254740993",
    # integers
    "params.i1 + 1": "8",
    "9223372036854775807 + params.i1": ERROR,
    "params.i2 - 1": ERROR,
    "params.i2 + 9223372036854775807": "-1",
    "-params.i2": ERROR,
    "params.i2 * -1": ERROR,
    "-1 * params.i2": ERROR,
    "params.i2 * 1": "-9223372036854775808",
    "3037000500 * 3037000500": ERROR,
    "3037000499 * 3037000499": "9223372030926249001",
    "0 * params.i2": "0",
    "params.i1 % 3": "1",
    "-7 % 3": "-1",
    "7 % -3": "1",
    "params.i2 % -1": "0",
    "params.i1 % 0": ERROR,
    "params.i1 == 7.0": "true",
    # numbers
    "0.1 + 0.2": "0.30000000000000004",
    "params.learning_rate + 0.2": "0.30000000000000004",
    "1e21 + 0": "1e+21",
    "1e20 + 0": "100000000000000000000",
    "123456789012345680000.0 + 0": "123456789012345680000",
    "1e-7 + 0": "1e-7",
    "1e-6 + 0": "0.000001",
    "-0.0 + -0.0": "0",
    "0.0 * -1": "0",
    "params.i1 / 2": "3.5",
    "6 / 2": "3",
    "1 / 0": ERROR,
    "0.0 / params.n1": "0",
    "1 / -0.0": ERROR,
    "1e308 * 10": ERROR,
    "1e308 / 1e-10": ERROR,
    "-1e308 - 1e308": ERROR,
    "5e-324 / 2": "0",
    # comparing
    "'Z' < 'a'": "true",
    "'😀' > '\ue000'": "true",
    "'é' == 'e\u0301'": "false",
    "params.b1 == true": "true",
    "params.j1['b'] == from_json('[1,2.5,\"x\",null,true]')": "true",
    "params.j1['b'][4] == from_json('1')": "false",
    "params.j2 == from_json('{}')": "false",
    "params.j1['b'][3] == from_json('null')": "true",
    # logic is lazy
    "params.b2 and 1 / 0 > 1": "false",
    "params.b1 or 1 / 0 > 1": "true",
    "params.b1 and 1 / 0 > 1": ERROR,
    "if(params.b1, 1, 1 % 0)": "1",
    "boolean('no') or true": ERROR,
    "boolean(params.s1) or true": ERROR,
    "boolean(params.s1) and false": ERROR,
    "boolean(params.s1) and (1 == 2)": ERROR,
    "not params.b2 and not (params.i1 in [1, 2])": "true",
    # strings
    "len(params.s1)": "12",
    "upper(params.s1)": "STRAßE İ 😀 A",
    "lower('ÄBC İ I')": "Äbc İ i",
    "contains(params.s1, '😀')": "true",
    "'' in params.s1": "true",
    "starts_with(params.s2, '{{')": "true",
    "ends_with(params.s2, '}}')": "true",
    "'\\\\' + '\\'' + '\\n' + '\\u0001'": "\\'\n\x01",
    # lists
    "tasks.train.outputs.n": "[0.80,1e2,-0.5]",
    "tasks.train.outputs.s": '["","q\\"\\\\\\n\u2028é😀","{{=1}}"]',
    "tasks.train.outputs.j": '[{"k": [1]},2.50,"text"]',
    "tasks.train.outputs.s[1]": 'q"\\\n\u2028é😀',
    "tasks.train.outputs.i[0] + 1": "9007199254740994",
    "tasks.train.outputs.i[3]": ERROR,
    "tasks.train.outputs.i[-1]": ERROR,
    "max(tasks.train.outputs.n)": "100",
    "min(tasks.train.outputs.i)": "-1",
    "min(2, 1.5, 3)": "1.5",
    "len(tasks.train.outputs.b)": "2",
    "'{{=1}}' in tasks.train.outputs.s": "true",
    "contains(tasks.train.outputs.n, 100)": "true",
    "contains(tasks.train.outputs.j, from_json('2.5'))": "true",
    "to_json(tasks.train.outputs.n)": "[0.80,1e2,-0.5]",
    "to_json(tasks.train.outputs.i)": "[9007199254740993,-1,0]",
    "params.i1 in [1, 7]": "true",
    "params.n1 not in [0.5, 0.8]": "false",
    # json
    "params.j1['a']": "teéxt",
    "to_json(params.j1['a'])": '"teéxt"',
    "to_json(params.j1)": ('{"<&>":{"k":1},"a":"teéxt","b":[1,2.50,"x",null,true],"big":1e21,"n":"42","t":"true"}'),
    "string(params.j1['b'][3])": "null",
    "params.j1['nope']": ERROR,
    "params.j1['b'][9]": ERROR,
    "params.j1['b'][-1]": ERROR,
    "params.j1['b']['k']": ERROR,
    "params.j1[0]": ERROR,
    "len(params.j1)": "6",
    "len(params.j1['b'][0])": ERROR,
    "'b' in params.j1": "true",
    "'x' in params.j1['b']": "true",
    "1 in params.j1['b']": "true",
    "'k' in params.j1['b'][3]": ERROR,
    "1 in params.j1": ERROR,
    "contains(params.j1['a'], 'é')": "true",
    "from_json('{\"a\":1,\"a\":2}')['a']": "2",
    "from_json('[1,]')": ERROR,
    "from_json('NaN')": ERROR,
    "to_json('\\u2028 \\\\u2028 <')": '"\u2028 \\\\u2028 <"',
    "to_json(from_json('[\"\\\\ud800\"]'))": '["\ufffd"]',
    # casts
    "integer('42')": "42",
    "integer('042')": ERROR,
    "integer('4.0')": ERROR,
    "integer(4.0)": "4",
    "integer(4.5)": ERROR,
    "integer(1e19)": ERROR,
    "integer(params.j1['b'][0])": "1",
    "integer(params.j1['n'])": "42",
    "integer(params.j1['b'][4])": ERROR,
    "number('0.80')": "0.8",
    "number('.8')": ERROR,
    "number('1e400')": ERROR,
    "number('nan')": ERROR,
    "number('')": ERROR,
    "boolean('true')": "true",
    "boolean('True')": ERROR,
    "boolean(params.j1['t'])": "true",
    "boolean(params.j1['b'][0])": ERROR,
    "string(true)": "true",
    "to_json(9007199254740993)": "9007199254740993",
    # dates
    "format_date('2026-03-29T00:30:00Z', 'YYYY-MM-DD HH:mm:ss', 'Europe/Berlin')": "2026-03-29 01:30:00",
    "format_date('2026-03-29T01:30:00Z', 'HH:mm', 'Europe/Berlin')": "03:30",
    "format_date('2026-12-31T23:30:00.5-01:30', 'YYYY/MM/DD 1_2006 __2 .000')": "2027/01/01 1_2006 __2 .000",
    "format_date('2026-12-31', 'YYYY')": ERROR,
    "format_date('2026-02-30T00:00:00Z', 'YYYY')": ERROR,
    "format_date('2026-02-03T24:00:00Z', 'YYYY')": ERROR,
    "format_date('', 'YYYY')": ERROR,
}


@pytest.mark.parametrize(("raw", "expected"), CASES.items())
def test_text(raw: str, expected: str) -> None:
    expr, diagnostics = expression(raw, SCOPE)
    assert diagnostics == []
    assert expr is not None
    assert local(expr, TEXTS) == printed(expr, TEXTS)
    assert local(expr, TEXTS)[1] == expected


@pytest.mark.engine("argo-libraries")
@pytest.mark.parametrize("raw", CASES)
def test_text_of_expr_lang(raw: str, exprlang: ExprLang) -> None:
    expr, _ = expression(raw, SCOPE)
    assert expr is not None
    assert exprlang.evaluate(expr, TEXTS) == local(expr, TEXTS)


def test_absent_outputs() -> None:
    expr, _ = expression("default(tasks.load.outputs.n, 1) > 0 and tasks.load.outputs.n > 0")
    assert expr is not None
    assert local(expr, Texts(outputs={"n": None}))[0] == ERROR
    assert local(expr, Texts(outputs={"n": "0.5"}))[0] == "true"


NO_ELEMENTS = Texts(outputs={name: [] for name in TEXTS.kinds}, kinds=TEXTS.kinds)
OF_NO_ELEMENTS = [f"{name}(tasks.train.outputs.{output})" for name in ("min", "max") for output in ("i", "n")]


@pytest.mark.parametrize("raw", OF_NO_ELEMENTS)
def test_an_empty_list_has_no_extreme(raw: str) -> None:
    expr, _ = expression(raw)
    assert expr is not None
    assert local(expr, NO_ELEMENTS) == printed(expr, NO_ELEMENTS) == (ERROR, ERROR)
    with pytest.raises(values.EvaluationError, match="an empty list has no m"):
        values.minimum([])


@pytest.mark.engine("argo-libraries")
@pytest.mark.parametrize("raw", OF_NO_ELEMENTS)
def test_an_empty_list_has_no_extreme_for_expr_lang(raw: str, exprlang: ExprLang) -> None:
    expr, _ = expression(raw)
    assert expr is not None
    assert exprlang.evaluate(expr, NO_ELEMENTS) == (ERROR, ERROR)


def zeros() -> list[Expr]:
    """`-0.0` as written, in a computation, and as json, such as the input of a component."""
    found = [expression(raw)[0] for raw in ("-0.0", "-0.0 * 1", "default(tasks.load.outputs.n, -0.0)")]
    exprs = [expr for expr in found if expr is not None]
    return [*exprs, Op(Operator.TO_JSON_VALUE, (exprs[-1],), Type.JSON)]


def test_the_sign_of_zero_is_only_spelling() -> None:
    constant, *_ = zeros()
    assert isinstance(constant, Const)
    assert repr(constant.value) == "0.0"
    texts = Texts(outputs={"n": None})
    assert [local(expr, texts)[1] for expr in zeros()] == ["-0.0", "0", "-0.0", "-0.0"]
    assert [printed(expr, texts) for expr in zeros()] == [local(expr, texts) for expr in zeros()]


@pytest.mark.engine("argo-libraries")
def test_the_sign_of_zero_for_expr_lang(exprlang: ExprLang) -> None:
    texts = Texts(outputs={"n": None})
    assert [exprlang.evaluate(expr, texts) for expr in zeros()] == [local(expr, texts) for expr in zeros()]


KEPT = [("0.80", "0.80"), (None, "2.0"), ("abc", ERROR)]


@pytest.mark.parametrize(("found", "expected"), KEPT)
def test_default_keeps_the_text_that_is_there(found: str | None, expected: str) -> None:
    expr, _ = expression("default(tasks.load.outputs.n, 2.0)")
    assert expr is not None
    texts = Texts(outputs={"n": found})
    assert (local(expr, texts)[1], printed(expr, texts)[1]) == (expected, expected)


@pytest.mark.engine("argo-libraries")
@pytest.mark.parametrize(("found", "expected"), KEPT)
def test_default_of_expr_lang_keeps_the_text(found: str | None, expected: str, exprlang: ExprLang) -> None:
    expr, _ = expression("default(tasks.load.outputs.n, 2.0)")
    assert expr is not None
    assert exprlang.evaluate(expr, Texts(outputs={"n": found}))[1] == expected


TRACES = [
    ("0.80", "number", 0.8),
    ("2.0", "number", 2),
    ("7", "integer", 7),
    ("7.0", "integer", {"invalid": "7.0"}),
    ("true", "boolean", True),
    ("yes", "boolean", {"invalid": "yes"}),
    ("x", "string", "x"),
    ('{"a":[1,2.5]}', "json", {"a": [1, 2.5]}),
    ("[9007199254740993, 1.0, 0.10]", "json", [9007199254740993, 1, 0.1]),
    ("[1e400]", "json", {"invalid": "[1e400]"}),
    ("[" + "9" * 5000 + "]", "json", {"invalid": "[" + "9" * 5000 + "]"}),
    ("{", "json", {"invalid": "{"}),
    ("1e400", "number", {"invalid": "1e400"}),
]


@pytest.mark.parametrize(("text", "kind", "expected"), TRACES)
def test_trace_value(text: str, kind: str, expected: object) -> None:
    found = values.trace_value(text, kind)
    assert found == expected
    assert type(found) is type(expected)


def test_json_nested_without_end_is_an_error() -> None:
    with pytest.raises(values.EvaluationError):
        values.parse_json("[" * 32_000)


NUMBERS = {
    0.0: "0",
    1.0: "1",
    -1.5: "-1.5",
    1e21: "1e+21",
    999999999999999900000.0: "999999999999999900000",
    1e-7: "1e-7",
    1.5e-9: "1.5e-9",
    0.000001: "0.000001",
    5e-324: "5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308",
    333333333.33333329: "333333333.3333333",
    4.5: "4.5",
    2e-3: "0.002",
    1e23: "1e+23",
    9007199254740992.0: "9007199254740992",
}


@pytest.mark.parametrize(("number", "text"), NUMBERS.items())
def test_numbers_are_written_as_rfc_8785_says(number: float, text: str) -> None:
    assert values.format_number(number) == text
