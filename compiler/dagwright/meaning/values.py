"""Values: texts and types, canonical texts, and the operations of expressions.

A string is a str, an integer an int within 64 bits, a number a float, a boolean a bool, a list a list. JSON is the
result of `json.loads`, except that its numbers are `Number`s, which keep their texts. A function depends only on the
functions that it calls, so a generated file can contain only the ones that it uses.
"""

import json
import math
import re
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, List, Sequence
from zoneinfo import ZoneInfo


class EvaluationError(Exception):
    """Raised when an expression has no value; the message gives the reason, in the author's words."""


class Absent(EvaluationError):  # noqa: N818 - named for what it says of an output
    """Raised for an absent output: its producer did not succeed."""


class Number:
    """A number within JSON, as its text."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def default(read: Callable[[], Any], other: Callable[[], Any]) -> Any:
    """The value of `read()`, or of `other()` if the output is absent."""
    try:
        return read()
    except Absent:
        return other()


def quoted(text: str) -> str:
    """Text for a message: in quotes, shortened if it is long."""
    return json.dumps(text if len(text) <= 60 else text[:57] + "...")


# Texts to values


def parse_integer(text: str) -> int:
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", text, re.ASCII) is None:
        raise EvaluationError("%s is not an integer of 64 bits" % quoted(text))
    return in_range(int(text))


def parse_number(text: str) -> float:
    if re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", text, re.ASCII) is None:
        raise EvaluationError("%s is not a number" % quoted(text))
    return finite(float(text))


def parse_boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise EvaluationError("%s is neither true nor false" % quoted(text))
    return text == "true"


def parse_json(text: str) -> Any:
    """The value of a JSON text; the last of repeated keys counts; unpaired surrogates become U+FFFD."""
    try:
        value = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise EvaluationError("%s is not JSON" % quoted(text)) from None
    return whole_characters(value) if "\\u" in text else value


def refuse_constant(text: str) -> Any:
    raise EvaluationError("JSON has no %s" % text)


def whole_characters(value: Any) -> Any:
    """JSON with every unpaired surrogate replaced."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, list):
        return [whole_characters(item) for item in value]
    if isinstance(value, dict):
        return {whole_characters(key): whole_characters(item) for key, item in value.items()}
    return value


def parse(text: str, kind: str) -> Any:
    """The value of a text, for the name of its type."""
    if kind == "integer":
        return parse_integer(text)
    if kind == "number":
        return parse_number(text)
    if kind == "boolean":
        return parse_boolean(text)
    return parse_json(text) if kind == "json" else text


def spelled(text: str, kind: str) -> str:
    """The text of a value as written, checked against the name of its type."""
    parse(text, kind)
    return text


def spelled_integer(text: str) -> str:
    parse_integer(text)
    return text


def spelled_number(text: str) -> str:
    parse_number(text)
    return text


def spelled_boolean(text: str) -> str:
    parse_boolean(text)
    return text


def spelled_json(text: str) -> str:
    parse_json(text)
    return text


def number_text(text: str, value: Any) -> str:
    """The text of a number in a spec: as written, or canonical if only YAML has its form (`0x1F`)."""
    try:
        return spelled_number(text)
    except EvaluationError:
        return canonical_json(value)


def exact(number: Number) -> Any:
    """The value of a number within JSON: an integer if it is written as one, else a double.

    A whole double within 64 bits equals an integer, so the value is that integer.
    """
    if "." not in number.text and "e" not in number.text.lower():
        return parse_integer(number.text)
    value = parse_number(number.text)
    return int(value) if value.is_integer() and -(2.0**63) <= value < 2.0**63 else value


def trace_value(text: str, kind: str) -> Any:
    """The value of a text for the trace: as JSON, whole doubles as integers, or `{"invalid": text}`."""
    try:
        return plain_numbers(parse(text, kind))
    except EvaluationError:
        return {"invalid": text}


def plain_numbers(value: Any) -> Any:
    if isinstance(value, Number):
        whole = len(value.text) <= 40 and value.text.lstrip("-").isdigit()
        return int(value.text) if whole else plain_numbers(parse_number(value.text))
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [plain_numbers(item) for item in value]
    if isinstance(value, dict):
        return {key: plain_numbers(item) for key, item in value.items()}
    return value


# Values to texts


