"""The text format for people."""

from __future__ import annotations

import re

from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.render import render
from dagwright.source.span import NOWHERE, Source, Span

SPEC = Source(
    "churn.yaml",
    """\
name: churn
tasks:
  train:
    image: python:3.11
    comand: [python, train.py]
  load: {command: [x], needs: [report]}
  report: {command: [x], needs: [load]}
""",
)


def span(text: str, source: Source = SPEC, after: str = "") -> Span:
    """The span of a text in a source, after another text."""
    start = source.text.index(text, source.text.index(after))
    return Span(source, start, start + len(text))


def text_of(report: Report, color: bool = False) -> str:
    return render(report.diagnostics, "text", color)


def test_one_place() -> None:
    report = Report()
    report.error(
        "E201",
        "unknown key `comand` in task `train`",
        span("comand"),
        label="not a key of a task",
        help="did you mean `command`?",
        notes=("keys of a task: command, env, …",),
    )
    assert (
        text_of(report)
        == """\
error[E201]: unknown key `comand` in task `train`
  --> churn.yaml:5:5
   |
 4 |     image: python:3.11
 5 |     comand: [python, train.py]
   |     ^^^^^^ not a key of a task
   |
   = keys of a task: command, env, …
   = help: did you mean `command`?
   = more: dagwright explain E201 or https://dagwright.dev/diagnostics/E201/
"""
    )


def test_several_places() -> None:
    report = Report()
    first, second = span("report", after="needs"), span("load", after="report: ")
    report.error("E302", "these tasks wait", first, label="one", secondary=(Label(second, "two"),), help="remove one")
    third = span("train")
    report.warning("W301", "odd", second, label="here", secondary=(Label(third, "there"), Label(first, "also")))
    assert (
        text_of(report)
        == """\
error[E302]: these tasks wait
  --> churn.yaml:6:32
   |
 6 |   load: {command: [x], needs: [report]}
   |                                ^^^^^^ one
 7 |   report: {command: [x], needs: [load]}
   |                                  ---- two
   |
   = help: remove one
   = more: dagwright explain E302 or https://dagwright.dev/diagnostics/E302/

warning[W301]: odd
  --> churn.yaml:7:34
   |
 3 |   train:
   |   ----- there
...
 6 |   load: {command: [x], needs: [report]}
   |                                ------ also
 7 |   report: {command: [x], needs: [load]}
   |                                  ^^^^ here
   |
   = more: dagwright explain W301 or https://dagwright.dev/diagnostics/W301/
"""
    )


def test_several_files() -> None:
    other = Source("parts/a.yaml", "components:\n  clean: {}\n")
    report = Report()
    report.error(
        "E501", "two of a name", span("train"), label="used", secondary=(Label(span("clean", other), "defined"),)
    )
    assert (
        text_of(report)
        == """\
error[E501]: two of a name
  --> churn.yaml:3:3
   |
 3 |   train:
   |   ^^^^^ used
  ::: parts/a.yaml:2:3
   |
 2 |   clean: {}
   |   ----- defined
   |
   = more: dagwright explain E501 or https://dagwright.dev/diagnostics/E501/
"""
    )


def test_places_that_are_none() -> None:
    report = Report()
    report.error("E990", "a bug of ours", None, notes=("first\nsecond",))
    report.error("E101", "cannot read `x`", Span(Source("x", ""), 0, 0), label="there is no such file", help="a\nb")
    report.error("E990", "nowhere", NOWHERE)
    assert (
        text_of(report)
        == """\
error[E101]: cannot read `x`
  --> x
   = there is no such file
   = help: a
           b
   = more: dagwright explain E101 or https://dagwright.dev/diagnostics/E101/

error[E990]: a bug of ours
   = first
     second
   = more: dagwright explain E990 or https://dagwright.dev/diagnostics/E990/

error[E990]: nowhere
"""
    )


def one(text: str, start: int, end: int) -> list[str]:
    """The source line and the line of the caret, without their frame."""
    report = Report()
    report.error("E200", "m", Span(Source("x", text), start, end), label="l")
    lines = text_of(report).splitlines()
    caret = next(number for number, line in enumerate(lines) if "^" in line)
    return [line[5:] for line in lines[caret - 1 : caret + 1]]


def test_columns_of_a_terminal() -> None:
    assert one("a: 日本語 x", 3, 6) == ["a: 日本語 x", "   ^^^^^^ l"]
    assert one("e\u0301: x", 4, 5) == ["e\u0301: x", "   ^ l"]
    assert one("\ta: x", 1, 2) == ["→   a: x", "    ^ l"]


def test_hidden_text_is_made_visible() -> None:
    assert one("a\x1b[2J\u202eb", 6, 7) == ["a<U+001B>[2J<U+202E>b", "                    ^ l"]
    report = Report()
    report.error("E200", "a \x1b[2J\nb", span("train"), label="\u202e", help="\x07")
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text_of(report))


def test_spans_at_the_edges() -> None:
    assert one("abc", 3, 3) == ["abc", "   ^ l"]
    assert one("abc\n", 4, 4) == ["", "^ l"]
    assert one("ab\ncd\nef", 1, 7) == ["ab", " ^ l"]
    assert one("ab\r\ncd", 1, 5) == ["ab", " ^ l"]


def test_long_lines_are_cut_around_the_span() -> None:
    line, caret = one("x" * 5000 + "HERE" + "y" * 5000, 5000, 5004)
    assert len(line) <= 102
    assert line[0] == line[-1] == "…"
    assert line[caret.index("^") :].startswith("HERE")
    assert caret.strip() == "^^^^ l"
    line, caret = one("x" * 5000, 0, 5000)
    assert line.startswith("xxx")
    assert caret.startswith("^^^")
    assert len(caret) <= 104


def test_credentials_are_masked() -> None:
    assert one("key: AKIAIOSFODNN7EXAMPLE x", 26, 27) == ["key: " + "*" * 20 + " x", " " * 26 + "^ l"]
    assert one("u: https://me:hunter2@host/", 0, 1)[0] == "u: https://**********@host/"


def test_order_and_repetition() -> None:
    report = Report()
    for _ in range(2):
        report.error("E201", "later", span("comand"))
        report.error("E202", "earlier", span("name"))
    assert re.findall(r"\]: (\w+)\n", text_of(report)) == ["earlier", "later"]


def test_at_most_twenty_of_a_code() -> None:
    report = Report()
    for number in range(25):
        report.error("E201", f"number {number}", Span(SPEC, number, number + 1))
    text = text_of(report)
    assert text.count("error[E201]") == 20
    assert text.count("more: dagwright explain E201") == 1
    assert text.endswith("\n\nnote: 5 more E201 not shown\n")


def test_colour_only_when_asked_for() -> None:
    report = Report()
    report.error("E201", "message", span("comand"), label="label", help="help")
    plain = text_of(report)
    colored = text_of(report, color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31merror[E201]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_nothing_found() -> None:
    assert render([], "text") == ""
