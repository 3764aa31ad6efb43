"""`dagwright check`."""

from __future__ import annotations

from typing import Any

import click

from dagwright.cli.options import compiling, find_specs, targets_option
from dagwright.cli.session import Session


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
    or `-` for standard input. Exits 1 if anything is wrong.
    """
    session = Session(given)
    good: list[str] = []
    for path in find_specs(paths):
        pipeline = session.load(path, targets)
        if pipeline is not None:
            count = len(pipeline.all_tasks)
            good.append(f"{path}: ok ({count} {'task' if count == 1 else 'tasks'})")
    code = session.finish()
    if session.format == "text":
        for line in good:
            click.echo(line)
    return code
