"""Reading a spec: bytes to text (`read_source`), and text to the tree with spans (`parse`)."""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
import stat
import sys
from collections.abc import Callable
from typing import BinaryIO

from dagwright.diagnostics.fix import Advice, Edit, Fix, replace
from dagwright.diagnostics.ignore import ignores, malformed
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.suggest import suggest
from dagwright.reading import hidden, messages
from dagwright.reading.budgets import DEFAULT_BUDGETS, Budgets
from dagwright.reading.events import Events, Unsuited, c_events, pure_events
from dagwright.source.span import Source, Span
from dagwright.source.tree import Node, Scalar

STDIN = "-"
_REJUDGED = 500_000  # characters: a shorter text that the fast parser refuses is read again by the exact, slow one
_MOST_HIDDEN = 100  # hidden characters reported one by one

_REASONS = {
    errno.ENOENT: ("there is no such file", "check the name and the current folder"),
    errno.ENOTDIR: ("a part of the path is not a folder", "check the name and the current folder"),
    errno.EACCES: ("you have no permission to read it", "give yourself the right: chmod u+r FILE"),
    errno.EPERM: ("you have no permission to read it", "give yourself the right: chmod u+r FILE"),
    errno.ELOOP: ("its links lead in a circle", "give the file itself, not the link"),
    errno.ENAMETOOLONG: ("its name is too long", "check the name"),
    errno.EISDIR: ("it is a folder", "give a file"),
}
_LONE_RETURN = re.compile(r"\r(?!\n)")
_DIRECTIVE = re.compile(r"^%[^\r\n]*", re.MULTILINE)
_BOMS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\x00\x00\xfe\xff", "UTF-32"))


class _Unreadable(Exception):  # noqa: N818 - carries a reason to the one place that reports it
    def __init__(self, reason: str, help_text: str) -> None:
        super().__init__(reason)
        self.reason, self.help_text = reason, help_text


def read_source(
    path: str,
    budgets: Budgets = DEFAULT_BUDGETS,
    report: Report | None = None,
    named_at: Span | None = None,
    advice: str | None = None,
) -> Source | None:
    """The text of a file, or of standard input if `path` is `-`; None after an error, which is reported.

    `named_at` is the place where a spec names the file; errors are reported there. `advice` replaces the usual help
    line of such an error.
    """
    report = Report() if report is None else report
    try:
        data = _standard_input(budgets.max_bytes) if path == STDIN else _file(path, budgets.max_bytes)
    except _Unreadable as error:
        shown = (path if len(path) <= 50 else "…" + path[-49:]) if path != STDIN else "standard input"
        report.error(
            "E101",
            f"cannot read `{shown}`",
            named_at or Span(Source(path, ""), 0, 0),
            label=error.reason,
            help=advice or error.help_text,
        )
        return None
    if len(data) > budgets.max_bytes:
        messages.over_budget(report, "E110", Span(Source(path, ""), 0, 0), budgets.max_bytes)
        return None
    return _decode(path, data, report)


