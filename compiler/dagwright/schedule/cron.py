"""Cron expressions: the part of the five-field syntax that Airflow's and Argo's parsers read alike.

Numbers, `*`, ranges, lists, steps of `*` or of a range, and three-letter names of months and weekdays. A form that
one of the parsers refuses or reads differently is an error; the help gives the spelling that both read alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from dagwright.diagnostics.echo import echoed
from dagwright.diagnostics.limits import limit

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONGEST = 16  # characters of a word that is echoed
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, slots=True)
class Field:
    """One of the five fields: its name, its bounds, and names for its numbers (the first is the name of `low`)."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    @property
    def bounds(self) -> str:
        return f"{self.low}-{self.high}"


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day of the month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day of the week", 0, 6, WEEKDAYS),
)
MONTHLY, WEEKLY = FIELDS[2], FIELDS[4]
IN_ORDER = "the fields are: minute, hour, day of the month, month, day of the week"
PRESETS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


_EVERY = re.compile(r"(?:every\s+)?(?P<count>[0-9]{1,2})?\s*(?P<unit>m|h|d)(?:in|r|our|inute|ay)?s?")
_IN_UNITS = {"m": (60, "*/{} * * * *", "* * * * *"), "h": (24, "0 */{} * * *", "0 * * * *"), "d": (1, "", "0 0 * * *")}


def in_fields(text: str) -> str | None:
    """The expression for a word (`@daily`, `daily`) or a period (`1h`, `every 10 minutes`), or None."""
    word = text.strip().lower()
    if preset := PRESETS.get(word if word.startswith("@") else "@" + word):
        return preset
    period = _EVERY.fullmatch(word)
    if period is None or not (period["count"] or word.startswith("every")):
        return None
    whole, several, each = _IN_UNITS[period["unit"]]
    count = int(period["count"] or 1)
    return each if count == 1 else several.format(count) if 1 < count < whole and whole % count == 0 else None


@dataclass(frozen=True, slots=True)
class Cron:
    """A parsed expression: the numbers of each field, and whether each day field is `*`.

    If neither day field is `*`, a day matches if one of the two fields matches.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    every_day: bool
    every_weekday: bool

    @property
    def every_hour(self) -> bool:
        return len(self.hours) == 24

    def on(self, day: date) -> bool:
        """Whether the schedule ticks on a day."""
        if day.month not in self.months:
            return False
        monthly, weekly = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (monthly and weekly) if self.every_day or self.every_weekday else (monthly or weekly)

    @property
    def possible(self) -> bool:
        """Whether the schedule ever ticks: some year has a matching day."""
        if not self.every_weekday and not self.every_day:
            return True
        longest = max(29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31 for month in self.months)
        return min(self.days) <= longest


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the part `text[start:end]` of an expression."""

    code: str
    start: int
    end: int
    message: str
    label: str
    help: str
    instead: str | None = None  # the text that `help` asks to write in the place of the part


def parse_cron(text: str) -> Cron | list[Problem]:
    """The parsed expression, or all its errors."""
    parts = [(found.start(), found.end()) for found in re.finditer(r"[^ \t]+", text)]
    if len(parts) != len(FIELDS):
        return [_wrong_count(text, len(parts))]
    problems: list[Problem] = []
    numbers = []
    for field, (start, end) in zip(FIELDS, parts, strict=True):
        reader = _FieldReader(field, text, start, end, problems)
        numbers.append(reader.numbers())
    if problems:
        return problems
    minutes, hours, days, months, weekdays = numbers
    stars = [text[start:end] == "*" for start, end in parts]
    cron = Cron(
        tuple(sorted(minutes)), tuple(sorted(hours)), frozenset(days), frozenset(months), frozenset(weekdays),
        every_day=stars[2], every_weekday=stars[4],
    )  # fmt: skip
    if not cron.possible:
        start, end = parts[2][0], parts[3][1]
        return [Problem("E705", start, end, "no month of this schedule has this day, so it would never run",
                        "no such day", "choose a day that the month has; for the last days write `28-31`")]  # fmt: skip
    return cron


def _wrong_count(text: str, count: int) -> Problem:
    stripped = text.strip()
    instead = in_fields(stripped)
    if instead is not None:
        help_ = f'write `cron: "{instead}"`'
    elif stripped.startswith("@"):
        help_ = limit("start-without-a-schedule")
    elif stripped.upper().startswith(("TZ=", "CRON_TZ=")):
        zone, _, rest = stripped.partition("=")[2].partition(" ")
        help_ = f'write `cron: "{rest.strip()[:40]}"` and `timezone: {zone[:40]}`'
    elif count in (6, 7):
        help_ = "seconds and years are not possible; " + IN_ORDER
    else:
        help_ = IN_ORDER
    return Problem("E701", 0, len(text), f"a cron expression has five fields, and this has {count}",
                   f"{count} field{'' if count == 1 else 's'}", help_, instead)  # fmt: skip


_ITEM = re.compile(r"(?P<low>\*|[A-Za-z0-9]+)(?:-(?P<high>[A-Za-z0-9]+))?(?:/(?P<step>[0-9]+))?")
_EXTRAS = (  # spellings that only some engines read
    (re.compile(r"L|[0-9]L|L-?[0-9]+", re.IGNORECASE), "`L` (the last) is not read by all engines"),
    (re.compile(r"LW|[0-9]+W|W[0-9]+", re.IGNORECASE), "`W` (the nearest working day) is not read by all engines"),
    (re.compile(r".*#.*"), "`#` (the n-th weekday) is not read by all engines"),
    (re.compile(r"\?"), "`?` is not read by all engines"),
    (re.compile(r"[HR]([(/].*)?", re.IGNORECASE), "hashed and random times are not read by all engines"),
)


