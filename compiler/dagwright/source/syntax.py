"""What a YAML parser's error means, in the user's words: where the slip is, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dagwright.diagnostics.model import Report
from dagwright.source.build import Builder
from dagwright.source.complaints import looks_like_expression, rest_of_line
from dagwright.source.span import Source, Span


@dataclass(frozen=True, slots=True)
class Trouble:
    """A parser's error: its two texts, where it noticed (`at`), and where what it was reading began (`since`)."""

    source: Source
    problem: str
    context: str
    at: int
    since: int | None
    opened: int | None  # the innermost open bracket or brace
    value_start: int | None  # of the scalar that was read last
    value_end: int

    def line_start(self, offset: int) -> int:
        return self.source.text.rfind("\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        end = self.source.text.find("\n", offset)
        return len(self.source.text) if end < 0 else end

    def is_first_on_line(self, offset: int) -> bool:
        return not self.source.text[self.line_start(offset) : offset].strip()

    def same_line(self, a: int, b: int) -> bool:
        return "\n" not in self.source.text[min(a, b) : max(a, b)]

    def span(self, start: int, end: int | None = None) -> Span:
        """A span that stays on one line and is never empty where the text goes on."""
        text = self.source.text
        start = min(start, max(len(text) - 1, 0))
        if start and start == len(text) - 1 and text[start] == "\n" and text[start - 1] != "\n":
            start -= 1
        stop = start + 1 if end is None else max(end, start + 1)
        return Span(self.source, start, min(stop, max(self.line_end(start), start)))

    def word_at(self, offset: int) -> Span:
        found = re.compile(r"[^\s:,\[\]{}]+").match(self.source.text, offset)
        return self.span(offset, found.end() if found else None)


Reader = Callable[[Trouble, Report], bool]


def quote(text: str) -> str:
    """A text as a single-quoted YAML scalar."""
    return "'" + text.replace("'", "''") + "'"


def _rest_of_value(trouble: Trouble, start: int) -> str:
    """What the author meant as the value that starts here: the rest of the line, without a comment."""
    rest = rest_of_line(trouble.source, start)
    if trouble.opened is not None:
        return re.split(r"[,\]}]", rest, maxsplit=1)[0].rstrip()
    return rest


def _tab(trouble: Trouble, report: Report) -> bool:
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
        help="indent with spaces, two a level" if indents else "write one space instead of the tab",
    )
    return True


def _escape(trouble: Trouble, report: Report) -> bool:
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
        f"`{spelt}` is no escape that double quotes know",
        span,
        label="not an escape",
        help=f"write `\\{spelt}` for a backslash, or use single quotes, where a backslash is only itself",
    )
    return True


def _blank_start(trouble: Trouble, report: Report) -> bool:
    if "more indented follow up line" not in trouble.problem:
        return False
    text = trouble.source.text
    start = text.find("\n", len(text[: trouble.at].rstrip())) + 1
    end = trouble.line_end(start)
    report.error(
        "E124",
        "a block text starts with a line of spaces that are fewer than those below",
        trouble.span(start, end),
        label="spaces only",
        help="delete the spaces on this line",
    )
    return True


def _open_quote(trouble: Trouble, report: Report) -> bool:
    """A quote that is never closed, or only by the next quote some lines further down."""
    text, start = trouble.source.text, trouble.since
    if not ("quoted scalar" in trouble.context and re.search("end of stream|document", trouble.problem)):
        start = trouble.value_start
        if start is None or text[start : start + 1] not in ('"', "'") or trouble.same_line(start, trouble.value_end):
            return False
        if text[trouble.value_end : trouble.at].strip():
            return False
    if start is None:
        return False
    mark = text[start]
    report.error(
        "E122",
        f"the quote {mark} is opened here and not closed on its line",
        trouble.span(start),
        label="opened here",
        help=f"put a {mark} where the text ends: {mark}{_guess(trouble, start)}{mark}",
    )
    return True


def _guess(trouble: Trouble, start: int) -> str:
    line = trouble.source.text[start + 1 : trouble.line_end(start)]
    return re.split(r"[,\]}]|\s#", line, maxsplit=1)[0].rstrip() if trouble.opened is not None else line.rstrip()


