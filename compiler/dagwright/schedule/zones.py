"""Time zones by their IANA names."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

from dagwright.diagnostics.suggest import suggest

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")
_NOT_EVERYWHERE = re.compile(r"(posix|right)/.*|localtime|posixrules|Factory|Local", re.IGNORECASE)
_ABBREVIATIONS = {
    "CEST": "Europe/Berlin", "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin", "BST": "Europe/London",
    "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago", "MDT": "America/Denver",
    "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo",
    "SGT": "Asia/Singapore", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "Z": "UTC", "LOCAL": "UTC",
}  # fmt: skip
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])0?([0-9]{1,2})(?::?00)?", re.IGNORECASE)


def find_zone(name: str) -> ZoneInfo | None:
    """The zone of that name, or None unless every engine knows the name."""
    if not _NAME.fullmatch(name) or _NOT_EVERYWHERE.fullmatch(name):
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def known() -> bool:
    """Whether this machine has a time zone database; without one, zones cannot be checked."""
    return bool(available_timezones())


def similar(name: str) -> str | None:
    """The zone that was probably meant."""
    if name.upper() in _ABBREVIATIONS:
        return _ABBREVIATIONS[name.upper()]
    if offset := _OFFSET.fullmatch(name):
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if int(offset[2]) <= 12 else None
    zones = sorted(z for z in available_timezones() if not _NOT_EVERYWHERE.fullmatch(z))
    plain = re.sub(r"[^a-z]", "", name.lower())
    cities = [z for z in zones if plain and plain in (_letters(z), _letters(z.rpartition("/")[2]))]
    return cities[0] if cities else suggest(name, zones, {})


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())