def canonical(value: Any) -> str:
    """The text of a value: a string unchanged, other values as canonical JSON."""
    return value if isinstance(value, str) else canonical_json(value)


def canonical_json(value: Any) -> str:
    """JSON by RFC 8785: sorted keys, no spaces, shortest numbers; but integers in full, numbers of JSON as written."""
    if value is None:
        return "null"
    if isinstance(value, Number):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return format_number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ",".join([canonical_json(item) for item in value]) + "]"
    keys = sorted(value, key=utf_16)
    return "{" + ",".join([canonical_json(key) + ":" + canonical_json(value[key]) for key in keys]) + "}"


def utf_16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def format_number(value: float) -> str:
    """A double in ECMAScript's format: `2`, `0.1`, `1e+21`, `1e-7`."""
    if value == 0:
        return "0"
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    significant = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or "0") - (len(whole + fraction) - len(significant))
    digits = significant.rstrip("0")
    sign = "-" if value < 0 else ""
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    head = digits if len(digits) == 1 else digits[0] + "." + digits[1:]
    return "%s%se%+d" % (sign, head, point - 1)


def list_text(texts: Sequence[str], kind: str) -> str:
    """The text of a fan-out's list: strings as JSON strings, other values as written."""
    return "[" + ",".join([canonical_json(text) if kind == "string" else text for text in texts]) + "]"


# Arithmetic: 64-bit integers and finite doubles


