"""Corrected spellings of names, durations, quantities and values: the text probably meant."""

from __future__ import annotations

import json
import re
import shlex

_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
    "d": 86400, "day": 86400, "days": 86400, "w": 604800, "week": 604800, "weeks": 604800,
}  # fmt: skip
_AMOUNT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*([a-z]+)[\s,]*")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5]?[0-9]):([0-5]?[0-9])")


def duration(text: str) -> str | None:
    """`10 minutes`, `1.5h`, `PT10M`, `00:10:00` and `90` (seconds) as a duration of the language, or None."""
    text = text.strip().lower()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = map(int, clock.groups())
        return _spell(hours * 3600 + minutes * 60 + seconds)
    if re.fullmatch(r"[0-9]{1,9}", text):
        return _spell(int(text))
    text = text.removeprefix("p").replace("t", "", 1) if text.startswith("p") else text.replace(" and ", " ")
    total, at = 0.0, 0
    while at < len(text):
        amount = _AMOUNT.match(text, at)
        if amount is None or amount[2] not in _UNITS:
            return None
        total, at = total + float(amount[1]) * _UNITS[amount[2]], amount.end()
    return _spell(int(total)) if text and total == int(total) else None


def _spell(seconds: int) -> str:
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([kmgtp]?)(i?)(?:b|bytes?)?", re.IGNORECASE)


def quantity(text: str) -> str | None:
    """`4GB`, `4 gi` or `512mb` as an amount of memory with a Kubernetes unit, or None."""
    found = _QUANTITY.fullmatch(text.strip())
    if found is None or not found[2]:
        return None
    unit = found[2].upper() + "i" if found[3] else found[2].upper()
    return found[1] + ("k" if unit == "K" else unit)


def _words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", spaced)]


def snake_case(text: str) -> str | None:
    """A name in snake case similar to the text, or None."""
    name = "_".join(_words(text)).lstrip("0123456789_")[:60].rstrip("_")
    return name or None


def kebab_case(text: str) -> str | None:
    """A pipeline name similar to the text, or None."""
    name = "-".join(_words(text)).lstrip("0123456789-")[:52].rstrip("-")
    return name or None


def variable(text: str) -> str | None:
    """A name of an environment variable similar to the text, or None."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).lstrip("0123456789")
    name = re.sub(r"^(DW|ARGO|KUBERNETES|AIRFLOW)_", "MY_", name)
    return name or None


def rooted(text: str) -> str | None:
    """A path as an absolute one."""
    return None if text.startswith("/") or "://" in text else f"/{text.removeprefix('./')}"


def unrooted(text: str) -> str | None:
    """A path as a relative one."""
    return text.strip("/") or "."


def boolean(text: str) -> str | None:
    """`yes`, `on` or a quoted `true` as a YAML boolean, or None."""
    word = text.strip().lower()
    return (
        "true"
        if word in ("yes", "on", "true", "y", "1")
        else "false"
        if word in ("no", "off", "false", "n", "0")
        else None
    )


_SHELL = re.compile(r"[|&;<>$*?`~(){}\n]|\bcd\b")


def command(text: str) -> str:
    """A command line as `command: [...]`, or as `script:` if it needs a shell: a line that can be pasted."""
    line = text.strip()
    if not _SHELL.search(line.replace("${{", "")) or ("${{" in line and not re.search(r"[|&;<>\n]", line)):
        try:
            words = _keep_references(line)
        except ValueError:
            words = []
        if words:
            return f"command: {flow(words)}"
    first = line.splitlines()[0] if line else ""
    return f"script: {flow(first)}" if "\n" not in line else f"script: |\n  {first}"


def _keep_references(line: str) -> list[str]:
    """The words of a command line; a reference is always one word."""
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return f"\x00{len(held) - 1}\x00"

    masked = re.sub(r"\$\{\{.*?\}\}", hold, line)
    return [re.sub(r"\x00([0-9]+)\x00", lambda m: held[int(m[1])], word) for word in shlex.split(masked)]


_PLAIN = re.compile(r"[A-Za-z_./-][A-Za-z0-9_./@=-]*(:[A-Za-z0-9_./@=-]+)*|([0-9]+([dhmsk]|[KMGTP]i?))+")
_NOT_TEXT = re.compile(r"(null|true|false|~|yes|no|on|off|-|-?\.[0-9].*|\.(inf|nan)|---|\.\.\.)", re.IGNORECASE)


def flow(value: object) -> str:
    """A JSON value on one line of YAML."""
    match value:
        case dict():
            return "{" + ", ".join(f"{flow(key)}: {flow(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(flow, value)) + "]"
        case str() if _PLAIN.fullmatch(value) and not _NOT_TEXT.fullmatch(value):
            return value
    return json.dumps(value, ensure_ascii=False)
