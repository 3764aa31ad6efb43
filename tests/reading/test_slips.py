"""Common mistakes: the code, the place of the caret, and the help."""

from __future__ import annotations

import pytest

from dagwright.diagnostics.model import Report
from dagwright.reading.read import parse
from dagwright.source.span import Source

HEAD = "name: demo\ntasks:\n  a:\n"

# text from line 4 on: code, line:column, the marked text, a part of the help
SLIPS = {
    'when: "a" < 1  # c': ("E126", "4:15", "< 1", "single quotes: '\"a\" < 1'"),
    "when: [1, 2] == params.x": ("E126", "4:18", "== params.x", "'[1, 2] == params.x'"),
    'env: {A: "x" < 1, B: 2}': ("E126", "4:18", "< 1", "'\"x\" < 1'"),
    'command: "sh -c "echo""': ("E126", "4:22", 'echo""', "'sh -c \"echo\"'"),
    'command: ["a" "b"]': ("E126", "4:19", '"b"', "comma"),
    "when: !params.x": ("E131", "4:11", "!params.x", "write `not params.x`"),
    "when: !(a or b)": ("E131", "4:11", "!(a", "write `not (a or b)`"),
    "when: && b": ("E127", "4:11", "&&", "`and`"),
    "when: || b": ("E127", "4:11", "|", "`or`"),
    "when: a ? b : c": ("E125", "4:17", ":", "if(a, b, c)"),
    "image: a: b": ("E125", "4:13", ":", "'a: b'"),
    '"x" : y : z': ("E125", "4:13", ":", "'y : z'"),
    "image: @x": ("E127", "4:12", "@", "'@x'"),
    "image: `x`": ("E127", "4:12", "`", "'`x`'"),
    "cron: * 4 * * *": ("E127", "4:11", "*", "'* 4 * * *'"),
    "cron: */5 * * * *": ("E136", "4:11", "*/5", "'*/5 * * * *'"),
    "x: 1\n    image python": ("E120", "5:5", "image python", "`image: …`"),
    "needs: - b": ("E120", "4:12", "-", "line of its own"),
    "image: ]": ("E120", "4:12", "]", "quotes"),
    "command: [echo, hi": ("E123", "4:14", "[", "`]`"),
    "command: [echo, hi\n    image: x": ("E123", "4:14", "[", "`]`"),
    "env: {A: b\n": ("E123", "4:10", "{", "`}`"),
    "env: {a b: c: d}": ("E123", "4:17", ":", "commas"),
    "command: [echo, ${{ a.b }}]": ("E139", "4:21", "${{ a.b }}", '"${{ a.b }}"'),
    'image: "abc': ("E122", "4:12", '"', '"abc"'),
    'command: [echo, "hi]\n    image: "x"': ("E122", "4:21", '"', '"hi"'),
    "image: 'abc": ("E122", "4:12", "'", "'abc'"),
    'image: "a\\d"': ("E128", "4:14", "\\d", "`\\\\d`"),
    'image: "\\u12"': ("E128", "4:13", "\\u12", "single quotes"),
    'image: "\\U00110000"': ("E128", "4:13", "\\U00110000", "single quotes"),
    "\timage: x": ("E121", "4:5", "\t", "spaces"),
    "image:\tx": ("E121", "4:11", "\t", "space"),
    "env:\n      A: 1\n     B: 2": ("E124", "6:6", "B", "same indentation"),
    "needs:\n      - a\n     - b": ("E124", "6:6", "-", "same indentation"),
    "script: |\n     \n      echo": ("E124", "5:1", "     ", "delete the spaces"),
    "env: x\n      A: 1": ("E124", "5:7", "A", "same indentation"),
    "a: 1\n    a: 2": ("E130", "5:5", "a", "keep one"),
    "a: {b: 1, b: 2}": ("E130", "4:15", "b", "keep one"),
    "<<: x": ("E132", "4:5", "<<", "defaults"),
    "x: {{ params.y }}": ("E133", "4:9", "{", '"${{ params.y }}"'),
    "x: *nope": ("E136", "4:8", "*nope", "'*nope'"),
    "x: &x1 y\n    z: *x2": ("E136", "5:8", "*x2", "define it with `&x2`"),
    "x: &x [*x]": ("E137", "4:12", "*x", "remove the alias"),
    "x: &x 1\n    y: &x 2": ("E138", "5:8", "&x", "another name"),
    "x: y\n---\na: b": ("E134", "5:1", "---", "file of its own"),
    "x: !include f.yaml": ("E131", "4:8", "!include", "uses:"),
    "x: !!python/name:os.system": ("E131", "4:8", "!!python/name:os.system", "without"),
}


def where(source: Source, offset: int) -> str:
    return "{}:{}".format(*source.position(offset))


@pytest.mark.parametrize("slip", SLIPS)
def test_slip(slip: str) -> None:
    source, report = Source("x", f"{HEAD}    {slip}\n"), Report()
    parse(source, report=report)
    [found] = report.diagnostics
    assert found.span is not None
    marked = source.text[found.span.start : found.span.end]
    code, place, text, help_part = SLIPS[slip]
    assert (found.code, where(source, found.span.start), marked) == (code, place, text)
    assert help_part in (found.help or "")
    assert len(found.message) <= 90


@pytest.mark.parametrize(
    "fine",
    [
        "when: a && b || c",
        "when: not x",
        "image: {image: python:3.11, u: http://x/y?z=1#f}",
        "x: ${{ params.x }}",
        "x: 'a\n      b'",
        "x: a  # b: c",
        "x: [a,\n      b, ]",
        "x: {? a : b}",
        "x: |\n      a: b\n      \tc",
    ],
)
def test_no_slip(fine: str) -> None:
    report = Report()
    assert parse(Source("x", f"{HEAD}    {fine}\n"), report=report) is not None
    assert not report.diagnostics


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "~", "null\n"])
def test_empty(text: str) -> None:
    report = Report()
    assert parse(Source("x", text), report=report) is None
    assert [found.code for found in report.diagnostics] == ["E135"]


def test_all_findings_of_a_file_in_one_run() -> None:
    report = Report()
    parse(Source("x", "a: 1\na: 2\n<<: b\nc: !t d\n~: e\n"), report=report)
    assert [found.code for found in report.diagnostics] == ["E130", "E132", "E131", "E133"]


def test_both_places_of_a_duplicate_key() -> None:
    source, report = Source("x", "a: 1\nb: 2\n'a': 3\n"), Report()
    parse(source, report=report)
    [found] = report.diagnostics
    assert found.span == (source, 10, 13)
    assert [label.span for label in found.secondary] == [(source, 0, 1)]
