"""The messages of errors found while reading, one function per code."""

from __future__ import annotations

import re

from dagwright.diagnostics.fix import Advice, replace, reword
from dagwright.diagnostics.model import Label, Report
from dagwright.reading.hidden import character_name
from dagwright.source.span import Source, Span

_OPERATORS = re.compile(r"[=!<>]=|[<>]|&&|\|\||\b(?:and|or|in|not|params|tasks|inputs|matrix|item|run)\b")


def shown(text: str, limit: int = 30) -> str:
    """A word of the user, as quoted in a message."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


_BUDGETS = {
    "E110": ("the file is larger than {} bytes", "--max-bytes", 2),
    "E111": ("collections are nested deeper than {} levels", "--max-depth", 2),
    "E112": ("the document has more than {} values, aliases counted in full", "--max-nodes", 2),
    "E113": ("a single text is longer than {} characters", "--max-scalar", 2),
}


def over_budget(report: Report, code: str, span: Span, limit: int, found: int | None = None) -> None:
    """Report an exceeded limit; `found` is the actual size, if known."""
    message, flag, factor = _BUDGETS[code]
    wanted = limit * factor
    while found is not None and wanted < found:
        wanted *= factor
    report.error(
        code,
        message.format(f"{limit:,}"),
        span,
        label="reading stopped here",
        help=f"if this is intended, pass `{flag} {wanted}`",
    )


def second_document(report: Report, source: Source, at: int) -> None:
    report.error(
        "E134",
        "a file holds one document, and here a second one starts",
        Span(source, at, min(at + 3, len(source.text))),
        label="a new document",
        notes=("readers that stop at the first one would silently drop the rest",),
        help="remove this line, or put the text below it into a file of its own",
    )


def hidden_by_escape(report: Report, span: Span, char: str) -> None:
    report.error(
        "E103",
        f"this text holds the hidden character {character_name(char)}",
        span,
        label="written as an escape",
        help="remove the escape; a `script` can make the character when it runs: printf '\\033'",
    )


def rest_of_line(source: Source, start: int) -> str:
    """The text of a line from an offset on, without a comment."""
    end = source.text.find("\n", start)
    return re.split(r"\s#", source.text[start : end if end >= 0 else None], maxsplit=1)[0].rstrip()


_NEGATION = re.compile(r"!\s*(?:\(|(?:params|tasks|inputs|matrix|run)\.|item\b)")


_LONGEST_LINE = 1000  # characters of a condition in a message; one line may hold thousands of tags


def tag(report: Report, source: Source, start: int, name: str) -> None:
    found = re.compile(r"![^\s,\[\]{}]*").search(source.text, start)
    span = Span(source, *found.span()) if found else Span(source, start, start + 1)
    word = source.text[span.start : span.end]
    help_text: str | Advice
    if _NEGATION.match(source.text, span.start) and source.text.find("\n", span.start, span.start + _LONGEST_LINE) > 0:
        rest = rest_of_line(source, span.start)
        condition = f"not {rest[1:].strip()}"
        help_text = replace(
            f"`!` starts a tag in YAML; write `{condition}`",
            Span(source, span.start, span.start + len(rest)),
            condition,
        )
    elif word.endswith("include"):
        help_text = "files are not included by a tag; use a component: `uses: ./file.yaml#name`"
    elif word.upper() == "!ENV":
        help_text = "a spec does not read the environment; declare a param and pass it with `--param`"
    else:
        help_text = f"write the value without `{shown(word)}`; put quotes around it if it is text that starts with `!`"
    report.error("E131", f"tags are not allowed, and `{shown(word)}` is one", span, label="a tag", help=help_text)


def merge_key(report: Report, span: Span) -> None:
    report.error(
        "E132",
        "merge keys (`<<`) are not part of the language",
        span,
        label="would merge another mapping in",
        help="put shared settings under `defaults:`, or write the task once under `components:`",
    )


def key_not_text(report: Report, span: Span, spelling: str) -> None:
    if spelling and spelling != "~":
        help_text = f'put quotes around it if it is a word: "{spelling}"'
    else:
        help_text = "write a name before the colon: `name: value`"
    label = "an empty value" if not spelling or spelling == "~" else "YAML reads it as `null`"
    text = span.source.text
    if text[span.start : span.start + 1] in ("[", "{", "?"):
        label = "a list or a mapping"
    if text[span.start - 1 : span.start + 1] == "{{":
        inner = text[span.start + 1 :].partition("}")[0].strip()
        help_text = f'a reference is written with `$`, and in quotes: "${{{{ {shown(inner)} }}}}"'
    report.error("E133", "a key must be a text", span, label=label, help=help_text)


def duplicate_key(report: Report, word: str, span: Span, first: Span) -> None:
    report.error(
        "E130",
        f"the key `{shown(word)}` appears twice",
        span,
        label="here again",
        secondary=(Label(first, "first written here"),),
        help="keep one of the two, or give one of them another name",
    )


def unknown_alias(report: Report, name: str, span: Span, known: list[str]) -> None:
    from dagwright.diagnostics.suggest import suggest

    near = suggest(name, known)
    text = span.source.text[span.start : span.end]
    rest = rest_of_line(span.source, span.start)
    help_text: str | Advice
    if rest.startswith(text + " ") and len(rest) > len(text) + 1:
        whole = Span(span.source, span.start, span.start + len(rest))
        help_text = reword(whole, rest, f"'{rest}'", "put quotes around the text: {}")
    elif near:
        help_text = reword(span, text, f"*{near}")
    elif name.isalnum():
        help_text = f"define it with `&{name}`, or put quotes around the text: '{text}'"
    else:
        help_text = reword(span, text, f"'{text}'", "put quotes around the text: {}")
    report.error("E136", f"the alias `*{shown(name)}` has no anchor before it", span, label="an alias", help=help_text)


def recursive_alias(report: Report, name: str, span: Span, anchor: Span) -> None:
    report.error(
        "E137",
        f"the alias `*{shown(name)}` is inside its own anchor",
        span,
        label="would contain itself",
        secondary=(Label(anchor, "the anchor is here"),),
        help="remove the alias, or move the anchor to a value that does not hold the alias",
    )


def odd_anchor(report: Report, name: str, span: Span) -> None:
    text = span.source.text[span.start : span.end]
    report.error(
        "E127",
        "`&` starts an anchor in YAML, and this is not an anchor",
        span,
        label="read as a sign, not as text",
        help="the word for `&&` is `and`, between two conditions"
        if text.startswith("&&")
        else reword(span, text, f"'{text}'", "quote it: {}"),
    )


def anchor_twice(report: Report, name: str, span: Span, first: Span) -> None:
    report.error(
        "E138",
        f"the anchor `&{shown(name)}` is defined twice",
        span,
        label="here again",
        secondary=(Label(first, "first defined here"),),
        help="give one of the two another name",
    )


def looks_like_expression(text: str) -> bool:
    """Whether a text looks like a condition rather than plain text."""
    return _OPERATORS.search(text) is not None
