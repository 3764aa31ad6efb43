"""The compilations of one command: loaded specs, printed diagnostics, and the exit code."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from typing import Any

from dagwright.backends.backend import Artifact
from dagwright.backends.plugin import PluginError
from dagwright.cli import exits
from dagwright.cli.compare import STALE
from dagwright.cli.options import TARGETS
from dagwright.compile import ComponentFile, Options, check_targets, emit, load_any, refuse_components, targets_of
from dagwright.diagnostics.model import Report, Severity
from dagwright.diagnostics.render import render
from dagwright.diagnostics.suggest import suggest
from dagwright.diagnostics.visible import visible
from dagwright.ir.model import Pipeline
from dagwright.lower.vars import Given
from dagwright.reading.budgets import Budgets

ON_STDOUT = ("json", "sarif")


def options(given: dict[str, Any]) -> Options:
    """Compile options from the shared command-line options, which are removed from `given`."""
    budgets = Budgets(**{name: given.pop(name) for name in ("max_bytes", "max_depth", "max_nodes", "max_scalar")})
    return Options(given.pop("root"), budgets, given.pop("allow_degraded"), Given(given.pop("given")))


class Session:
    """The reports of all specs of one command; `finish` prints them once.

    If a command prints other text to stdout, all diagnostics go to stderr, in any format.
    """

    def __init__(self, given: dict[str, Any], *, prints: bool = False) -> None:
        self.prints = prints
        self.format: str = given.pop("format_")
        self.options = options(given)
        self.report = Report()

    def load(self, path: str, targets: Iterable[str] | None = None) -> Pipeline | None:
        """A pipeline that passes all checks, including those of its targets (None: no target is checked)."""
        found = self.load_any(path, targets)
        if isinstance(found, ComponentFile):
            refuse_components(found, self.report)
            return None
        self.refuse_unknown_vars()
        return None if self.report.failed else found

    def refuse_unknown_vars(self) -> None:
        """Report each name given by `--var` that no spec declares, unless a spec has errors."""
        given = self.options.given
        if self.report.failed:
            return
        known = ", ".join(sorted(given.declared))
        for name in given.values.keys() - given.declared:
            guess = suggest(name, given.declared)
            self.report.error(
                "E274",
                f"no var is called `{visible(name)[:40]}`",
                None,
                notes=[f"declared: {known}"] if known else ["no spec here has `vars:`"],
                help=f"did you mean `--var {guess}=...`?" if guess else "remove it, or declare it under `vars:`",
            )

    def load_any(
        self, path: str, targets: Iterable[str] | None = None, otherwise: Iterable[str] = TARGETS
    ) -> Pipeline | ComponentFile | None:
        """Like `load`, but also accepts a component file. `otherwise` lists targets for a spec that names none."""
        report = Report()
        found = load_any(path, self.options, report)
        if isinstance(found, Pipeline) and targets is not None:
            check_targets(found, targets_of(found, targets, otherwise), self.options, report)
        self.report.diagnostics += report.diagnostics
        return None if report.failed else found

    def emit(self, pipeline: Pipeline, targets: Iterable[str]) -> list[Artifact]:
        """The generated files of a pipeline that `load` returned."""
        try:
            return emit(pipeline, targets)
        except PluginError as error:
            error.tell(self.report)
            return []

    def count_warnings(self, path: str) -> None:
        """Print one line about the warnings, which `check` prints in full; machine formats are always printed."""
        if self.format != "text":
            self.finish()
        elif count := len(self.report.diagnostics):
            words = "1 warning; to see it:" if count == 1 else f"{count} warnings; to see them:"
            sys.stderr.write(f"{words} dagwright check {shlex.quote(visible(path))}\n")

    def finish(self) -> int:
        """Print the diagnostics (errors to stderr, machine formats to stdout) and return the exit code."""
        self.refuse_unknown_vars()
        if self.report.diagnostics or self.format in ON_STDOUT:
            stream = sys.stdout if self.format in ON_STDOUT and not self.prints else sys.stderr
            stream.write(render(self.report.diagnostics, self.format, color=wants_color(stream)))
        errors = {d.code for d in self.report.diagnostics if d.severity is Severity.ERROR}
        if errors and errors <= set(STALE):
            return exits.DIFFERENT
        if any(code.startswith("E9") for code in errors) or errors == {"E101"}:
            return exits.IO_ERROR
        return exits.SPEC_ERRORS if errors else exits.OK


def wants_color(stream: Any) -> bool:
    """Whether to print colours: only on terminals, and never if NO_COLOR is set."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or bool(stream.isatty())
