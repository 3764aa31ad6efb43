"""The check of `targets.argo.patch`: only keys that do not change a run's behaviour, with valid values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dagwright.backends.argo.patch.keys import (
    ALLOWED,
    CONTROLLER,
    LONGEST_KEY,
    MEANINGFUL,
    MOST_BYTES,
    OTHER_NAMES,
    WRITTEN,
    Kind,
)
from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.fix import reword
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.suggest import suggest
from dagwright.ir.data import Atom, Entry, Fields, Given, Items, walk
from dagwright.source.span import Span

_MOST_ECHOED = 32  # characters of a quoted word in a message
_INTEGERS = range(-(2**63), 2**63)


def check_patch(patch: Fields, report: Report) -> bool:
    """Report errors in a patch, except tags in its texts; return whether it is small enough to check those too."""
    if _size(patch, MOST_BYTES) > MOST_BYTES:
        report.error(
            "E650",
            f"the patch is larger than {MOST_BYTES // 1024} KiB",
            patch.origin.part(0, 1),
            label="starts here",
            help="leave in it only what all pods need",
        )
        return False
    before = len(report.diagnostics)
    for entry in patch.entries:
        _check_entry(entry, report)
    _check_atoms(patch, report)
    if len(report.diagnostics) == before:
        _check_token(patch, report)
    return True


def patch_texts(patch: Fields) -> Iterator[tuple[str, Span]]:
    """All keys and texts of a patch with their places, once even if aliases repeat them."""
    seen: set[Span] = set()
    for part, _ in walk(patch):
        text = part.key if isinstance(part, Entry) else part.value if isinstance(part, Atom) else None
        if isinstance(text, str) and part.origin not in seen:
            seen.add(part.origin)
            yield text, part.origin


def _size(patch: Fields, most: int) -> int:
    """The approximate size of a patch in the manifest, in bytes; counting stops beyond `most`."""
    size = 0
    for part, depth in walk(patch):
        text = part.key if isinstance(part, Entry) else part.value if isinstance(part, Atom) else ""
        size += 2 * depth + 4 + (len(text.encode("utf-8", "replace")) if isinstance(text, str) else 8)
        if size > most:
            break
    return size


def _check_entry(entry: Entry, report: Report) -> None:
    allowed = ALLOWED.get(entry.key)
    if allowed is None:
        _refuse(entry, report)
    elif not _FITS[allowed.kind](entry.value):
        _wrong(entry.key, allowed.kind, entry, report)
    elif entry.key == "podMetadata":
        _check_metadata(entry.value, report)
        _check_fields(entry, allowed.fields, report)
    elif allowed.fields:
        _check_fields(entry, allowed.fields, report)


def _refuse(entry: Entry, report: Report) -> None:
    """Report a key that is not in the table."""
    key = echoed(entry.key, _MOST_ECHOED)
    for table, what, label in (
        (WRITTEN, "is written by Dagwright itself", "not part of a patch"),
        (MEANINGFUL, "would change what a run does, on Argo alone", "not part of a patch"),
    ):
        if entry.key in table:
            report.error("E649", f"`{key}` {what}", entry.origin, label=label, help=table[entry.key])
            return
    known = (*ALLOWED, *WRITTEN, *MEANINGFUL)
    _unknown(entry, f"`{key}` is not a key of Argo's WorkflowSpec", known, _LISTED, report)


_LISTED = "remove it; `dagwright explain E649` lists the keys of a patch"


def _unknown(entry: Entry, message: str, known: tuple[str, ...], otherwise: str, report: Report) -> None:
    meant = suggest(entry.key, known, OTHER_NAMES)
    report.error(
        "E649",
        message,
        entry.origin,
        label="unknown",
        help=reword(entry.origin, entry.key, meant) if meant else otherwise,
    )


def _check_fields(entry: Entry, known: tuple[str, ...], report: Report) -> None:
    """Report unknown keys in the value of an entry: a mapping, or a list of mappings."""
    values = entry.value.items if isinstance(entry.value, Items) else (entry.value,)
    otherwise = "remove it; possible are " + ", ".join(f"`{key}`" for key in known)
    seen: set[Span] = set()
    for below in (below for value in values if isinstance(value, Fields) for below in value.entries):
        if below.key not in known and below.origin not in seen:
            seen.add(below.origin)
            _unknown(
                below, f"`{echoed(below.key, _MOST_ECHOED)}` is not a key of `{entry.key}`", known, otherwise, report
            )


def _check_metadata(value: Given, report: Report) -> None:
    """Report labels and annotations that are not texts, or that are reserved for Argo's controller."""
    for group in value.entries if isinstance(value, Fields) else ():
        if not _FITS[Kind.TEXTS](group.value):
            _wrong(f"podMetadata.{echoed(group.key, _MOST_ECHOED)}", Kind.TEXTS, group, report)
            continue
        for entry in group.value.entries if isinstance(group.value, Fields) else ():
            if entry.key.startswith(CONTROLLER):
                report.error(
                    "E649",
                    "labels and annotations that Argo uses for its own pods cannot be set",
                    entry.origin,
                    label="belongs to the controller",
                    help=f"remove it, or write a name that does not start with `{CONTROLLER}`",
                )


