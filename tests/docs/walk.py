"""The blocks of a page: files to write, commands to run, and their expected output.

The fenced blocks of a Markdown page are read in order. A block after `<!-- file: NAME -->` is written to that file.
A shell runs each `sh` block, in the last folder of the previous block. A `text` block after it is the output of the
commands, both streams together. In this block, `...` matches any text of a line, and any lines if on its own line;
clock times, durations, run ids and the folder of the reader may differ. A `console` block has commands for tools of
an engine or a host: they are not run, but the files that they name must exist.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(
    r"(?:^<!-- file: (?P<file>\S+) -->\n)?^```(?P<language>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)

# Parts of the output that differ from run to run, with their text on the page.
_VARYING = (
    (re.compile(r"\b\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{4}\b"), "20260102T103000.000000Z-1a2b"),
    (re.compile(r"\b\d{2}:\d{2}:\d{2}\b"), "10:30:00"),
    (re.compile(r"\b\d+\.\d s\b"), "0.1 s"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: its content, and the offsets of the content in the page."""

    language: str
    file: str | None
    body: str
    line: int
    start: int
    end: int


def blocks(page: str) -> Iterator[Block]:
    for match in _FENCE.finditer(page):
        line = page.count("\n", 0, match.start("body"))
        yield Block(match["language"], match["file"], match["body"], line, match.start("body"), match.end("body"))


def printed(text: str, folder: Path) -> str:
    """The text on the page for an output."""
    text = text.replace(str(folder), "/home/me")
    for pattern, shown in _VARYING:
        text = pattern.sub(shown, text)
    return "\n".join(line.rstrip() for line in text.splitlines()).rstrip() + "\n"


def agrees(shown: str, actual: str) -> bool:
    """Whether an output matches the shown output, with its `...` filled in."""
    return re.fullmatch("".join(map(_line_pattern, shown.splitlines())), actual) is not None


def _line_pattern(line: str) -> str:
    if line.strip() == "...":
        return r"(?:[^\n]*\n)*?"
    return "[^\n]*".join(re.escape(part) for part in line.split("...")) + "\n"
