"""Random pipelines whose tasks record the values that they read, for comparing engines with each other.

A pipeline is drawn as a tuple of `Draft`s, which can be shrunk step by step, and rendered as a spec. JSON is
YAML, so the spec is written as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

RULES = ("all_success", "all_success", "none_failed", "none_failed_min_one_success", "any_failed", "all_done")
FAN_OUTS = ("", "", "", "", "matrix", "literal", "list", "values")
WHENS = ("", "", "", "", "no", "yes", "status", "value", "fails")
ALWAYS = 9  # more attempts than any task has
TEXTS = ("plain", "two words", "{{x}} $(y) $$", "é😀 \"q\" 'r' \\n", "", " <&> {% z %} ")


@dataclass(frozen=True, slots=True)
class Draft:
    """A task. `needs` are positions of earlier tasks; `fails` is the number of attempts, or of instances, that fail."""

    needs: tuple[int, ...] = ()
    rule: str = "all_success"
    when: str = ""
    fan_out: str = ""
    max_parallel: int = 0
    retry: int = 0
    fails: int = 0
    has_default: bool = False  # its outputs have defaults
    missing: bool = False  # writes no output
    text: str = "plain"
    file: bool = False
    last: bool = False  # is in `finally`


Drafts = tuple[Draft, ...]


@st.composite
def drafts(draw: st.DrawFn, most: int = 7) -> Drafts:
    """The tasks of a pipeline: each needs only earlier ones, on its own side of `finally`."""
    count = draw(st.integers(2, most))
    ends = draw(st.sampled_from((0, 0, 1, 2)))
    found: list[Draft] = []
    for at in range(count):
        last = at > 0 and at >= count - ends
        earlier = [i for i, other in enumerate(found) if other.last == last]
        needs = tuple(sorted(draw(st.sets(st.sampled_from(earlier), max_size=3)))) if earlier else ()
        retry = draw(st.sampled_from((0, 0, 0, 1, 2)))
        found.append(
            Draft(
                needs=needs,
                rule=draw(st.sampled_from(RULES)) if needs else "all_success",
                when=draw(st.sampled_from(WHENS if needs else ("", "", "", "no", "yes", "fails"))),
                fan_out=draw(st.sampled_from(FAN_OUTS if needs else ("", "", "", "matrix", "literal"))),
                max_parallel=draw(st.sampled_from((0, 0, 0, 1, 2))),
                retry=retry,
                fails=draw(st.sampled_from((0, 0, 0, 0, 1, ALWAYS))),
                has_default=draw(st.booleans()),
                missing=draw(st.sampled_from((False,) * 7 + (True,))),
                text=draw(st.sampled_from(TEXTS)),
                file=draw(st.booleans()),
                last=last,
            )
        )
    return tuple(found)


@cache
def generate(count: int, most: int = 7) -> list[Drafts]:
    """The first pipelines of the strategy, always the same ones."""
    found: list[Drafts] = []

    @settings(
        max_examples=count * 3,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(drafts(most))
    def collect(drawn: Drafts) -> None:
        if drawn not in found:
            found.append(drawn)

    collect()
    return found[:count]


def render(tasks: Sequence[Draft], name: str) -> str:
    """The spec of a pipeline."""
    ordinary = {f"t{at}": _task(tasks, at) for at, draft in enumerate(tasks) if not draft.last}
    last = {f"t{at}": _task(tasks, at) for at, draft in enumerate(tasks) if draft.last}
    spec = {
        "apiVersion": "dagwright/v1",
        "name": name,
        "params": {
            "zero": {"type": "integer", "default": 0},
            "no": {"type": "boolean", "default": False},
            "list": {"type": "json", "default": ["a b", 2, {"k": "{{v}}"}]},
        },
        "tasks": ordinary,
        **({"finally": last} if last else {}),
        "targets": {"local": {}, "airflow": {}, "argo": {"image": "busybox"}},
    }
    return json.dumps(spec, indent=1, ensure_ascii=False) + "\n"


def _task(tasks: Sequence[Draft], at: int) -> dict[str, Any]:
    draft = tasks[at]
    fan_out, item = _fan_out(tasks, draft)
    env = {"SEEN": " ".join(_reads(tasks, draft)), "TEXT": draft.text}
    if item:
        env["ITEM"] = item
    files = [f"${{{{ tasks.t{need}.outputs.f }}}}" for need in draft.needs if _reads_file(tasks[need], draft)]
    env |= {f"FILE{number}": path for number, path in enumerate(files)}
    default = {"default": -1} if draft.has_default and not fan_out else {}
    found: dict[str, Any] = {
        "script": _script(draft, bool(fan_out), bool(item), len(files)),
        "env": env,
        "outputs": {"n": {"type": "integer", **default}, "seen": "string"} | ({"f": "file"} if draft.file else {}),
        **fan_out,
    }
    if draft.needs:
        found["needs"] = [f"t{need}" for need in draft.needs]
    if draft.rule != "all_success":
        found["trigger_rule"] = draft.rule
    if draft.when:
        found["when"] = _when(tasks, draft)
    if draft.retry:
        found["retry"] = draft.retry
    if fan_out and draft.max_parallel:
        found["max_parallel"] = draft.max_parallel
    return found


def _script(draft: Draft, fan_out: bool, item: bool, files: int) -> str:
    lines = []
    if not draft.missing:
        lines.append('echo "$((${DW_INDEX:-0} + ' + str(len(draft.needs)) + '))" > "$DW_OUT/n"')
    if draft.file:
        lines.append('echo "$DW_TASK$DW_INDEX" > "$DW_OUT/f"')
    shown = '"$DW_TASK,$DW_INDEX,$DW_ATTEMPT" "$SEEN" "$TEXT"' + (' "$ITEM"' if item else "")
    lines.append(f'printf "%s|" {shown} > "$DW_OUT/seen"')
    lines += [f'cat "$FILE{number}" >> "$DW_OUT/seen"' for number in range(files)]
    if draft.fails and fan_out and draft.fails != ALWAYS:
        lines.append('test "$DW_INDEX" != 1')
    elif draft.fails:
        lines.append(f'test "$DW_ATTEMPT" -gt {draft.fails}')
    return "\n".join(lines) + "\n"


def _reads_file(other: Draft, reader: Draft) -> bool:
    """Whether a reader may read the file of another task: it must exist, and be a single file."""
    return other.file and reader.rule == "all_success" and not other.fan_out


def _reads(tasks: Sequence[Draft], draft: Draft) -> Iterator[str]:
    """The values that a task records about its needs: their states, and the outputs that may be read."""
    for need in draft.needs:
        yield f"${{{{ tasks.t{need}.status }}}}"
        value = _value(tasks, draft, need)
        if value:
            yield f"${{{{ {value} }}}}"
    if draft.last:
        yield "${{ run.status }}"


def _value(tasks: Sequence[Draft], draft: Draft, need: int) -> str:
    """An expression for the number from a need, with default() if it may be absent."""
    other, ref = tasks[need], f"tasks.t{need}.outputs.n"
    fan_out = bool(_fan_out(tasks, other)[0])
    if draft.rule == "all_success" or (other.has_default and not fan_out):
        return ref
    if draft.rule in ("all_done", "any_failed"):
        return f"default({ref}, {'[7]' if fan_out else '7'})"
    return ""


def _when(tasks: Sequence[Draft], draft: Draft) -> str:
    need = draft.needs[0] if draft.needs else None
    value = "" if need is None else _value(tasks, draft, need)
    if draft.when == "value" and value and need is not None:
        return f"len({value}) > 1" if _fan_out(tasks, tasks[need])[0] else f"{value} >= 1"
    if draft.when in ("status", "value") and need is not None:
        return f"tasks.t{need}.status in ['succeeded', 'upstream_failed']"
    return {"no": "params.no", "fails": "1 % params.zero == 0"}.get(draft.when, "not params.no")


def _fan_out(tasks: Sequence[Draft], draft: Draft) -> tuple[dict[str, Any], str]:
    """The keys of a fan-out, and the recorded value of an instance."""
    match draft.fan_out:
        case "matrix":
            return {"matrix": {"m": ["x", "{{y}}"], "k": [1]}}, "${{ matrix.m }}${{ matrix.k + 1 }}"
        case "literal":
            return {"foreach": ["p", "q r"]}, "${{ item }}"
        case "list":
            return {"foreach": "params.list"}, "${{ item }}"
        case "values":
            for need in draft.needs:
                if tasks[need].fan_out and _fan_out(tasks, tasks[need])[0] and draft.rule == "all_success":
                    return {"foreach": f"tasks.t{need}.outputs.n"}, "${{ item * 2 }}"
    return {}, ""


def smaller(tasks: Drafts) -> Iterator[Drafts]:
    """Pipelines that are one step smaller: with one task less, or one setting reset to its default."""
    for at in reversed(range(len(tasks))):
        if len(tasks) > 1 and any(not other.last for i, other in enumerate(tasks) if i != at):
            yield tuple(_without(other, at) for i, other in enumerate(tasks) if i != at)
    plain = Draft()
    for at, draft in enumerate(tasks):
        for key in ("when", "fan_out", "max_parallel", "retry", "fails", "missing", "text", "file", "has_default"):
            if getattr(draft, key) != getattr(plain, key):
                yield (*tasks[:at], replace(draft, **{key: getattr(plain, key)}), *tasks[at + 1 :])
        for need in draft.needs:
            fewer = tuple(other for other in draft.needs if other != need)
            rule = draft.rule if fewer else "all_success"
            yield (*tasks[:at], replace(draft, needs=fewer, rule=rule), *tasks[at + 1 :])


def _without(draft: Draft, gone: int) -> Draft:
    needs = tuple(need - (need > gone) for need in draft.needs if need != gone)
    return replace(draft, needs=needs, rule=draft.rule if needs else "all_success")
