"""Errors in expressions: the code, the text under the caret, and the help."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.expressions.parse import MAX_LENGTH
from dagwright.ir.types import Type

from .compiling import SCOPE, compiled, expression, marked

# expression, code, text under the caret, part of the help
ERRORS = [
    # syntax of other languages
    ("params.b1 && params.b2", "E401", "&&", "`and`"),
    ("params.b1 || params.b2", "E401", "||", "`or`"),
    ("!params.b1", "E401", "!", "`not`"),
    ("params.b1 ? 1 : 2", "E401", "?", "`if(condition, a, b)`"),
    ("params.i1 = 1", "E401", "=", "`==`"),
    ("params.i1 === 1", "E401", "===", "`==`"),
    ("params.s1 <> 'a'", "E401", "<>", "`!=`"),
    ("params.s1 == null", "E401", "null", "default(reference, value)"),
    ("params.b1 == True", "E401", "True", "`true`"),
    ("None", "E401", "None", "default(reference, value)"),
    ("params.b1 AND params.b2", "E400", "AND", "`and`"),
    ("params.i1 ** 2", "E401", "**", "multiply"),
    ("params.i1 // 2", "E401", "//", "integer"),
    ("{'a': 1}", "E401", "{", "from_json"),
    ("tasks.load.outputs.s ?? 'x'", "E401", "??", "default(reference, value)"),
    ("'a' if params.b1 else 'b'", "E400", "if", ""),
    # syntax
    ("", "E400", "", "params.name"),
    ("params.i1 +", "E400", "", ""),
    ("(params.i1", "E400", "", ""),
    ("params.i1)", "E400", ")", ""),
    ("params.", "E400", "", "a name"),
    ("1 2", "E400", "2", ""),
    ("len(params.s1 params.s2)", "E400", "params", ""),
    ("+1", "E400", "+", "leave out"),
    ("1 < params.i1 < 3", "E400", "<", "1 < params.i1 and params.i1 < ..."),
    ("params.s1 == params.s2 != params.s1", "E400", "!=", "and params.s2 != ..."),
    ("params.s1 == 'it''s'", "E400", "'s'", "within a string"),
    ("@", "E400", "@", "quotes"),
    ("tasks.my-task.outputs.s", "E400", "my-task", "`my_task`"),
    ("params.learning-rate > 1", "E400", "learning-rate", "`learning_rate`"),
    # literals
    ("'abc", "E402", "'", "add a '"),
    ("007", "E403", "007", "`10`"),
    ("1_000", "E403", "1_000", "`10`"),
    (".5", "E403", ".5", "`0.5`"),
    ("5.", "E403", "5.", "`0.5`"),
    ("0x10", "E403", "0x10", "`10`"),
    ("9223372036854775808", "E403", "9223372036854775808", "1e19"),
    ("-9223372036854775809", "E403", "9223372036854775809", "1e19"),
    ("1e999", "E403", "1e999", "1.8e308"),
    (r"'\q'", "E403", r"\q", "backslash"),
    (r"'\ud83d'", "E403", r"\ud83d", "halves"),
    (r"'\u12'", "E403", r"\u", "four hexadecimal digits"),
    # names
    ("params.lerning_rate > 1", "E404", "lerning_rate", "`learning_rate`"),
    ("params.zzz", "E404", "zzz", "params: {zzz: string}"),
    ("param.s1", "E404", "param", "`params`"),
    ("hello", "E404", "hello", "'hello'"),
    ("env.HOME", "E404", "env", "$HOME"),
    ("params", "E404", "params", "params.<name>"),
    ("tasks.laod.outputs.s", "E404", "laod", "`load`"),
    ("tasks.load.output.s", "E404", "output", "outputs"),
    ("tasks.load.outputs.z", "E404", "z", "declare it"),
    ("tasks.load", "E404", "load", "tasks.<task>.outputs.<output>"),
    ("tasks.load.outputs", "E404", "outputs", "tasks.load.outputs.<output>"),
    ("inputs.dat", "E404", "dat", "`data`"),
    ("run.idd", "E404", "idd", "`id`"),
    ("run.status", "E405", "status", "`finally:`"),
    ("tasks.report.status", "E405", "report", "`finally:`"),
    ("matrix.model", "E405", "matrix", "`matrix:`"),
    ("item", "E405", "item", "`foreach:`"),
    ("secrets.token", "E405", "secrets", "$token"),
    ("params.j1.key", "E416", "key", "params.j1['key']"),
    ("tasks.load.outputs.j.key.deep", "E416", "key", "tasks.load.outputs.j['key']"),
    ("params['s1']", "E416", "params['s1']", "params.s1"),
    ("params.j1['a'].b", "E416", "b", "params.j1['a']['b']"),
    # functions
    ("length(params.s1)", "E406", "length", "`len`"),
    ("lenn(params.s1)", "E406", "lenn", "`len`"),
    ("startsWith(params.s1, 'a')", "E406", "startsWith", "`starts_with`"),
    ("exec('rm')", "E406", "exec", "functions"),
    ("len()", "E407", "len()", "len(string)"),
    ("contains(params.s1)", "E407", "contains(params.s1)", "contains(string, string)"),
    ("min(params.i1)", "E409", "params.i1", ""),
    ("upper(params.i1)", "E409", "params.i1", "string(params.i1)"),
    ("starts_with(params.s1, 1)", "E409", "1", "string(1)"),
    ("if(params.s1, 1, 2)", "E409", "params.s1", "boolean(params.s1)"),
    ("if(params.b1, 1, 'a')", "E409", "'a'", ""),
    ("contains(tasks.train.outputs.n, 'a')", "E409", "'a'", ""),
    ("format_date(run.scheduled_at, 'yyyy')", "E417", "'yyyy'", "YYYY-MM-DD"),
    ("format_date(run.scheduled_at, 'YYYY', 'Mars/Base')", "E417", "'Mars/Base'", "Europe/Berlin"),
    ("default(params.s1, 'a')", "E413", "params.s1", "alone"),
    ("default(tasks.load.outputs.n, 'a')", "E409", "'a'", ""),
    # types
    ('"a" < 1', "E408", "<", 'integer("a")'),
    ("params.i1 == '3'", "E408", "==", "write `3` without quotes"),
    ("params.n1 >= '0.5'", "E408", ">=", "write `0.5` without quotes"),
    ("params.j1['a'] == 'x'", "E408", "==", "string(params.j1['a'])"),
    ("params.j1['a'] > 1", "E408", ">", "integer(params.j1['a'])"),
    ("'n: ' + params.i1", "E408", "+", "string(params.i1)"),
    ("params.n1 % 2", "E408", "%", "integer"),
    ("params.s1 * 2", "E408", "*", "integer(params.s1)"),
    ("params.b1 < params.b2", "E408", "<", "make both sides one type"),
    ("not params.s1", "E408", "params.s1", "boolean(params.s1)"),
    ("params.b1 and params.i1", "E408", "and", "params.i1 != 0"),
    ("-params.s1", "E408", "params.s1", "number(params.s1)"),
    ("params.i1 in params.s1", "E408", "in", ""),
    ("[]", "E410", "[]", "at least one item"),
    ("params.s1 in ['a', 1]", "E410", "1", "cast"),
    ("params.s1 in [['a']]", "E410", "['a']", "from_json"),
    ("params.s1[0]", "E411", "params.s1", "from_json(params.s1)"),
    ("params.j1[1.5]", "E411", "1.5", "[0]"),
    ("tasks.train.outputs.n['a']", "E411", "'a'", "[0]"),
    # paths
    ("len(outputs.model)", "E412", "outputs.model", "${{ outputs.model }}"),
    ("tasks.load.outputs.file + 'x'", "E412", "tasks.load.outputs.file", "insert it alone"),
    ("inputs.data == 'x'", "E412", "inputs.data", "insert it alone"),
    ("tasks.load.outputs.file", "E412", "tasks.load.outputs.file", "value output"),
    # size
    ("(" * 200 + "1" + ")" * 200, "E415", "(", "read its output"),
    ("+".join(["1"] * 500), "E415", "+", "read its output"),
    ("not " * 300 + "params.b1", "E415", "not", "read its output"),
    ("-" * 300 + "params.i1", "E415", "-", "read its output"),
    ("params.j1" + "[0]" * 300, "E415", "]", "read its output"),
    ("'" + "x" * 20_000 + "'", "E415", "'" + "x" * 20_000 + "'", "read its output"),
    # surrounding text
    ("${{ params.i1 }} > 1", "E414", " > 1", "without `${{ }}`"),
    ("${{ params.b1", "E402", "${{", "$${{"),
]


@pytest.mark.parametrize(("raw", "code", "caret", "hint"), ERRORS, ids=[raw[:40] for raw, *_ in ERRORS])
def test_error(raw: str, code: str, caret: str, hint: str) -> None:
    found, diagnostics = expression(raw)
    assert found is None
    assert [d.code for d in diagnostics] == [code], diagnostics
    diagnostic = diagnostics[0]
    assert marked(diagnostic) == caret
    assert hint in (diagnostic.help or "")
    assert len(diagnostic.message) <= 90
    assert not re.match("[A-Z]", diagnostic.message)
    assert not diagnostic.message.endswith(".")


def test_types_of_operands_are_named_and_shown() -> None:
    _, (diagnostic,) = expression("params.s1 < params.i1")
    assert diagnostic.message == "`<` cannot compare string and integer"
    assert [label.text for label in diagnostic.secondary] == ["string", "integer"]


def test_names_in_scope_are_listed() -> None:
    _, (diagnostic,) = expression("params.lerning_rate > 1")
    assert diagnostic.notes == (
        "in scope in `env.X` of task `work`: s1, s2, i1, i2, n1, n2, b1, b2, j1, j2, learning_rate",
    )


def test_independent_errors_of_one_text_are_all_reported() -> None:
    _, diagnostics = compiled("a ${{ params.x }} b ${{ upper(params.y) + tasks.z.status }} ${{ 1 + }}")
    assert [marked(d) for d in diagnostics] == ["x", "y", "z", ""]


def test_an_error_is_not_followed_by_others() -> None:
    _, diagnostics = expression("upper(params.nope) + 1 == 2 and inputs.wrong > 3")
    assert [d.code for d in diagnostics] == ["E404"]


def test_an_input_that_was_wrong_is_not_reported_again() -> None:
    assert expression("inputs.wrong == 'x'") == (None, [])


def test_a_component_says_what_it_sees() -> None:
    scope = replace(SCOPE, params={}, tasks={}, unreadable={}, where="component `c`")
    for raw in ("params.s1", "tasks.load.outputs.s"):
        _, (diagnostic,) = expression(raw, scope)
        assert (diagnostic.code, diagnostic.message) == ("E405", "a component sees only `inputs`, `outputs` and `run`")


def test_inputs_that_grow_at_every_level_are_bounded() -> None:
    """A "billion laughs" attack with components is refused: each level uses its input twice."""
    scope, levels = SCOPE, 0
    while levels < 60:
        found, diagnostics = expression("inputs.x + inputs.x" if levels else "params.s1 + params.s2", scope)
        if diagnostics:
            assert [d.code for d in diagnostics] == ["E415"]
            break
        assert found is not None
        assert found.type is Type.STRING
        scope = replace(scope, inputs={"x": found})
        levels += 1
    assert 5 < levels < 30


@pytest.mark.parametrize(
    "raw", ["${{" * 1000, "${{ '" * 500, "$" * 5000, "'" * 5001, "[" * 5000, "a." * 5000, "\ud800"]
)
def test_hostile_text_is_an_error_and_no_crash(raw: str) -> None:
    compiled("x ${{ " + raw)
    expression(raw)


_WORDS = [
    "params",
    "inputs",
    "outputs",
    "tasks",
    "matrix",
    "item",
    "run",
    "load",
    "train",
    "s1",
    "j1",
    "i1",
    "b1",
    "n",
    "status",
    ".",
    "[",
    "]",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "==",
    "<",
    "in",
    "not",
    "and",
    "or",
    "1",
    "2.5",
    "'a'",
    "true",
    "if",
    "default",
    "len",
    "max",
    "contains",
    "to_json",
    "format_date",
    "${{",
    "}}",
    "$",
    "'",
    '"',
    "\\",
    "\n",
    "é",
]


NO_NULL = "no value is ever null here: give an output a default with `default(reference, value)`"


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("True", "write `true`"), ("TRUE", "write `true`"), ("False", "write `false`"), ("FALSE", "write `false`"),
        ("null", NO_NULL), ("None", NO_NULL), ("nil", NO_NULL), ("undefined", NO_NULL),
    ],
)  # fmt: skip
def test_constants_of_other_languages(word: str, advice: str) -> None:
    found, (diagnostic,) = expression(word)
    assert found is None
    assert diagnostic.help == advice


def test_an_expression_has_a_greatest_length() -> None:
    assert expression("'" + "x" * (MAX_LENGTH - 2) + "'")[1] == []
    found, (diagnostic,) = expression("'" + "x" * (MAX_LENGTH - 1) + "'")
    assert found is None
    assert (diagnostic.code, diagnostic.label) == ("E415", "too long")


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(_WORDS), max_size=14), st.sampled_from(["", " "]))
def test_any_words_make_an_expression_or_an_error(words: list[str], between: str) -> None:
    """The result is either an expression or errors, and every error is within the text."""
    raw = between.join(words)
    for found, diagnostics in (expression(raw), compiled("${{" + raw + "}}")):
        assert (found is None) == bool(diagnostics)
        for diagnostic in diagnostics:
            assert diagnostic.span is not None
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(diagnostic.span.source.text)
            assert len(diagnostic.message) <= 90
            assert "\n" not in diagnostic.message
