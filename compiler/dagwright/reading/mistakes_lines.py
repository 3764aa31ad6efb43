"""Mistakes in lines, with indentation and colons: each function reports one mistake and returns whether it did."""

from __future__ import annotations

import re

from dagwright.diagnostics.fix import replace
from dagwright.diagnostics.model import Report
from dagwright.reading.parser_error import Trouble, quote, rest_of_value


def tab(trouble: Trouble, report: Report) -> bool:
    start = trouble.line_start(trouble.at)
    indent = re.compile(r"[ \t]*").match(trouble.source.text, start)
    assert indent is not None
    at = trouble.source.text.find("\t", start, max(indent.end(), trouble.at + 1))
    if at < 0 or (trouble.opened is not None and "tab" not in trouble.problem and "\\t" not in trouble.problem):
        return False
    indents = at < indent.end()
    end = at
    while trouble.source.text[end : end + 1] == "\t":
        end += 1
    report.error(
        "E121",
        "a tab is used for indentation" if indents else "a tab is used where YAML wants a space",
        trouble.span(at, end),
        label="a tab",
        help="indent with spaces, two per level"
        if indents
        else replace("write one space instead of the tab", trouble.span(at, end), " "),
    )
    return True


def blank_start(trouble: Trouble, report: Report) -> bool:
    if "more indented follow up line" not in trouble.problem:
        return False
    text = trouble.source.text
    start = text.find("\n", len(text[: trouble.at].rstrip())) + 1
    end = trouble.line_end(start)
    report.error(
        "E124",
        "a block text starts with a line of fewer spaces than the lines below",
        trouble.span(start, end),
        label="spaces only",
        help="delete the spaces on this line",
    )
    return True


def inner_colon(trouble: Trouble, report: Report) -> bool:
    if "mapping values are not allowed" not in trouble.problem:
        return False
    text, at = trouble.source.text, trouble.at
    key = _end_of_key(text[trouble.line_start(at) : at])
    if key is None:
        return _too_deep(trouble, report)
    start = trouble.line_start(at) + key
    value = rest_of_value(trouble, start)
    ternary = _ternary(value)
    report.error(
        "E125",
        "a colon and a space inside a value make YAML see another key",
        trouble.span(at),
        label="here",
        help=trouble.instead(start, value, f"'if({', '.join(ternary)})'", "write the choice as {}")
        if ternary
        else trouble.instead(start, value, quote(value), "quote the value: {}"),
    )
    return True


_DASHES = re.compile(r"(?:\s*- )*\s*")
_KEYS = {
    '"': re.compile(r'"[^"]*"\s*:\s+'),
    "'": re.compile(r"'[^']*'\s*:\s+"),
    "": re.compile(r"[^#]+?:\s+"),
}


def _end_of_key(line: str) -> int | None:
    """The offset of the value in a line that begins with a key."""
    dashes = _DASHES.match(line)
    assert dashes is not None
    first = line[dashes.end() : dashes.end() + 1]
    key = _KEYS.get(first, _KEYS[""]).match(line, dashes.end())
    return None if key is None else key.end()


def _ternary(value: str) -> tuple[str, str, str] | None:
    """The parts of `a ? b : c`."""
    condition, *rest = re.split(r"\s\?\s", value, maxsplit=1)
    chosen, *other = re.split(r"\s:\s", rest[0], maxsplit=1) if rest else ("",)
    return (condition, chosen, other[0]) if other and condition and chosen and other[0] else None


def _too_deep(trouble: Trouble, report: Report) -> bool:
    start = trouble.line_start(trouble.at)
    text = trouble.source.text
    first = start + len(text[start : trouble.at]) - len(text[start : trouble.at].lstrip())
    report.error(
        "E124",
        "this line does not belong to anything at its indentation",
        trouble.word_at(first),
        label="indented differently from its neighbors",
        help="give all keys of one mapping the same indentation; a key with keys below it has no value on its own line",
    )
    return True


def indentation(trouble: Trouble, report: Report) -> bool:
    """Report a wrong indentation: a token at the start of a line that does not continue its block."""
    if "block" not in trouble.context or not trouble.is_first_on_line(trouble.at) or trouble.opened is not None:
        return False
    if trouble.at >= len(trouble.source.text.rstrip()):
        return False
    above = [line for line in trouble.source.text[: trouble.line_start(trouble.at)].split("\n") if line.strip()]
    width = len(above[-1]) - len(above[-1].lstrip()) if above else 0
    here = trouble.at - trouble.line_start(trouble.at)
    if width == here:
        return False
    report.error(
        "E124",
        "this line does not belong to anything at its indentation",
        trouble.word_at(trouble.at),
        label=f"indented by {here}, the line above by {width}",
        help="give all keys of one mapping, and all items of one list, the same indentation",
    )
    return True


def no_colon(trouble: Trouble, report: Report) -> bool:
    """Report a line of a mapping without a colon."""
    if "expected ':'" not in trouble.problem and "could not find expected" not in trouble.problem:
        return False
    start = trouble.since if trouble.since is not None else trouble.line_start(trouble.at)
    word = trouble.word_at(start)
    name = trouble.source.text[word.start : word.end]
    report.error(
        "E120",
        "this line has no colon, so it is neither a key nor a value",
        trouble.span(start, start + len(rest_of_value(trouble, start))),
        label="a key needs `: ` after it",
        help=trouble.instead(start, "-", "- ", f"write `- {name[1:]}`, with a blank after the dash")
        if name[:1] == "-" and name[1:2].isalnum()
        else f"write `{name}: …`, or indent the line if it continues the text above",
    )
    return True


def anything_else(trouble: Trouble, report: Report) -> bool:
    text = trouble.source.text
    if trouble.at >= len(text.rstrip()):
        message, label = "the file ends in the middle of something", "the end"
        at = max(len(text.rstrip()) - 1, 0)
    elif "entries are not allowed" in trouble.problem:
        message, label, at = "a list item cannot start here", "an item", trouble.at
        report.error(
            "E120",
            message,
            trouble.span(at),
            label=label,
            help="begin every `- item` on a line of its own, below the key",
        )
        return True
    else:
        char = text[trouble.at]
        message, label, at = f"`{char}` does not fit here", "YAML cannot continue here", trouble.at
        if char.isalnum():
            message = "this text does not fit here"
    report.error(
        "E120",
        message,
        trouble.word_at(at),
        label=label,
        help="write `key: value` or `- item` on the line; put quotes around a text with special characters",
    )
    return True
