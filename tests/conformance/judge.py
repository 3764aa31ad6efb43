"""The judge of cases on an engine: compiles all cases, runs them in one batch, and compares the results."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Diagnostic, Report, Severity
from dagwright.ir.model import Pipeline

from .calls import counting
from .case import Case, Refusal, find_cases
from .compare import crowding, differences, disorder
from .engine import Engine, EngineWork, Job, Outcome, engine

AGREES = "agrees"
DIFFERS = "differs"
NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one case on one engine; `word` is its text on the scoreboard."""

    word: str
    details: tuple[str, ...] = ()

    @property
    def wrong(self) -> bool:
        return self.word == DIFFERS


@dataclass(frozen=True, slots=True)
class Compiled:
    """A case compiled for an engine: a pipeline without errors, or the errors."""

    pipeline: Pipeline | None
    errors: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class Verdicts(EngineWork):
    """The verdicts of an engine on cases of the suite, by name; empty if the engine is missing."""

    cases: tuple[str, ...]

    def __call__(self) -> dict[Path, Verdict]:
        if engine(self.name).missing():
            return {}
        return judge([case for case in find_cases() if case.name in self.cases], self.name)


def judge(cases: Sequence[Case], name: str) -> dict[Path, Verdict]:
    """The verdict of every case, by folder. The engine must be available, unless all cases expect a refusal."""
    judged = engine(name)
    found: dict[Path, Verdict] = {}
    jobs: dict[Path, Job] = {}
    for case in cases:
        verdict = without_running(case, judged, compiled := compile_case(case, judged))
        if verdict is not None:
            found[case.folder] = verdict
        else:
            assert compiled.pipeline is not None
            jobs[case.folder] = Job(compiled.pipeline, case.folder, case.params, case.secrets, case.then)
    by_folder = {case.folder: case for case in cases}
    with counting() as calls, tempfile.TemporaryDirectory(prefix="dagwright-conformance-") as scratch:
        counted = [
            replace(job, secrets={**job.secrets, **calls.secrets}) if by_folder[folder].calls is not None else job
            for folder, job in jobs.items()
        ]
        outcomes = judged.run(counted, Path(scratch)) if jobs else []
    for (folder, job), outcome in zip(jobs.items(), outcomes, strict=True):
        case = by_folder[folder]
        if judged.attempts_count_on:
            case = replace(case, then=tuple(replace(step, trace=without_attempts(step.trace)) for step in case.then))
        found[folder] = of_run(case, job.pipeline, outcome, calls.of(job.pipeline.name))
    return found


def without_attempts(trace: Any) -> Any:
    """A trace without its numbers of attempts, which differ after a retry."""
    if isinstance(trace, dict):
        return {key: without_attempts(value) for key, value in trace.items() if key != "attempts"}
    return [without_attempts(item) for item in trace] if isinstance(trace, list) else trace


def compile_case(case: Case, judged: Engine) -> Compiled:
    """Compile a case with the settings for the engine; a case that expects a refusal is compiled unchanged."""
    report = Report()
    pipeline = load(str(case.spec), Options(), report)
    if pipeline is not None:
        if case.refuse is None:
            pipeline = judged.place(pipeline)
        check_targets(pipeline, [judged.target], Options(), report)
    errors = tuple(found for found in report.diagnostics if found.severity is Severity.ERROR)
    return Compiled(None if errors else pipeline, errors)


def without_running(case: Case, judged: Engine, compiled: Compiled) -> Verdict | None:
    """The verdict if it needs no run, else None."""
    if case.refuse is not None:
        return of_refusal(case.refuse, judged.target, compiled.errors)
    if judged.target not in case.targets:
        return Verdict(f"refused {compiled.errors[0].code}" if compiled.errors else NOT_COMPARED)
    unsupported = [found for found in compiled.errors if found.code == "E601"]
    if unsupported and judged.title.endswith("2.11.2"):  # an older version without support in the table
        return Verdict(f"refused {unsupported[0].code}")
    if compiled.errors:
        return Verdict(DIFFERS, tuple(f"refused: {describe(found)}" for found in compiled.errors))
    return None


def of_refusal(refuse: Refusal, target: str, errors: Sequence[Diagnostic]) -> Verdict:
    """The verdict on a refusal: the target must refuse with the expected code at the expected place."""
    if refuse.target not in ("", target):
        return Verdict(DIFFERS, tuple(map(describe, errors))) if errors else Verdict("accepted")
    for found in errors:
        if found.code.startswith(refuse.code) and refuse.at in ("", place(found)):
            return Verdict(f"refused {found.code}")
    expected = f"expected {refuse.code} at {refuse.at or 'any place'}"
    return Verdict(DIFFERS, (expected, *(map(describe, errors) if errors else ["nothing was refused"])))


def place(found: Diagnostic) -> str:
    """The place of a diagnostic as line:column, from 1; empty if it has none."""
    if found.span is None:
        return ""
    line, column = found.span.source.position(found.span.start)
    return f"{line}:{column}"


def describe(found: Diagnostic) -> str:
    return f"{found.code} at {place(found)}: {found.message}"


def of_run(case: Case, pipeline: Pipeline, outcome: Outcome, calls: Mapping[str, int] | None = None) -> Verdict:
    """The verdict on a run and its retries: they must match the case."""
    wrong = []
    tries = ((case.trace, "trace"), *((step.trace, f"then[{at}].trace") for at, step in enumerate(case.then)))
    for (expected, path), found in zip(tries, (outcome, *outcome.then), strict=True):
        if found.problem:
            return Verdict(DIFFERS, (*wrong, f"{path}: {found.problem}"))
        wrong += differences(expected, found.trace, path)
        wrong += disorder(pipeline, found.times) + crowding(pipeline, found.times)
    if case.calls is not None and case.calls != calls:
        wrong.append(f"calls: expected {case.calls!r}, found {calls!r}")
    return Verdict(DIFFERS, tuple(wrong)) if wrong else Verdict(AGREES)


def count(verdicts: Mapping[Path, Verdict]) -> tuple[int, int]:
    """The number of judged cases, and the number of those that differ."""
    judged = [verdict for verdict in verdicts.values() if verdict.word != NOT_COMPARED]
    return len(judged), sum(verdict.wrong for verdict in judged)
