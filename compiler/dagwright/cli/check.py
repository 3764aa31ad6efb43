"""`dagwright check`."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from dagwright.cli.command import command
from dagwright.cli.completing import files
from dagwright.cli.discovery import find_specs
from dagwright.cli.names import Names
from dagwright.cli.options import TARGETS, compiling, targets_option
from dagwright.cli.session import Session
from dagwright.compile import ComponentFile, targets_of
from dagwright.diagnostics.model import Diagnostic, Severity
from dagwright.diagnostics.visible import visible
from dagwright.ir.model import Pipeline

_WITHOUT_TARGETS = ("local",)  # the targets if neither the spec nor the command line names any


@command(short_help="Find the mistakes in your specs.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=files)
@targets_option
@compiling
def check(paths: tuple[str, ...], targets: tuple[str, ...], **given: Any) -> int:
    """Find the mistakes in specs and print each with its line, column and a fix.

    PATH is a file, a folder, a glob, or `-` for standard input; without one, the current folder is checked. In a
    folder, every YAML file with `tasks:` or `apiVersion: dagwright/v1` is a spec, and a file with only `components:`
    is a component file. Folders that git ignores, `node_modules` and virtual environments are not searched.

    A spec is checked for the targets that it names under `targets:`. One without `targets:` is checked for local runs
    only. Exits with 1 if there are errors.

    \b
    Examples:
      dagwright check churn.yaml
      dagwright check pipelines/ -t argo --format sarif > report.sarif
      cat churn.yaml | dagwright check -
    """
    session = Session(given)
    names = Names()
    good: list[str] = []
    unnamed: list[str] = []
    found = find_specs(paths, components=True)
    for path in found:
        read = session.load_any(path, targets, otherwise=_WITHOUT_TARGETS)
        if isinstance(read, Pipeline):
            names.take(read, targets_of(read, targets), session.report)
            if not targets and not read.targets.named:
                unnamed.append(path)
        if read is not None:
            good.append(f"{visible(path)}: ok ({_size(read)})")
    code = session.finish()
    if session.format == "text":
        if len(found) > 1:
            click.echo(f"checked {len(found)} files: {_problems(session.report.diagnostics)}")
        elif good:
            click.echo(good[0])
    if unnamed:
        which = f"'{visible(unnamed[0])}' names" if len(unnamed) == 1 else f"{len(unnamed)} specs name"
        others = ",".join(target for target in TARGETS if target not in _WITHOUT_TARGETS)
        click.echo(f"note: {which} no `targets`: checked for local runs only; add `-t {others}` for others", err=True)
    return code


def _size(read: Pipeline | ComponentFile) -> str:
    return _number(read.count, "component") if isinstance(read, ComponentFile) else _number(len(read.all_tasks), "task")


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _problems(diagnostics: list[Diagnostic]) -> str:
    severities = Counter(diagnostic.severity for diagnostic in diagnostics)
    found = [_number(severities[kind], kind.value) for kind in Severity if kind in severities]
    return " and ".join(found) or "no problems"