def _file(path: str, limit: int) -> bytes:
    """At most `limit` + 1 bytes of a regular file. Pipes and devices are refused, since they may never end."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        reason, help_text = _REASONS.get(
            error.errno or 0, ((error.strerror or "it cannot be opened").lower(), "check the name")
        )
        if error.errno == errno.ENOENT and (near := _near(path)) is not None:
            help_text = f"did you mean `{near}`?"
        if os.name == "nt" and os.path.isdir(path):
            reason, help_text = _REASONS[errno.EISDIR]
        raise _Unreadable(reason, help_text) from error
    except ValueError as error:  # a NUL in the path
        raise _Unreadable("its name holds a NUL character", "check the name") from error
    try:
        kind = os.fstat(handle).st_mode
        if stat.S_ISDIR(kind):
            raise _Unreadable(*_REASONS[errno.EISDIR])
        if not stat.S_ISREG(kind):
            raise _Unreadable("it is a pipe or a device, not a file", "give a file, or pipe the text in and give `-`")
        with open(handle, "rb", closefd=False) as stream:
            return _read(stream, limit)
    finally:
        os.close(handle)


def _near(path: str) -> str | None:
    """The path of a file or folder with a similar name in the same folder, or None."""
    folder, name = os.path.split(path.rstrip("/"))
    try:
        there = os.listdir(folder or ".")
    except OSError:
        return None
    found = suggest(name, there)
    return None if found is None else os.path.join(folder, found)


def _standard_input(limit: int) -> bytes:
    stream = getattr(sys.stdin, "buffer", None)
    if stream is None or stream.closed:
        raise _Unreadable("it is closed", "give a file, or pipe the text in: cat pipeline.yaml | dagwright check -")
    if stream.isatty():
        raise _Unreadable("it is a terminal", "give a file, or pipe the text in: cat pipeline.yaml | dagwright check -")
    return _read(stream, limit)


def _read(stream: BinaryIO, limit: int) -> bytes:
    """At most `limit` + 1 bytes."""
    try:
        return stream.read(limit + 1)
    except OSError as error:
        raise _Unreadable((error.strerror or "reading failed").lower(), "check the disk, then try again") from error


def _decode(path: str, data: bytes, report: Report) -> Source | None:
    """The source decoded as strict UTF-8, without a byte order mark; hidden characters are reported."""
    digest = hashlib.sha256(data).hexdigest()
    if hidden.is_harmless(data):
        return Source(path, data.decode("ascii"), digest)
    wide = next((name for mark, name in _BOMS if data.startswith(mark)), None)
    if wide is not None:
        where = Span(Source(path, ""), 0, 0)
        report.error(
            "E102", f"the file is {wide}, not UTF-8", where, label="as its first bytes show", help="save it as UTF-8"
        )
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        _report_bad_bytes(path, data, error, report)
        return None
    source = Source(path, text, digest)
    return None if _report_hidden(source, report) else source


def _report_bad_bytes(path: str, data: bytes, error: UnicodeDecodeError, report: Report) -> None:
    at = len(data[: error.start].decode("utf-8"))
    spelt = " ".join(f"{byte:02X}" for byte in data[error.start : error.end][:4])
    report.error(
        "E102",
        f"the file is not UTF-8: the byte {spelt} does not fit here"
        if error.end - error.start == 1
        else f"the file is not UTF-8: the bytes {spelt} do not fit here",
        Span(Source(path, data.decode("utf-8", "replace")), at, at + 1),
        label="not a character",
        help="save the file as UTF-8",
    )


def _report_hidden(source: Source, report: Report) -> bool:
    """Report hidden characters, and false spaces at places where YAML needs a space."""
    text, found = source.text, False
    if hidden.is_honest(text):
        return False
    returns = [found.start() for found in _LONE_RETURN.finditer(text)]
    if returns:
        found = True
        report.error(
            "E103",
            "lines of this file end with a carriage return alone, which YAML does not read",
            Span(source, returns[0], returns[0] + 1),
            label="the first such line ends here",
            help=Advice(
                "end every line with a line feed", Fix(tuple(Edit(Span(source, at, at + 1), "\n") for at in returns))
            ),
        )
    others = (at for at in hidden.hidden_in(text) if text[at] != "\r")
    for at in itertools.islice(others, _MOST_HIDDEN):
        found = True
        report.error(
            "E103",
            f"the hidden character {hidden.character_name(text[at])} is in the file",
            Span(source, at, at + 1),
            label="not visible in most editors",
            help=replace("delete it, and type the text around it again if needed", Span(source, at, at + 1), ""),
        )
    for at in itertools.islice(hidden.false_spaces_in(text), _MOST_HIDDEN):
        found = True
        report.error(
            "E104",
            f"{hidden.character_name(text[at])} looks like a space, but YAML does not read it as one",
            Span(source, at, at + 1),
            label="not a plain space",
            help=replace("replace it with a plain space", Span(source, at, at + 1), " "),
        )
    return found


def parse(source: Source, budgets: Budgets = DEFAULT_BUDGETS, report: Report | None = None) -> Node | None:
    """The tree of a source, or None if the source cannot be parsed. Findings go to the report.

    The tree is complete except for reported parts: for a duplicate key, the tree has the first value. A text that the
    fast parser refuses is parsed again by the exact parser, so results and messages do not depend on the installed
    parser.
    """
    report = Report() if report is None else report
    if _has_directive(source, report):
        return None
    fast = Report()
    try:
        node = _build(source, budgets, fast, c_events)
    except Unsuited:  # known from the text, or from its events
        return _parse_exactly(source, budgets, report)
    if fast.failed and len(source.text) <= _REJUDGED and not _over_budget(fast):
        return _parse_exactly(source, budgets, report)
    report.diagnostics += fast.diagnostics
    return _finished(node, source, report)


def _parse_exactly(source: Source, budgets: Budgets, report: Report) -> Node | None:
    return _finished(_build(source, budgets, report, pure_events), source, report)


def _build(source: Source, budgets: Budgets, report: Report, events: Callable[[str], Events]) -> Node | None:
    """The tree from one of the two parsers; None after a syntax error or an exceeded budget, which are reported."""
    stream = events(source.text)
    from ruamel.yaml.error import YAMLError

    from dagwright.reading.build import Builder, OverBudget

    builder = Builder(source, budgets, report)
    try:
        return builder.build(stream)
    except OverBudget:
        return None
    except (YAMLError, ValueError) as error:  # ValueError: chr() of an escape out of range
        from dagwright.reading.syntax import report_syntax_error

        report_syntax_error(error, builder, report)
        return None


def _over_budget(report: Report) -> bool:
    return report.diagnostics[0].code in ("E111", "E112", "E113")


def _has_directive(source: Source, report: Report) -> bool:
    found = _DIRECTIVE.search(source.text)
    if found is None:
        return False
    report.error(
        "E129",
        "directives (`%YAML`, `%TAG`) are not used here",
        Span(source, *found.span()),
        label="a directive",
        help="remove the line: a spec is always YAML 1.2; put quotes around a text that starts with `%`",
    )
    return True


def _finished(node: Node | None, source: Source, report: Report) -> Node | None:
    """The node, with its comments recorded; None for an empty document, which is reported."""
    if node is not None:
        report.ignore(ignores(source, node))
        for wrong in malformed(source, node):
            report.warning(
                "W141",
                "this comment ignores nothing, because it has another form",
                wrong.span,
                label="not read",
                help=replace(wrong.help, wrong.span, wrong.instead) if wrong.instead else wrong.help,
            )
    return _not_empty(node, source, report)


def _not_empty(node: Node | None, source: Source, report: Report) -> Node | None:
    """The node; None for an empty document, which is reported."""
    nothing = node is None or (isinstance(node, Scalar) and node.plain and node.value is None)
    if nothing and not report.failed:
        report.error(
            "E135",
            "the document is empty",
            Span(source, 0, 0),
            label="nothing here",
            help="run `dagwright init` for a first pipeline",
        )
    return None if nothing else node
