"""Data of a spec that goes to an engine unchanged: frozen values, each with its place in the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dagwright.source.span import NOWHERE, Span

Plain: TypeAlias = "Mapping[str, Plain] | Sequence[Plain] | str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Atom:
    """A scalar, with its YAML type."""

    value: str | int | float | bool | None
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Given, ...]
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping with its value; `origin` is the place of the key."""

    key: str
    value: Given
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping, in the author's order."""

    entries: tuple[Entry, ...] = ()
    origin: Span = field(default=NOWHERE, compare=False, repr=False)

    def get(self, key: str) -> Given | None:
        """The value of a key, or None."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


Given: TypeAlias = "Atom | Items | Fields"


def plain(given: Given) -> Plain:
    """The data without places."""
    match given:
        case Atom():
            return given.value
        case Items():
            return [plain(item) for item in given.items]
        case Fields():
            return plain_fields(given)


def plain_fields(fields: Fields) -> dict[str, Plain]:
    """The data of a mapping, without places."""
    return {entry.key: plain(entry.value) for entry in fields.entries}


def walk(given: Given, depth: int = 0) -> Iterator[tuple[Atom | Items | Fields | Entry, int]]:
    """All values and entries with their depth, from the outside in; an entry comes before its value."""
    yield given, depth
    match given:
        case Items():
            for item in given.items:
                yield from walk(item, depth + 1)
        case Fields():
            for entry in given.entries:
                yield entry, depth
                yield from walk(entry.value, depth + 1)