def _goes_on(trouble: Trouble, report: Report) -> bool:
    """`when: "a" < 1`: a value that starts with a quote or a bracket ends with it, for YAML."""
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
    whole = _rest_of_value(trouble, start)
    report.error(
        "E126",
        f"a value that starts with a {what} ends with it, but here it goes on",
        trouble.span(trouble.at, start + len(whole)),
        label="after the end of the value",
        help=_whole_value(trouble, start, whole),
    )
    return True


def _whole_value(trouble: Trouble, start: int, whole: str) -> str:
    """What to write instead of a value that goes on behind its closing quote or bracket."""
    after = trouble.source.text[trouble.at : trouble.at + 1]
    if looks_like_expression(whole):
        return f"wrap the whole expression in single quotes: {quote(whole)}"
    if trouble.opened is not None and after in ('"', "'"):
        return f"put a comma between the two: {trouble.source.text[start : trouble.at].rstrip()}, {after}…{after}"
    if len(whole) > 2 and whole[0] == whole[-1] and whole[0] in "\"'":
        return f"quote the whole value once: {quote(whole[1:-1])}"
    return f"quote the whole value: {quote(whole)}"


def _opening(text: str, closing: int, stop: int) -> int | None:
    """Where the bracket that closes at `closing` was opened, on the same line."""
    depth = 0
    for at in range(closing, stop - 1, -1):
        depth += (text[at] in "])}") - (text[at] in "[({")
        if depth == 0:
            return at
    return None


def _open_bracket(trouble: Trouble, report: Report) -> bool:
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


def _reference(trouble: Trouble, report: Report) -> bool:
    """`[${{ params.x }}]`: YAML takes the braces of an unquoted reference for its own."""
    if trouble.opened is None:
        return False
    found = re.compile(r"(?:[^\s,\[\]{}]*)\$\{\{[^}\n]*\}\}[^\s,\[\]{}]*").search(
        trouble.source.text, max(trouble.opened, trouble.line_start(trouble.at)), trouble.line_end(trouble.at)
    )
    if found is None or not found.start() <= trouble.at <= found.end():
        return False
    report.error(
        "E139",
        "a reference inside `[…]` or `{…}` has to be quoted",
        trouble.span(*found.span()),
        label="YAML takes its braces for its own",
        help=f'put quotes around it: "{found[0]}"',
    )
    return True


def _comma(trouble: Trouble, report: Report) -> bool:
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


def _colon(trouble: Trouble, report: Report) -> bool:
    if "mapping values are not allowed" not in trouble.problem:
        return False
    text, at = trouble.source.text, trouble.at
    line = text[trouble.line_start(at) : at]
    key = re.match(r"(?:\s*- )*\s*(?:[^\s#\"'][^#]*?|\"[^\"]*\"|'[^']*')\s*:\s+(?=\S|$)", line)
    if key is None:
        return _too_deep(trouble, report)
    start = trouble.line_start(at) + key.end()
    value = _rest_of_value(trouble, start)
    ternary = re.fullmatch(r"(.+?)\s\?\s(.+?)\s:\s(.+)", value)
    report.error(
        "E125",
        "a colon and a space inside a value make YAML see another key",
        trouble.span(at),
        label="here",
        help="write the choice as `if({}, {}, {})`".format(*ternary.groups())
        if ternary
        else f"quote the value: {quote(value)}",
    )
    return True


def _too_deep(trouble: Trouble, report: Report) -> bool:
    start = trouble.line_start(trouble.at)
    text = trouble.source.text
    first = start + len(text[start : trouble.at]) - len(text[start : trouble.at].lstrip())
    report.error(
        "E124",
        "this line does not belong to anything at its indentation",
        trouble.word_at(first),
        label="indented otherwise than its neighbours",
        help="give all keys of one mapping the same indentation; a key with keys below it has no value on its own line",
    )
    return True


def _indentation(trouble: Trouble, report: Report) -> bool:
    """A token that starts its line, where the block that it would belong to does not go on."""
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


