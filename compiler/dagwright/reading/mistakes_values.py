"""Mistakes inside a value, with quotes and brackets: each function reports one mistake and returns whether it did."""

from __future__ import annotations

import re

from dagwright.diagnostics.fix import Advice
from dagwright.diagnostics.model import Report
from dagwright.reading.messages import looks_like_expression
from dagwright.reading.parser_error import Trouble, quote, rest_of_value


def unknown_escape(trouble: Trouble, report: Report) -> bool:
    text = trouble.source.text
    if not re.search(r"escape|hexadec|hexdec|chr\(\)|surrogate", trouble.problem):
        return False
    at = text.rfind("\\", trouble.since or 0, trouble.at + 1)
    if at < 0:
        return False
    found = re.compile(r"\\(?:x[0-9a-fA-F]{0,2}|u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|.)?").match(text, at)
    span = trouble.span(at, found.end() if found else None)
    spelt = text[span.start : span.end]
    report.error(
        "E128",
        f"`{spelt}` is not an escape of double-quoted text",
        span,
        label="not an escape",
        help=trouble.instead(
            span.start, spelt, f"\\{spelt}", "write `{}` for a backslash, or use single quotes, which keep backslashes"
        ),
    )
    return True


def open_quote(trouble: Trouble, report: Report) -> bool:
    """Report a quote that is never closed, or closed only by another quote some lines below."""
    text, start = trouble.source.text, trouble.since
    if not ("quoted scalar" in trouble.context and re.search("end of stream|document", trouble.problem)):
        start = trouble.value_start
        if start is None or text[start : start + 1] not in ('"', "'") or trouble.same_line(start, trouble.value_end):
            return False
        if text[trouble.value_end : trouble.at].strip():
            return False
    if start is None:
        return False
    mark, guess = text[start], _guess(trouble, start)
    report.error(
        "E122",
        f"the quote {mark} is opened here and not closed on its line",
        trouble.span(start),
        label="opened here",
        help=trouble.instead(start + 1, guess, guess + mark, f"put a {mark} where the text ends: {mark}{{}}"),
    )
    return True


def _guess(trouble: Trouble, start: int) -> str:
    line = trouble.source.text[start + 1 : trouble.line_end(start)]
    return re.split(r"[,\]}]|\s#", line, maxsplit=1)[0].rstrip() if trouble.opened is not None else line.rstrip()


def goes_on(trouble: Trouble, report: Report) -> bool:
    """Report text after a quoted or bracketed value, as in `when: "a" < 1`: in YAML, the value ends at the quote."""
    text = trouble.source.text
    before = text[: trouble.at].rstrip(" ")
    closed = before[-1:]
    if (
        not closed
        or closed not in "\"'])}"
        or trouble.is_first_on_line(trouble.at)
        or text[trouble.at : trouble.at + 1] in "]}"
    ):
        return False
    if closed in "\"'":
        start = trouble.value_start
        if start is None or text[start : start + 1] != closed or trouble.value_end != len(before):
            return False
        what = "quote"
    else:
        start = _opening(text, len(before) - 1, trouble.line_start(trouble.at))
        if start is None or start == trouble.opened:
            return False
        what = "bracket"
    whole = rest_of_value(trouble, start)
    report.error(
        "E126",
        f"a value that starts with a {what} ends with it, but more text follows",
        trouble.span(trouble.at, start + len(whole)),
        label="after the end of the value",
        help=_whole_value(trouble, start, whole),
    )
    return True


def _whole_value(trouble: Trouble, start: int, whole: str) -> str | Advice:
    """The help for a value that continues after its closing quote or bracket."""
    after = trouble.source.text[trouble.at : trouble.at + 1]
    if whole.endswith(",") and trouble.at == start + len(whole) - 1:
        return trouble.instead(start, whole, whole[:-1].rstrip(), "remove the comma: {}")
    if looks_like_expression(whole):
        return trouble.instead(start, whole, quote(whole), "wrap the whole expression in single quotes: {}")
    if trouble.opened is not None and after in ('"', "'"):
        return f"put a comma between the two: {trouble.source.text[start : trouble.at].rstrip()}, {after}…{after}"
    if len(whole) > 2 and whole[0] == whole[-1] and whole[0] in "\"'":
        return trouble.instead(start, whole, quote(whole[1:-1]), "quote the whole value once: {}")
    return trouble.instead(start, whole, quote(whole), "quote the whole value: {}")