def in_range(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise EvaluationError("the integer %d does not fit into 64 bits" % value)
    return value


def finite(value: float) -> float:
    if not math.isfinite(value):
        raise EvaluationError("a number is too large for a double")
    return value


def checked(value: Any) -> Any:
    return in_range(value) if isinstance(value, int) else finite(value)


def add(left: Any, right: Any) -> Any:
    return checked(left + right)


def subtract(left: Any, right: Any) -> Any:
    return checked(left - right)


def multiply(left: Any, right: Any) -> Any:
    return checked(left * right)


def negate(value: Any) -> Any:
    return checked(-value)


def divide(left: float, right: float) -> float:
    if right == 0:
        raise EvaluationError("division by zero")
    return finite(left / right)


def modulo(left: int, right: int) -> int:
    """The remainder with the sign of the dividend: `-7 % 3` is -1."""
    if right == 0:
        raise EvaluationError("division by zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


# Comparing, searching, indexing


def equal(left: Any, right: Any) -> bool:
    """Whether two values are the same: JSON numbers by value, and `true` is not 1."""
    return canonical_json(normal(left)) == canonical_json(normal(right))


def normal(value: Any) -> Any:
    """The value with JSON numbers replaced by their values."""
    if isinstance(value, Number):
        return exact(value)
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return value


def contains(container: Any, item: Any) -> bool:
    """Whether a text, list or JSON object contains a text, item or key."""
    if isinstance(container, list):
        return canonical_json(normal(item)) in [canonical_json(element) for element in normal(container)]
    if isinstance(container, (str, dict)) and isinstance(item, str):
        return item in container
    raise EvaluationError("%s cannot hold %s" % (describe(container), describe(item)))


def index(container: Any, key: Any) -> Any:
    """An item of a list, from 0, or the value of a key of a JSON object."""
    if isinstance(container, dict) and isinstance(key, str):
        if key not in container:
            raise EvaluationError("the JSON object has no key %s" % quoted(key))
        return container[key]
    if isinstance(container, list) and not isinstance(key, str):
        if not 0 <= key < len(container):
            raise EvaluationError("the list has no index %d: it holds %d items" % (key, len(container)))
        return container[key]
    raise EvaluationError("%s has no item %s" % (describe(container), canonical_json(key)))


def length(value: Any) -> int:
    if isinstance(value, (str, list, dict)):
        return len(value)
    raise EvaluationError("%s has no length" % describe(value))


def minimum(values: List[Any]) -> Any:
    if not values:
        raise EvaluationError("an empty list has no minimum")
    return min(values)


def maximum(values: List[Any]) -> Any:
    if not values:
        raise EvaluationError("an empty list has no maximum")
    return max(values)


def describe(value: Any) -> str:
    """A description of a value for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float, Number)):
        return "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a JSON object"


def lower(text: str) -> str:
    return re.sub("[A-Z]+", lambda found: found[0].lower(), text)


def upper(text: str) -> str:
    return re.sub("[a-z]+", lambda found: found[0].upper(), text)


def trim(text: str) -> str:
    return text.strip(" \t\r\n")


def replace_all(text: str, old: str, new: str) -> str:
    """The text with each `old` replaced, from the left."""
    if not old:
        raise EvaluationError("an empty text cannot be replaced")
    return text.replace(old, new)


def split(text: str, separator: str) -> List[str]:
    """The parts of a text between separators; an empty text has one empty part."""
    if not separator:
        raise EvaluationError("a text cannot be split at an empty separator")
    return text.split(separator)


def join(texts: List[str], separator: str) -> str:
    return separator.join(texts)


def slug(text: str) -> str:
    """At most 50 ASCII letters in lower case, digits and single `-` inside: `Berlin (DE)` becomes `berlin-de`."""
    return re.sub("[^a-z0-9]+", "-", lower(text)).strip("-")[:50].rstrip("-")


def keys(value: Any) -> List[str]:
    """The keys of a JSON object, sorted by code point."""
    if not isinstance(value, dict):
        raise EvaluationError("%s has no keys" % describe(value))
    return sorted(value)


def total(values: List[Any]) -> Any:
    """The sum of a list, added from the left; 0 for an empty list."""
    result: Any = 0
    for value in values:
        result = add(result, value)
    return result


# Casts


def to_integer(value: Any) -> int:
    if isinstance(value, str):
        return parse_integer(value)
    if isinstance(value, Number):
        value = exact(value)
    if isinstance(value, float) and value.is_integer():
        return in_range(int(value))
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    shown = format_number(value) if isinstance(value, float) else describe(value)
    raise EvaluationError("%s is not an integer" % shown)


def to_number(value: Any) -> float:
    if isinstance(value, str):
        return parse_number(value)
    if isinstance(value, Number):
        return parse_number(value.text)
    if isinstance(value, float):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        if int(float(value)) != value:
            raise EvaluationError("the integer %d cannot become a number: no double is exactly that" % value)
        return float(value)
    raise EvaluationError("%s is not a number" % describe(value))


def to_boolean(value: Any) -> bool:
    if isinstance(value, str):
        return parse_boolean(value)
    if isinstance(value, bool):
        return value
    raise EvaluationError("%s is neither true nor false" % describe(value))


def to_json_value(value: Any) -> Any:
    """JSON parsed by Airflow as a value: integers in full, other numbers as doubles in canonical form."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Number(canonical_json(value))
    if isinstance(value, list):
        return [to_json_value(item) for item in value]
    if isinstance(value, dict):
        return {key: to_json_value(item) for key, item in value.items()}
    return value


# Dates


def format_date(moment: str, pattern: str, zone: str = "UTC") -> str:
    """An RFC 3339 instant in a time zone, in a pattern of YYYY MM DD HH mm ss with punctuation between them."""
    return apply_date_pattern(parse_instant(moment).astimezone(find_zone(zone)), pattern)


def parse_instant(text: str) -> datetime:
    shape = r"([12]\d{3}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))"
    found = re.fullmatch(shape, text, re.ASCII)
    if found is None:
        raise EvaluationError("%s is not an instant such as 2026-01-31T04:30:00Z" % quoted(text))
    day, time, sign, hours, minutes = found.groups()
    try:
        moment = datetime.strptime(day + time, "%Y-%m-%d%H:%M:%S").replace(tzinfo=timezone.utc)
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        return moment + offset if sign == "-" else moment - offset
    except (ValueError, OverflowError):
        raise EvaluationError("%s is not an instant of the calendar" % quoted(text)) from None


def find_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise EvaluationError("%s is not a time zone such as Europe/Berlin" % quoted(name)) from None


def apply_date_pattern(moment: datetime, pattern: str) -> str:
    parts: Dict[str, str] = {
        "YYYY": "%04d" % moment.year,
        "MM": "%02d" % moment.month,
        "DD": "%02d" % moment.day,
        "HH": "%02d" % moment.hour,
        "mm": "%02d" % moment.minute,
        "ss": "%02d" % moment.second,
    }
    rest = re.sub("YYYY|MM|DD|HH|mm|ss", "", pattern)
    if re.search("[A-Za-z]", rest):
        raise EvaluationError("%s holds letters besides YYYY MM DD HH mm ss" % quoted(pattern))
    return re.sub("YYYY|MM|DD|HH|mm|ss", lambda found: parts[found[0]], pattern)
