"""Diagnostics as plain values, and the report that collects them. The `render` modules print them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from dagwright.diagnostics.fix import Advice, Fix
from dagwright.diagnostics.ignore import Ignore
from dagwright.source.span import Source, Span

MAX_PER_CODE = 20


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place, underlined with `-`, and its text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `message` is at most 90 characters, in the user's words, without a capital or a full stop; `label` is printed
    after the caret; each of `notes` is printed as `= note`; `help` gives the text to write instead and can be pasted.
    `fix` has the edits for `help`.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None
    label: str = ""
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    fix: Fix | None = None


class CompilationStopped(Exception):  # noqa: N818 - not an error of ours: the report says what is wrong
    """Raised by `Report.checkpoint` at the end of a phase with errors."""


@dataclass(slots=True)
class Report:
    """The diagnostics of one compilation. Phases report and continue; `checkpoint` ends a phase."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _told: set[tuple[str, Span]] = field(default_factory=set, repr=False, compare=False)
    _ignored: dict[tuple[Source, int, str], Ignore] = field(default_factory=dict, repr=False, compare=False)
    _explained: dict[tuple[Source, int], list[tuple[int, int, str]]] = field(
        default_factory=dict, repr=False, compare=False
    )
    _used: set[Ignore] = field(default_factory=set, repr=False, compare=False)

    def explain(self, span: Span, note: str) -> None:
        """Add a note to every further diagnostic about a part of this span: where the value there comes from."""
        line = span.source.position(span.start)[0]
        self._explained.setdefault((span.source, line), []).append((span.start, span.end, note))

    def _explanations(self, span: Span | None) -> list[str]:
        if not self._explained or span is None:
            return []
        found = self._explained.get((span.source, span.source.position(span.start)[0]), ())
        return [note for start, end, note in found if start <= span.start and span.end <= end]

    def is_new(self, code: str, span: Span) -> bool:
        """Whether this is the first call with these arguments: problems of several tasks are reported once."""
        before = len(self._told)
        self._told.add((code, span))
        return len(self._told) > before

    def ignore(self, comments: Iterable[Ignore]) -> None:
        """Drop further warnings that comments of a file ignore."""
        for found in comments:
            self._ignored[found.span.source, found.line, found.code] = found

    def apart(self) -> Report:
        """An empty report for the same compilation, with the same ignoring comments."""
        return Report(_ignored=self._ignored, _used=self._used, _explained=self._explained)

    def unused_ignores(self, source: Source) -> list[Ignore]:
        """The codes in comments of a file that ignored no warning."""
        return [found for (where, _, _), found in self._ignored.items() if where is source and found not in self._used]

    def _is_ignored(self, code: str, span: Span | None) -> bool:
        if not self._ignored or span is None:
            return False
        found = self._ignored.get((span.source, span.source.position(span.start)[0], code))
        if found is not None:
            self._used.add(found)
        return found is not None

    def error(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        label: str = "",
        secondary: Sequence[Label] = (),
        notes: Sequence[str] = (),
        help: str | Advice | None = None,  # noqa: A002 - the word of the rendered line
    ) -> None:
        self._add(Severity.ERROR, code, message, span, label, secondary, notes, help)

    def warning(
        self,
        code: str,
        message: str,
        span: Span | None,
        *,
        label: str = "",
        secondary: Sequence[Label] = (),
        notes: Sequence[str] = (),
        help: str | Advice | None = None,  # noqa: A002
    ) -> None:
        if not self._is_ignored(code, span):
            self._add(Severity.WARNING, code, message, span, label, secondary, notes, help)

    def _add(
        self,
        severity: Severity,
        code: str,
        message: str,
        span: Span | None,
        label: str,
        secondary: Sequence[Label],
        notes: Sequence[str],
        advice: str | Advice | None,
    ) -> None:
        notes = [*notes, *self._explanations(span)]
        text, fix = (advice.text, advice.fix) if isinstance(advice, Advice) else (advice, None)
        self.diagnostics.append(
            Diagnostic(code, severity, message, span, label, tuple(secondary), tuple(notes), text, fix)
        )

    @property
    def failed(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.diagnostics)

    def checkpoint(self) -> None:
        """Stop the compilation if anything reported so far is an error."""
        if self.failed:
            raise CompilationStopped
