"""Explaining a mistake takes time linear in the file, whatever is repeated in it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.reading import messages, mistakes_lines, mistakes_values
from dagwright.reading.parser_error import Trouble
from dagwright.source.span import Source

SIZE = 5_000
UNITS = (
    *(
        "x",
        "-",
        " ",
        ":",
        '"',
        "'",
        "\\",
        "[",
        "]",
        "{",
        "}",
        "$",
        "#",
        "?",
        "|",
        ">",
        "\t",
        "\n",
        "é",
        ",",
        "!",
        "&",
        "*",
    ),
    *(
        "a: ",
        "- ",
        " - ",
        "${{",
        "${{ x }}",
        "}}",
        " ? ",
        " : ",
        "a ? b : ",
        " #",
        "\\x",
        "''",
        '"a" ',
        "'a' : ",
        "()",
        "a\n",
    ),
)
# The problem and the context with which each function looks further.
RECOGNISERS = (
    (mistakes_values.unknown_escape, "unknown escape character", "double-quoted scalar"),
    (mistakes_lines.blank_start, "more indented follow up line", ""),
    (mistakes_lines.tab, "found character '\\t'", ""),
    (mistakes_values.open_quote, "found unexpected end of stream", "while scanning a quoted scalar"),
    (mistakes_values.open_quote, "", ""),
    (mistakes_values.bare_reference, "", ""),
    (mistakes_values.goes_on, "", ""),
    (mistakes_values.open_bracket, "", ""),
    (mistakes_values.reserved_sign, "cannot start any token", ""),
    (mistakes_values.reserved_sign, "", "while scanning an alias"),
    (mistakes_values.missing_comma, "expected ',' or ']'", ""),
    (mistakes_lines.inner_colon, "mapping values are not allowed here", ""),
    (mistakes_lines.no_colon, "could not find expected ':'", ""),
    (mistakes_lines.indentation, "", "while parsing a block mapping"),
    (mistakes_lines.anything_else, "", ""),
)
SHAPES = ("a: [{}] : x", "a: {} : x: y", "{}", "a: 'b{}' c", "- {}a: b: c", "a: b\n{}\n", "a: [x, {}", "k{}b c: d")


def seconds(work: Callable[[], object]) -> float:
    """The shorter processor time of two."""

    def once() -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    return min(once(), once())


def explain(recogniser: Callable[[Trouble, Report], bool], problem: str, context: str, text: str) -> None:
    """Call one function for troubles at the start, in the middle and at the end of a text, inside a bracket and not."""
    source = Source("pumped.yaml", text, "")
    bracket = max(text.find("["), 0)
    quote = next((at for at, char in enumerate(text) if char in "\"'"), 0)
    for at in (0, len(text) // 2, max(len(text) - 1, 0)):
        for opened in (None, bracket) if text[bracket : bracket + 1] == "[" else (None,):
            recogniser(Trouble(source, problem, context, at, quote, opened, quote, at), Report())


@pytest.mark.engine("long")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("recogniser", "problem", "context"), RECOGNISERS)
def test_a_function_reads_a_text_a_fixed_number_of_times(
    recogniser: Callable[[Trouble, Report], bool], problem: str, context: str, shape: str
) -> None:
    """Four times the text takes about four times as long. In quadratic time, it would take sixteen times as long."""
    for unit in UNITS:
        small, large = (shape.format(unit * (size // len(unit))) for size in (SIZE, 4 * SIZE))
        short = seconds(lambda text=small: explain(recogniser, problem, context, text))
        long = seconds(lambda text=large: explain(recogniser, problem, context, text))
        assert long < 10 * short + 0.05, (unit, short, long)


@pytest.mark.engine("long")
@pytest.mark.parametrize(
    "unit", ["!a x, ", "!params.a x, ", "! (a), ", "{{a}}, ", "&a x, *a, ", "<<: x, ", '"\\u200b", ']
)
def test_many_mistakes_on_one_line_are_reported_in_linear_time(
    unit: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pumped")

    def reading(count: int) -> float:
        path = folder / f"{count}.yaml"
        path.write_text(f"a: [{unit * count}]\n", encoding="utf-8")
        return seconds(lambda: load(str(path), Options(), Report()))

    assert reading(2000) < 10 * reading(500) + 0.1


def test_a_condition_with_a_sign_of_another_language_is_explained() -> None:
    source, report = Source("a.yaml", "when: !params.fast\n", ""), Report()
    messages.tag(report, source, 6, "!params.fast")
    assert str(report.diagnostics[0].help) == "`!` starts a tag in YAML; write `not params.fast`"