def _wrong(name: str, kind: Kind, entry: Entry, report: Report) -> None:
    """Report a value of the wrong kind; in a mapping of texts, each value that is not a text."""
    value = entry.value
    if kind is Kind.TEXTS and isinstance(value, Fields):
        for below in value.entries:
            if not _is_text(below.value):
                _wrong(f"{name}.{echoed(below.key, _MOST_ECHOED)}", Kind.TEXT, below, report)
        return
    spelling = _spelling(value)
    report.error(
        "E650",
        f"`{name}` must be {kind.value}",
        value.origin if isinstance(value, Atom) else entry.origin,
        label=f"this is {_described(value)}",
        help=reword(value.origin, spelling, f'"{spelling}"', "write `{}`, in quotes")
        if kind is Kind.TEXT and spelling
        else _EXAMPLES[kind],
    )


def _check_atoms(patch: Fields, report: Report) -> None:
    """Report values that Kubernetes objects cannot contain: nulls, which are dropped, and numbers out of range."""
    seen: set[Span] = set()
    for part, _ in walk(patch):
        if part.origin in seen or isinstance(part, Items | Fields):
            continue
        problem = _problem(part)
        if problem:
            seen.add(part.origin)
            message, label, how = problem
            report.error("E650", message, part.origin, label=label, help=how)


def _problem(part: Atom | Entry) -> tuple[str, str, str] | None:
    if isinstance(part, Entry):
        too_long = len(part.key) > LONGEST_KEY
        return (f"a key has at most {LONGEST_KEY} characters", "too long", "shorten it") if too_long else None
    value = part.value
    if value is None:
        return "a value of the patch is null", "says nothing", "write the value, or remove the key"
    if isinstance(value, int | float) and not _in_range(value):
        return (
            "a number of the patch is out of range",
            "outside 64 bits",
            "write it as text, in quotes, or a smaller one",
        )
    return None


def _in_range(value: int | float) -> bool:
    return value in _INTEGERS if isinstance(value, int) else value - value == 0


def _check_token(patch: Fields, report: Report) -> None:
    """Report a patch that turns off the service account token without another account for Argo's own container."""
    mounted, executor = patch.get("automountServiceAccountToken"), patch.get("executor")
    if not isinstance(mounted, Atom) or mounted.value is not False:
        return
    if not isinstance(executor, Fields) or executor.get("serviceAccountName") is None:
        report.error(
            "E650",
            "without a token, Argo's own container cannot report how a task ended",
            mounted.origin,
            label="needs `executor`",
            help="add `executor: {serviceAccountName: NAME}` to the patch",
        )


def _is_text(value: Given) -> bool:
    return isinstance(value, Atom) and isinstance(value.value, str)


_FITS: dict[Kind, Callable[[Given], bool]] = {
    Kind.TEXT: _is_text,
    Kind.FLAG: lambda value: isinstance(value, Atom) and isinstance(value.value, bool),
    Kind.WHOLE: lambda value: isinstance(value, Atom) and type(value.value) is int,
    Kind.TEXTS: lambda value: isinstance(value, Fields) and all(_is_text(entry.value) for entry in value.entries),
    Kind.MAPPING: lambda value: isinstance(value, Fields),
    Kind.MAPPINGS: lambda value: isinstance(value, Items) and all(isinstance(item, Fields) for item in value.items),
}
_EXAMPLES = {
    Kind.TEXT: "write a text",
    Kind.FLAG: "write `true` or `false`, without quotes",
    Kind.WHOLE: "write a number such as `10`, without quotes",
    Kind.TEXTS: "write keys and texts, as in `{disk: ssd}`",
    Kind.MAPPING: "write keys and values, as Kubernetes has them",
    Kind.MAPPINGS: "write a list, as in `[{name: regcred}]`",
}


def _described(value: Given) -> str:
    match value:
        case Items():
            return "a list"
        case Fields():
            return "a mapping"
        case Atom(value=str()):
            return "a text"
        case Atom(value=bool()):
            return "a boolean"
        case Atom(value=None):
            return "null"
    return "a number"


def _spelling(value: Given) -> str:
    """The text of a plain value if it is short enough for a message, else an empty string."""
    if not isinstance(value, Atom) or value.value is None or isinstance(value.value, str):
        return ""
    span = value.origin
    text = span.source.text[span.start : span.end]
    return text if len(text) <= _MOST_ECHOED and text.isprintable() else ""
