"""`targets:`, `schedule:` and `params:`: the parts of a spec without expressions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from dagwright.diagnostics.model import Report
from dagwright.ir.expr import Const
from dagwright.ir.model import Overlap, Param, Schedule
from dagwright.ir.targets import Targets
from dagwright.ir.types import NOT_GIVEN, Type
from dagwright.lower.bounds import report_contradictions
from dagwright.lower.names import child, entries, items, number, text
from dagwright.lower.scalars import constant
from dagwright.meaning.bounds import broken_bound
from dagwright.source.tree import Mapping, Node, Scalar

# The reader of a target's settings: its name, and a node that is valid.
TargetReader = Callable[[str, Node, Report], object]


def lower_targets(node: Node | None, read: TargetReader, report: Report) -> Targets:
    """The `targets:` block; `read` reads the settings of each target."""
    return Targets(tuple((key.text, read(key.text, value, report)) for key, value in entries(node)))


_YEARS = range(1970, 3000)  # allowed years of a start; all engines support them


def lower_schedule(node: Node | None, report: Report) -> Schedule | None:
    """The `schedule:` block; `passes.check_schedule` checks the cron expression and the zone."""
    if not isinstance(node, Mapping):
        return None
    start = child(node, "start")
    catchup = child(node, "catchup")
    timezone = text(child(node, "timezone"), "UTC")
    return Schedule(
        cron=text(child(node, "cron")),
        timezone=timezone,
        overlap=Overlap(text(child(node, "overlap"), "forbid")),
        start=_instant(start, timezone, report) if start is not None else None,
        catchup=isinstance(catchup, Scalar) and catchup.value is True,
        origin=node.span,
        origins=tuple((key, value.span) for key, value in node.values.items()),
    )


def _instant(node: Node, timezone: str, report: Report) -> datetime | None:
    """The instant of a text in UTC; a date alone is its midnight in the zone of the schedule."""
    try:
        value = datetime.fromisoformat(text(node))
        if value.tzinfo is None:
            from dagwright.schedule.zones import find_zone

            value = value.replace(tzinfo=find_zone(timezone) or UTC)  # a pass reports an unknown zone
        instant = value.astimezone(UTC)
    except (ValueError, OverflowError):
        report.error(
            "E255",
            "`schedule.start` is not a date or an RFC 3339 time",
            node.span,
            label="cannot be read",
            help="write `2026-01-31` or `2026-01-31T06:00:00Z`",
        )
        return None
    if instant.year not in _YEARS:
        report.error(
            "E255",
            f"`schedule.start` is in the year {instant.year}",
            node.span,
            label=f"not between {_YEARS[0]} and {_YEARS[-1]}",
            help="write `2026-01-31` or `2026-01-31T06:00:00Z`",
        )
        return None
    return instant


def lower_params(node: Node | None, report: Report) -> tuple[Param, ...]:
    """The `params:` block, with defaults and bounds of the declared type."""
    return tuple(_param(key, value, report) for key, value in entries(node))


def _param(key: Scalar, node: Node, report: Report) -> Param:
    if isinstance(node, Scalar):  # the short form: `n: integer`
        return Param(key.text, Type(node.text), origin=key.span)
    assert isinstance(node, Mapping)
    return lower_declaration(key, node, Type(text(child(node, "type"))), "param", report)


def lower_declaration(
    key: Scalar, node: Mapping, kind: Type, noun: str, report: Report, *, spelt: bool = False
) -> Param:
    """A declared param or var (`noun`) of a type, with its default and bounds; `spelt` keeps the default as written."""
    name = key.text
    declared = node.values.get("default")
    given = declared if kind is Type.JSON else child(node, "default")
    what = f"the default of `{name}`"
    default = None if given is None else constant(given, kind, report, what=what, spelt=spelt)
    if declared is not None and given is None:
        report.error(
            "E250",
            f"the default of `{name}` must not be null",
            declared.span,
            label="this is null",
            help=f'write `default: {NOT_GIVEN[kind]}` for "not given", or remove `default` to make the {noun} required',
        )
    allowed = [constant(item, kind, report, what=f"a value of `{name}`") for item in items(child(node, "enum"))]
    param = Param(
        name,
        kind,
        default=default,
        minimum=_bound(child(node, "minimum"), kind, "minimum", noun, report),
        maximum=_bound(child(node, "maximum"), kind, "maximum", noun, report),
        min_length=_length(child(node, "min_length"), kind, "min_length", noun, report),
        max_length=_length(child(node, "max_length"), kind, "max_length", noun, report),
        enum=tuple(value for value in allowed if value is not None),
        description=text(child(node, "description")),
        origin=key.span,
    )
    if not report_contradictions(node, param, report) and default is not None:
        check_bounds(param, default, noun, report)
    return param


def _bound(node: Node | None, kind: Type, key: str, noun: str, report: Report) -> int | float | None:
    if node is None:
        return None
    if kind not in (Type.INTEGER, Type.NUMBER):
        report.error(
            "E256",
            f"`{key}` is for numbers, and this {noun} is of type {kind.value}",
            node.span,
            help=f"remove `{key}`",
        )
        return None
    value = constant(node, kind, report, what=f"`{key}`")
    return None if value is None else value.value  # type: ignore[return-value]


def _length(node: Node | None, kind: Type, key: str, noun: str, report: Report) -> int | None:
    if node is not None and kind is not Type.STRING:
        report.error(
            "E256",
            f"`{key}` is for strings, and this {noun} is of type {kind.value}",
            node.span,
            help=f"remove `{key}`",
        )
        return None
    return number(node)


def bounds_of(param: Param) -> dict[str, object]:
    """The bounds of a param or var, as `broken_bound` takes them."""
    return {
        "type": param.type.value,
        "minimum": param.minimum,
        "maximum": param.maximum,
        "min_length": param.min_length,
        "max_length": param.max_length,
        "enum": [allowed.text for allowed in param.enum],
    }


def check_bounds(param: Param, value: Const, noun: str, report: Report) -> None:
    """Report an E257 if a default is outside its own bounds."""
    broken = broken_bound(bounds_of(param), value.value)
    if broken:
        report.error(
            "E257",
            f"the default of `{param.name}` {broken}",
            value.origin,
            label=f"breaks a bound of its own {noun}",
            help="change the default or the bound",
        )
