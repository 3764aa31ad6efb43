"""Pages, helps, explanations and docstrings are in plain English: constructions that are hard to read do not return.

Each row of the table names a construction, what to write instead, and a sentence of each kind. To check more texts,
add a source to `SOURCES`.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest

from dagwright.backends.registry import BACKENDS, backend
from dagwright.cli.commands import cli

ROOT = Path(__file__).resolve().parents[2]
_NOUNS = (
    "task|instance|run|pod|file|line|code|event|output|target|engine|attempt|index|item|core|page|folder|row|spec|"
    "entry|month|day|hour|process|request|word|test|case|step"
)
_LINKS = "as|at|by|for|from|gets?|gives?|has|in|into|is|needs?|of|on|or|per|runs?|to|with|without"
_THE = "(?:an?|the|your|its|these|those|such|all)"
_STARTS = r"(?:^|(?<=[.;:|] ))"  # the start of a sentence, of a part of a sentence, or of a cell


class Row(NamedTuple):
    """A construction to avoid."""

    pattern: str
    instead: str
    bad: str
    good: str


TABLE = (
    Row(
        rf"\b(?:an?|one) (?!(?:{_LINKS})\b)[\w-]+ an? (?:{_NOUNS})\b",
        "one … per …",
        "writes a log a task",
        "writes one log per task",
    ),
    Row(
        rf"{_STARTS}[Oo]f {_THE} \w+",
        "For …, or the noun first",
        "Of a pod they are secrets of its namespace.",
        "For pods, they are secrets of the namespace.",
    ),
    Row(
        r"\b[Tt]o (?:these|this|that|them) comes?\b",
        "Dagwright adds …",
        "To these come the secrets.",
        "Dagwright adds the secrets.",
    ),
    Row(
        rf"{_STARTS}(?:\W*)(?:Who|What|Whoever) [^.?:|]* (?:is|are|was|gets?|goes|stands?|has|have|may|must|can|could"
        r"|becomes?|comes?|would|does|do|differs?|belongs?|needs?|holds?|only|reads?|takes?)\b[^.?|]*\.",
        "name the thing: A task that …, Text that …",
        "Who reads the output gets a list.",
        "A task that reads the output gets a list.",
    ),
    Row(
        r"(?<![Tt]here )\b(?:is|are|was|were) no\b(?! longer| more)",
        "is not a",
        "The file is no shell script.",
        "The file is not a shell script. There is no default.",
    ),
    Row(r"(?<![Tt]here )\b(?:is|are) none\b", "is not a …", "bytes that are none", "bytes that are not UTF-8"),
    Row(r"\b[Mm]end(?:s|ed|ing)?\b", "fix", "Mend the word.", "Fix the word."),
    Row(r"\b(?:mis)?spelt\b", "spelled", "a misspelt key", "a misspelled key"),
    Row(
        r"\b(?:lies?|lay|lain) (?:in|on|at|below|beside|under|there|where|behind|elsewhere)\b|where \w+ lies?\b",
        "is in, is stored in",
        "The files lie below that folder.",
        "The files are stored in that folder.",
    ),
    Row(r"\b(?:is|are) lent\b", "gets", "The task is lent a slot.", "The task gets a slot."),
    Row(
        r"\bstands? in\b|\bstand-ins?\b",
        "is in; is used instead",
        "values that stand in for missing outputs",
        "values that replace missing outputs",
    ),
    Row(
        r"\bstands? (?:behind|beside|below|under|at|between|inside|before|where|there|elsewhere|alone|for itself)\b",
        "is after, is in …",
        "your pipeline stands at the end",
        "your pipeline is at the end",
    ),
    Row(r"\btak(?:es?|en) away\b", "removes", "`null` takes away a value.", "`null` removes a value."),
    Row(r"\bbears?\b", "tolerates, accepts", "taints that pods bear", "taints that pods tolerate"),
    Row(r"(?<!left )(?<!leave )\b[Bb]ehind\b", "after", "the block behind it", "the block after it"),
    Row(r"\bin silence\b", "silently", "ignored in silence", "ignored silently"),
    Row(r"\bbelongs? into\b", "belongs in", "It belongs into a task.", "It belongs in a task."),
    Row(r"\b(?:is|are) said\b", "is reported", "The number is said once.", "The number is reported once."),
    Row(
        r"\bof ours\b|\b(?:is|are) ours\b|\b[Ww]hat is yours\b",
        "of Dagwright, your …",
        "an image of ours",
        "an image from Dagwright",
    ),
    Row(r"\b(?:pass(?:es|ed)?) over\b", "skips", "Component files are passed over.", "Component files are skipped."),
    Row(r"\b(?:go|goes|went|gone|going) on\b", "continues", "while a run goes on", "while a run continues"),
    Row(r"\b(?:an|one) and the same\b", "the same", "one and the same runtime", "the same runtime"),
    Row(
        r"\b[Nn]obody\b|\b[Ss]omebody\b",
        "name the person or program",
        "Nobody stops it.",
        "Dagwright does not stop it.",
    ),
    Row(r"\b[Hh]ang together\b", "are connected", "tasks that hang together", "connected tasks"),
    Row(r"\btells? (?:more )?of\b", "describes", "`explain` tells more of a code.", "`explain` describes a code."),
    Row(r"\bsays? for (?:it|them)sel(?:f|ves)\b", "shows", "The graph says for itself when.", "The graph shows when."),
    Row(r"\bin step\b", "name the work", "no list to keep in step", "no list to maintain"),
    Row(r"\ba matter of\b", "depends on", "a matter of the engine", "depends on the engine"),
    Row(r"\bshall\b", "must, is", "A param that shall hold a list.", "A param that holds a list."),
    Row(
        r"\bis made up for\b|\bma[dk]es? up for\b", "is started late", "A tick is made up for.", "The run starts late."
    ),
)


def _paragraphs(markdown: str) -> Iterator[str]:
    """The sentences of a page: its paragraphs, list items and cells, without code, headings, comments and links."""
    text = re.sub(r"^ *```.*?^ *```$|<!--.*?-->", "", markdown, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"`[^`\n]*`", "`x`", re.sub(r"\]\([^)\s]*\)", "]", text))
    text = re.sub(r"^#.*$", "\n", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[*\-|]|\d+\.) ?)", text):
        yield re.sub(r"^(?:[*\-]|\d+\.) ", "", " ".join(block.split())).replace("**", "")


def _pages() -> Iterator[tuple[str, str]]:
    for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]:
        for paragraph in _paragraphs(path.read_text(encoding="utf-8")):
            yield path.relative_to(ROOT).as_posix(), paragraph


def _schemas() -> Iterator[tuple[str, str]]:
    """The titles and descriptions of schemas, which editors show."""

    def walk(node: Any, place: str) -> Iterator[tuple[str, str]]:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("title", "description") and isinstance(value, str):
                    yield place, value
                yield from walk(value, f"{place}/{key}")

    for path in sorted((ROOT / "schemas").glob("*.json")):
        yield from walk(json.loads(path.read_text(encoding="utf-8")), path.name)


def _helps() -> Iterator[tuple[str, str]]:
    """The texts of `--help`."""
    root = click.Context(cli, info_name="dagwright")
    for name in cli.list_commands(root):
        command = cli.get_command(root, name)
        assert command is not None
        texts = [command.help or "", command.get_short_help_str(200)]
        texts += [getattr(param, "help", None) or "" for param in command.params]
        yield from ((f"dagwright {name} --help", paragraph) for text in texts for paragraph in _paragraphs(text))


def _explanations() -> Iterator[tuple[str, str]]:
    """The texts of `dagwright explain`."""
    for path in sorted((ROOT / "compiler/dagwright/diagnostics/explain").glob("*.md")):
        markdown = path.read_text(encoding="utf-8")
        titles = re.findall(r"^# (.*)$", markdown, re.MULTILINE)
        yield from ((path.name, paragraph) for paragraph in [*titles, *_paragraphs(markdown)])


def _support() -> Iterator[tuple[str, str]]:
    """The explanations of `dagwright support`."""
    for name in BACKENDS:
        yield from ((f"support of {name}", support.how) for support in backend(name).support(None).values())


def _messages() -> Iterator[tuple[str, str]]:
    """The messages, labels, notes and helps of diagnostics, from the expected outputs of all codes."""
    told = re.compile(r"^(?:error|warning)\[\w+\]: (.*)$|^ +(?:= )(.*)$|^ +\| +[\^-]+ (.*)$", re.MULTILINE)
    for path in sorted((ROOT / "tests" / "diagnostics").rglob("expected.txt")):
        for match in told.finditer(path.read_text(encoding="utf-8")):
            text = next(group for group in match.groups() if group is not None)
            yield path.parent.relative_to(ROOT / "tests").as_posix(), re.sub("`[^`]*`", "`x`", text)


@cache
def _python() -> list[tuple[str, str]]:
    """The docstrings and comment lines of the compiler and of its tests."""
    found = []
    for folder in ("compiler", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "golden" in path.parts:
                continue
            place, source = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    found.append((f"{place}:{getattr(node, 'lineno', 1)}", ast.get_docstring(node) or ""))
            comments = re.finditer(r"^ *# (?!mypy: |type: |noqa)(.*)$", source, re.MULTILINE)
            found += [(place, comment[1]) for comment in comments]
    return found


def _docstrings() -> Iterator[tuple[str, str]]:
    yield from ((place, paragraph) for place, text in _python() for paragraph in _paragraphs(text))


SOURCES: tuple[Callable[[], Iterator[tuple[str, str]]], ...] = (
    _pages,
    _schemas,
    _helps,
    _explanations,
    _messages,
    _support,
    _docstrings,
)


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__.strip("_"))
def test_words_are_plain(source: Callable[[], Iterator[tuple[str, str]]]) -> None:
    texts, found = list(source()), []
    assert len(texts) > 20
    for place, text in texts:
        for row in TABLE:
            found += [f"{place}: “{match[0]}”: {row.instead}: {text}" for match in re.finditer(row.pattern, text)]
    assert found == [], f"{len(found)} places:\n" + "\n".join(found)


def test_a_docstring_starts_with_what_it_names() -> None:
    """The first word of a docstring does not start a relative clause."""
    clause = re.compile(r"(?:What|Where|How|Who|Whoever|Why|Whatever|Something|Everything|Those|That|It)\b")
    assert [f"{place}: {text}" for place, text in _python() if clause.match(text)] == []


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.bad)
def test_a_row_finds_what_it_should(row: Row) -> None:
    assert re.search(row.pattern, row.bad)
    assert not [other for other in TABLE if re.search(other.pattern, row.good)]