def _opening(text: str, closing: int, stop: int) -> int | None:
    """The offset of the opening bracket that matches the one at `closing`, on the same line."""
    depth = 0
    for at in range(closing, stop - 1, -1):
        depth += (text[at] in "])}") - (text[at] in "[({")
        if depth == 0:
            return at
    return None


def open_bracket(trouble: Trouble, report: Report) -> bool:
    if trouble.opened is None:
        return False
    text, opened = trouble.source.text, trouble.opened
    if trouble.same_line(opened, trouble.at) and trouble.at < len(text.rstrip()):
        return False
    closing = {"[": "]", "{": "}"}[text[opened]]
    report.error(
        "E123",
        f"`{text[opened]}` is opened here and never closed",
        trouble.span(opened),
        label="opened here",
        help=f"write `{closing}` where it ends",
    )
    return True


_REFERENCE = re.compile(r"\$\{\{[^}\n]*\}\}[^\s,\[\]{}]*")
_ENDS_WORD = re.compile(r"[\s,\[\]{}]")


def bare_reference(trouble: Trouble, report: Report) -> bool:
    """Report an unquoted reference, as in `[${{ params.x }}]`, whose braces YAML reads as a flow mapping."""
    if trouble.opened is None:
        return False
    text, end = trouble.source.text, trouble.line_end(trouble.at)
    first = max(trouble.opened, trouble.line_start(trouble.at))
    sign = text.rfind("${{", first, trouble.at + 3)
    if sign < 0:
        sign = text.find("${{", trouble.at, end)
    found = _REFERENCE.match(text, sign, end) if sign >= 0 else None
    if found is None:
        return False
    start = sign
    while start > first and not _ENDS_WORD.match(text[start - 1]):
        start -= 1
    if not start <= trouble.at <= found.end():
        return False
    word = text[start : found.end()]
    report.error(
        "E139",
        "a reference inside `[…]` or `{…}` needs quotes",
        trouble.span(start, found.end()),
        label="YAML reads its braces as a mapping",
        help=trouble.instead(start, word, f'"{word}"', "put quotes around it: {}"),
    )
    return True


def missing_comma(trouble: Trouble, report: Report) -> bool:
    if trouble.opened is None or "expected ','" not in trouble.problem:
        return False
    closing = {"[": "]", "{": "}"}[trouble.source.text[trouble.opened]]
    report.error(
        "E123",
        f"a comma or `{closing}` is missing before this",
        trouble.word_at(trouble.at),
        label="not expected here",
        help=f"separate the parts with commas and close with `{closing}`; put quotes around text that holds brackets",
    )
    return True


_RESERVED = {
    "@": "`@` may not start a text in YAML",
    "`": "a backquote may not start a text in YAML",
    "%": "`%` may not start a text in YAML",
    "&": "`&` starts an anchor in YAML, and this is not an anchor",
    "*": "`*` starts an alias in YAML, and this is not an alias",
    "!": "`!` starts a tag in YAML, and this is not a tag",
    "|": "`|` starts a block text in YAML, whose lines follow below",
    ">": "`>` starts a block text in YAML, whose lines follow below",
}
_CONTEXTS = {"anchor": "&", "alias": "*", "tag": "!", "block scalar": "|>"}


def reserved_sign(trouble: Trouble, report: Report) -> bool:
    text = trouble.source.text
    at = trouble.at
    kinds = [marks for word, marks in _CONTEXTS.items() if word in trouble.context]
    if kinds and trouble.since is not None:
        at = trouble.since
        if text[at : at + 1] not in tuple(kinds[0]):
            return False
    elif "cannot start any token" not in trouble.problem:
        return False
    mark = text[at : at + 1]
    if mark not in _RESERVED:
        return False
    value = rest_of_value(trouble, at)
    hint: str | Advice = trouble.instead(at, value, quote(value), "quote it: {}")
    if value.startswith("&&"):
        hint = "the word for it is `and`, and it stands between two conditions"
    elif value.startswith("||"):
        hint = "the word for it is `or`, and it stands between two conditions"
    elif mark == "!":
        hint = f"write `not {value[1:].strip()}` if it is a condition, else quote it: {quote(value)}"
    report.error("E127", _RESERVED[mark], trouble.span(at), label="read as a sign, not as text", help=hint)
    return True
