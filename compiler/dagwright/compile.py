"""The main line: text in, artifacts out, with a report of everything found on the way."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from dagwright.backends.capabilities import check_support
from dagwright.backends.registry import BACKENDS, backend
from dagwright.backends.support import Artifact
from dagwright.diagnostics.model import CompilationStopped, Report
from dagwright.ir.model import Pipeline
from dagwright.lower.constants import refuse_references
from dagwright.lower.files import Files
from dagwright.lower.pipeline import lower
from dagwright.passes import OF_NAMES, OF_THE_WHOLE
from dagwright.schema.validate import validate
from dagwright.source.budgets import Budgets
from dagwright.source.read import parse, read_source


@dataclass(frozen=True, slots=True)
class Options:
    """How to compile. `root` is the folder that component files may not leave; None is the spec's own."""

    root: str | None = None
    budgets: Budgets = field(default_factory=Budgets)
    allow_degraded: Collection[str] = ()


def load(path: str, options: Options, report: Report) -> Pipeline | None:
    """The checked pipeline of one spec (`-` is standard input), or None where the report holds errors."""
    try:
        source = read_source(path, options.budgets, report)
        report.checkpoint()
        assert source is not None
        tree = parse(source, options.budgets, report)
        report.checkpoint()
        assert tree is not None
        validate(tree, report)
        report.checkpoint()
        refuse_references(tree, report)
        report.checkpoint()
        root = options.root or ("." if path == "-" else os.path.dirname(path) or ".")
        pipeline = lower(source, tree, Files(root, options.budgets), report)
        for run in OF_NAMES:
            pipeline = run(pipeline, report)
        report.checkpoint()
        for run in OF_THE_WHOLE:
            pipeline = run(pipeline, report)
        report.checkpoint()
    except CompilationStopped:
        return None
    return pipeline


def targets_of(pipeline: Pipeline, asked: Iterable[str]) -> tuple[str, ...]:
    """The targets to compile for: those asked for, else those that the spec names, else all."""
    return tuple(asked) or pipeline.targets.named or tuple(BACKENDS)


def check_targets(pipeline: Pipeline, targets: Iterable[str], options: Options, report: Report) -> None:
    """Report what each target cannot keep, or keeps only in part."""
    for name in targets:
        target = backend(name)
        check_support(pipeline, target, options.allow_degraded, report)
        target.check(pipeline, report)


def emit(pipeline: Pipeline, targets: Iterable[str]) -> list[Artifact]:
    """The generated files of a pipeline whose targets were checked."""
    return [artifact for name in targets for artifact in backend(name).emit(pipeline)]
