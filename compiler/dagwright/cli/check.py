"""`dagwright check`."""

from __future__ import annotations

from typing import Any

import click

from dagwright.cli.discovery import find_specs
from dagwright.cli.options import compiling, targets_option
from dagwright.cli.session import Session
from dagwright.compile import ComponentFile
from dagwright.ir.model import Pipeline


@click.command(short_help="Find every mistake in a spec, for every target.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@targets_option
@compiling
def check(paths: tuple[str, ...], targets: tuple[str, ...], **given: Any) -> int:
    """\b
    Examples:
      dagwright check churn.yaml
      dagwright check pipelines/ -t argo --format sarif > report.sarif
      cat churn.yaml | dagwright check -

    Check specs for every target, and print all mistakes with line, column and help. PATH is a file, a folder, a glob,
    or `-` for standard input; in a folder, every file with `tasks:` or our `apiVersion` is a spec. A file that holds
    only `components:` is checked by itself. Exits 1 if anything is wrong.
    """
    session = Session(given)
    good: list[str] = []
    for path in find_specs(paths, components=True):
        found = session.load_any(path, targets)
        if found is not None:
            good.append(f"{path}: ok ({_size(found)})")
    code = session.finish()
    if session.format == "text":
        for line in good:
            click.echo(line)
    return code


def _size(found: Pipeline | ComponentFile) -> str:
    count, what = (found.count, "component") if isinstance(found, ComponentFile) else (len(found.all_tasks), "task")
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