_RESERVED = {
    "@": "`@` may not start a text in YAML",
    "`": "a backquote may not start a text in YAML",
    "%": "`%` may not start a text in YAML",
    "&": "`&` starts an anchor in YAML, and this is none",
    "*": "`*` starts an alias in YAML, and this is none",
    "!": "`!` starts a tag in YAML, and this is none",
    "|": "`|` starts a block text in YAML, whose lines follow below",
    ">": "`>` starts a block text in YAML, whose lines follow below",
}
_CONTEXTS = {"anchor": "&", "alias": "*", "tag": "!", "block scalar": "|>"}


def _reserved(trouble: Trouble, report: Report) -> bool:
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
    value = _rest_of_value(trouble, at)
    hint = f"quote it: {quote(value)}"
    if value.startswith("&&"):
        hint = "the word for it is `and`, and it stands between two conditions"
    elif value.startswith("||"):
        hint = "the word for it is `or`, and it stands between two conditions"
    elif mark == "!":
        hint = f"write `not {value[1:].strip()}` if it is a condition, else quote it: {quote(value)}"
    report.error("E127", _RESERVED[mark], trouble.span(at), label="read as a sign, not as text", help=hint)
    return True


def _no_colon(trouble: Trouble, report: Report) -> bool:
    """A line of a mapping that has no colon."""
    if "expected ':'" not in trouble.problem and "could not find expected" not in trouble.problem:
        return False
    start = trouble.since if trouble.since is not None else trouble.line_start(trouble.at)
    word = trouble.word_at(start)
    name = trouble.source.text[word.start : word.end]
    report.error(
        "E120",
        "this line has no colon, so it is neither a key nor a value",
        trouble.span(start, start + len(_rest_of_value(trouble, start))),
        label="a key needs `: ` behind it",
        help=f"write `{name}: …`, or indent the line if it continues the text above",
    )
    return True


def _anything_else(trouble: Trouble, report: Report) -> bool:
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
        message, label, at = f"`{char}` does not fit here", "YAML cannot go on here", trouble.at
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


_READERS: tuple[Reader, ...] = (
    _escape,
    _blank_start,
    _tab,
    _open_quote,
    _reference,
    _goes_on,
    _open_bracket,
    _reserved,
    _comma,
    _colon,
    _no_colon,
    _indentation,
    _anything_else,
)


def _index(mark: object) -> int | None:
    index = getattr(mark, "index", None)
    return index if isinstance(index, int) else None


def _escape_out_of_range(text: str) -> tuple[int, int] | None:
    """Where an escape beyond Unicode stands, for which the parser gives no place."""
    found = re.search(r"\\U(?!000|0010)[0-9a-fA-F]{8}", text)
    return found.span() if found else None


def report_syntax_error(error: Exception, builder: Builder, report: Report) -> None:
    """Report a parser's error (a YAMLError, or the ValueError of an escape out of range) as one diagnostic."""
    source = builder.source
    at, since = _index(getattr(error, "problem_mark", None)), _index(getattr(error, "context_mark", None))
    if at is None:
        at = since
    if at is None:
        place = _escape_out_of_range(source.text)
        at, since = place or (0, 0)
        since = at
    flow = [frame.node.start for frame in builder.stack if frame.flow]
    opened = next((start for start in reversed(flow) if source.text[start] in "[{"), None)
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or context or error)
    if "flow" in context and since is not None and source.text[since : since + 1] in ("[", "{"):
        opened = since
    last = builder.last
    trouble = Trouble(
        source, problem, context, at, since, opened, last.start if last else None, last.end if last else 0
    )
    if _is_follow_on(trouble, report):
        return
    any(read(trouble, report) for read in _READERS)


def _is_follow_on(trouble: Trouble, report: Report) -> bool:
    """Whether the line was reported already, for a sign that YAML took for an anchor, an alias or a tag."""
    last = report.diagnostics[-1] if report.diagnostics else None
    if last is None or last.code not in ("E127", "E131", "E136") or last.span is None:
        return False
    return last.span.source is trouble.source and trouble.same_line(last.span.start, trouble.at)
