"""The main pipeline of the compiler: from the text of a spec to artifacts, with a report of diagnostics."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dagwright.backends.backend import Artifact
from dagwright.backends.check import check_support
from dagwright.backends.plugin import PluginError
from dagwright.backends.registry import BACKENDS, additions, backend, read_target
from dagwright.diagnostics.model import CompilationStopped, Report
from dagwright.ir.model import Pipeline
from dagwright.lower.component_file import check_components, is_component_file
from dagwright.lower.constants import refuse_references
from dagwright.lower.files import Files
from dagwright.lower.pipeline import lower
from dagwright.lower.vars import Given, refuse_vars, settle
from dagwright.passes import OF_NAMES, OF_THE_WHOLE
from dagwright.passes.check_ignores import report_unused_ignores
from dagwright.reading.budgets import Budgets
from dagwright.reading.read import STDIN, parse, read_source
from dagwright.schema.validate import validate
from dagwright.source.span import Source, Span
from dagwright.source.tree import Mapping, Node


@dataclass(frozen=True, slots=True)
class Options:
    """Compiler options. Component files must be inside the folder `root`; None means the folder of the spec.

    `given` has values of `vars`.
    """

    root: str | None = None
    budgets: Budgets = field(default_factory=Budgets)
    allow_degraded: Collection[str] = ()
    given: Given = field(default_factory=Given)


@dataclass(frozen=True, slots=True)
class ComponentFile:
    """A file with components for other files: their number, the name of the first, and their place."""

    path: str
    count: int
    first: str
    origin: Span


def load(path: str, options: Options, report: Report) -> Pipeline | None:
    """The checked pipeline of one spec (`-` is standard input), or None if there are errors."""
    found = load_any(path, options, report)
    if isinstance(found, ComponentFile):
        refuse_components(found, report)
        return None
    return found


def load_any(path: str, options: Options, report: Report) -> Pipeline | ComponentFile | None:
    """The checked pipeline or component file at a path, or None if there are errors."""
    try:
        source = read_source(path, options.budgets, report)
        report.checkpoint()
        assert source is not None
        tree = parse(source, options.budgets, report)
        report.checkpoint()
        assert tree is not None
        if is_component_file(tree):
            return _component_file(tree, options, report)
        return _pipeline(source, tree, options, report)
    except CompilationStopped:
        return None
    except PluginError as error:
        error.tell(report)
        return None


def refuse_components(file: ComponentFile, report: Report) -> None:
    """Report that a component file is not a pipeline."""
    report.error(
        "E507",
        "this file holds only components, not a pipeline",
        file.origin,
        label="there is no `tasks:`",
        help=f"check it with `dagwright check {file.path}`, and name the pipeline here",
        notes=[f"a pipeline beside it uses it with `uses: ./{os.path.basename(file.path)}#{file.first}`"],
    )


def _pipeline(source: Source, tree: Node, options: Options, report: Report) -> Pipeline:
    tree, fixed = settle(tree, options.given, options.budgets.max_nodes, report)
    _check_form(tree, "pipeline", report)
    root = options.root or ("." if source.path == STDIN else os.path.dirname(source.path) or ".")
    pipeline = lower(source, tree, fixed, Files(root, options.budgets), read_target, report)
    for run in OF_NAMES:
        pipeline = run(pipeline, report)
    report.checkpoint()
    for run in OF_THE_WHOLE:
        pipeline = run(pipeline, report)
    report_unused_ignores(source, report)
    report.checkpoint()
    return pipeline


def _component_file(tree: Node, options: Options, report: Report) -> ComponentFile:
    """The result for a component file. Its paths may leave its folder, since specs in folders above may use it."""
    refuse_vars(tree, report)
    report.checkpoint()
    _check_form(tree, "components", report)
    path = tree.source.path
    beside = Path.cwd() if path == STDIN else Path(os.path.abspath(path)).parent
    root = options.root or ("." if beside.is_relative_to(Path.cwd()) else str(beside))
    count = check_components(tree, Files(root, options.budgets), report)
    report.checkpoint()
    assert isinstance(tree, Mapping)
    components = tree.values["components"]
    assert isinstance(components, Mapping)
    return ComponentFile(path, count, next(iter(components.values)), tree.keys["components"].span)


def _check_form(tree: Node, root: str, report: Report) -> None:
    targets = tree.values.get("targets") if isinstance(tree, Mapping) else None
    added = additions(targets.keys if isinstance(targets, Mapping) else {}, report)
    report.checkpoint()
    validate(tree, report, root, added)
    report.checkpoint()
    refuse_references(tree, report, root, added)
    report.checkpoint()


def targets_of(pipeline: Pipeline, asked: Iterable[str], otherwise: Iterable[str] = BACKENDS) -> tuple[str, ...]:
    """The targets to compile for: `asked`, else those that the spec names, else `otherwise` (default: all)."""
    return tuple(asked) or pipeline.targets.named or tuple(otherwise)


def check_targets(pipeline: Pipeline, targets: Iterable[str], options: Options, report: Report) -> None:
    """Report features that a target does not support, or only in part."""
    for name in targets:
        try:
            target = backend(name)
            check_support(pipeline, target, options.allow_degraded, report)
            target.check(pipeline, report)
        except PluginError as error:
            error.tell(report)


def emit(pipeline: Pipeline, targets: Iterable[str]) -> list[Artifact]:
    """The generated files of a pipeline after `check_targets`. Raises PluginError."""
    return [artifact for name in targets for artifact in backend(name).emit(pipeline)]
