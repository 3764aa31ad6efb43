"""Random pipelines on two engines: compares the traces, and shrinks pipelines that differ."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .case import Case
from .compare import crowding, differences, disorder
from .engine import EngineWork, Job, Outcome, engine
from .judge import compile_case, describe
from .random_pipelines import Drafts, generate, render, smaller

ROUNDS = 12  # rounds of shrinking
DRAWN = 200


@dataclass(frozen=True)
class RandomRuns(EngineWork):
    """The outcomes of pipelines on an engine, by number; empty if the engine is missing."""

    numbers: tuple[int, ...]

    def __call__(self) -> dict[int, Outcome]:
        if engine(self.name).missing():
            return {}
        return dict(zip(self.numbers, run(drawn(self.numbers), self.name), strict=True))


def drawn(numbers: Sequence[int]) -> list[Drafts]:
    """The pipelines with these numbers. All are drawn together, since the count of draws changes the result."""
    found = generate(max(*numbers, DRAWN - 1) + 1)
    return [found[number] for number in numbers]


def run(pipelines: Sequence[Drafts], name: str) -> list[Outcome]:
    """The outcome of every pipeline on an engine; a compile error gives an outcome with a problem."""
    judged = engine(name)
    with tempfile.TemporaryDirectory(prefix="dagwright-random-") as scratch:
        jobs: dict[int, Job] = {}
        found: dict[int, Outcome] = {}
        for at, drafts in enumerate(pipelines):
            folder = Path(scratch, f"specs/{at}")
            folder.mkdir(parents=True)
            (folder / "pipeline.yaml").write_text(render(drafts, f"random-{at}"), encoding="utf-8")
            compiled = compile_case(Case(folder, "", trace={}), judged)
            if compiled.pipeline is None:
                found[at] = Outcome(problem="; ".join(map(describe, compiled.errors)))
            else:
                jobs[at] = Job(compiled.pipeline, folder)
        work = Path(scratch, "work")
        work.mkdir()
        outcomes = judged.run(list(jobs.values()), work)
        for (at, job), outcome in zip(jobs.items(), outcomes, strict=True):
            wrong = disorder(job.pipeline, outcome.times) + crowding(job.pipeline, outcome.times)
            found[at] = Outcome(problem="; ".join(wrong)) if wrong else outcome
        return [found[at] for at in range(len(pipelines))]


def compare(reference: Outcome, outcome: Outcome) -> list[str]:
    """The differences of an engine from the reference: neither missing nor additional entries are allowed."""
    if reference.problem or outcome.problem:
        return [f"{who}: {o.problem}" for who, o in (("reference", reference), ("engine", outcome)) if o.problem]
    return differences(reference.trace, outcome.trace) or differences(outcome.trace, reference.trace)


def differing(pipelines: Sequence[Drafts], reference: str, name: str) -> dict[int, list[str]]:
    """The pipelines that the reference runs and on which the engine differs, by their position."""
    pairs = zip(run(pipelines, reference), run(pipelines, name), strict=True)
    return {at: found for at, pair in enumerate(pairs) if not pair[0].problem and (found := compare(*pair))}


def shrink(drafts: Drafts, reference: str, name: str) -> Drafts:
    """A smaller pipeline on which two engines still differ; each round runs all pipelines that are one step smaller."""
    for _ in range(ROUNDS):
        candidates = list(smaller(drafts))
        found = differing(candidates, reference, name) if candidates else {}
        if not found:
            break
        drafts = candidates[min(found)]
    return drafts