_UNNAMED = re.compile(r"L|[0-9]L|L-?[0-9]+|LW|[0-9]+W|W[0-9]+|.*#.*", re.IGNORECASE)  # days only some engines know


class _FieldReader:
    """A reader of one field: collects the numbers and the errors of its items."""

    def __init__(self, field: Field, text: str, start: int, end: int, problems: list[Problem]) -> None:
        self.field, self.text, self.start, self.end, self.problems = field, text, start, end, problems

    def numbers(self) -> set[int]:
        before = len(self.problems)
        found: set[int] = set()
        at = self.start
        items = self.text[self.start : self.end].split(",")
        for item in items:
            found |= self.item(item, at, alone=len(items) == 1)
            at += len(item) + 1
        whole = self.text[self.start : self.end]
        complete = len(found) == self.field.high - self.field.low + 1
        if len(self.problems) == before and complete and whole != "*" and self.field in (MONTHLY, WEEKLY):
            self.differs(whole, self.start, "*")
        return found

    def item(self, item: str, at: int, alone: bool) -> set[int]:
        match = _ITEM.fullmatch(item)
        if match is None:
            self.not_understood(item, at)
            return set()
        low_text, high_text, step_text = match["low"], match["high"], match["step"]
        step = int(step_text[:4]) if step_text else 1
        if low_text == "*":
            if high_text or (not alone and not step_text):
                self.not_understood(item, at)
                return set()
            low, high = self.field.low, self.field.high
        else:
            first = self.number(low_text, at)
            last = self.number(high_text, at + len(low_text) + 1) if high_text else first
            if first is None or last is None:
                return set()
            low, high = first, last
            if step_text and not high_text:
                self.differs(item, at, f"{low}-{self.field.high}/{step}" if low < self.field.high else str(low))
                return set()
            if high_text and low >= high:
                self.backwards(item, at, low, high)
                return set()
        if step_text and not self.step_fits(item, at, step, high - low):
            return set()
        return set(range(low, high + 1, step))

    def number(self, word: str, at: int) -> int | None:
        field = self.field
        if word.lower() in field.words:
            return field.words.index(word.lower()) + field.low
        if not word.isdigit():
            self.not_understood(word, at)
            return None
        value = int(word) if len(word) <= 4 else 10000
        if field.low <= value <= field.high:
            return value
        help_, instead = self.other(value)
        self.add("E702", at, word, f"{field.name} {echoed(word, _LONGEST)} of the schedule is not in {field.bounds}",
                 f"the {field.name} goes from {field.low} to {field.high}", help_, instead)  # fmt: skip
        return None

    def other(self, value: int) -> tuple[str, str | None]:
        """The help for a number out of range, and the number that was probably meant."""
        if (self.field.name, value) in (("hour", 24), ("minute", 60), ("day of the week", 7)):
            return "write `0`" + (" for Sunday" if value == 7 else ""), "0"
        if value == 0:
            return f"write `1`: the {self.field.name} is counted from 1", "1"
        parts = self.text.split()
        if self.field.name == "hour" and value <= 59 and parts[0].isdigit() and int(parts[0]) <= 23 and len(parts) == 5:
            return f"the minute comes first: `{' '.join([parts[1], parts[0], *parts[2:]])}`", None
        return IN_ORDER, None

    def step_fits(self, item: str, at: int, step: int, width: int) -> bool:
        if step == 1:
            self.differs(item, at, item.partition("/")[0])
        elif step == 0 or step > width:
            self.add("E702", at, item, f"the step of the {self.field.name} must be from 2 to {width}, not {step}",
                     "with this step only one value is left" if step else "a step of zero", IN_ORDER)  # fmt: skip
        else:
            return True
        return False

    def differs(self, item: str, at: int, instead: str) -> None:
        self.add("E704", at, item, f"engines read `{echoed(item, _LONGEST)}` for the {self.field.name} differently",
                 "engines disagree about this", f"write `{instead}`", instead)  # fmt: skip

    def backwards(self, item: str, at: int, low: int, high: int) -> None:
        if low == high:
            self.differs(item, at, str(low))
            return
        field = self.field
        instead = ",".join(
            str(a) if a == b else f"{a}-{b}" for a, b in ((low, field.high), (field.low, high)) if "/" not in item
        )
        self.add("E704", at, item, f"the range `{echoed(item, _LONGEST)}` for the {field.name} runs backwards",
                 "the second is less than the first",
                 f"write `{instead}`" if instead else "write two ranges", instead or None)  # fmt: skip

    def not_understood(self, item: str, at: int) -> None:
        label = next((words for form, words in _EXTRAS if form.fullmatch(item)), "not a number, range, list or step")
        field, instead = self.field, None
        if item[:3].lower() in field.words and item.isalpha():
            instead = item[:3].lower()
            help_ = f"write `{instead}`"
        elif item == "?":
            instead = "*"
            help_ = "write `*`"
        elif _UNNAMED.fullmatch(item):
            help_ = limit("days-that-cron-cannot-name")
        else:
            words = f", or a name such as `{field.words[1]}`" if field.words else ""
            help_ = f"write numbers from {field.low} to {field.high}, such as `{field.low}` or `{field.bounds}`{words}"
        self.add(
            "E703", at, item or ",", f"`{echoed(item, _LONGEST) or ','}` is not a {field.name} of a schedule", label,
            help_, instead,
        )  # fmt: skip

    def add(
        self, code: str, at: int, part: str, message: str, label: str, help_: str, instead: str | None = None
    ) -> None:
        end = min(max(at + len(part), at + 1), len(self.text))
        self.problems.append(Problem(code, min(at, end - 1), end, message, label, help_, instead))
