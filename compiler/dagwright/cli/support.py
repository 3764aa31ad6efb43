"""`dagwright support`."""

from __future__ import annotations

import json
from typing import Any

import click

from dagwright.backends.matrix import as_json, as_markdown, as_text
from dagwright.backends.registry import usable_names
from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import files
from dagwright.cli.discovery import one_spec
from dagwright.cli.options import compiling
from dagwright.cli.session import Session


@command(short_help="Show which features each target supports, and how.")
@click.argument("path", required=False, metavar="[SPEC]", callback=one_spec, shell_complete=files)
@click.option(
    "--as",
    "style",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="The output format.",
)
@compiling
def support(path: str | None, style: str, **given: Any) -> int:
    """Show which features of the language each target supports, and how.

    With a SPEC, shows only the features that the spec uses, each with the first line that uses it.

    \b
    Examples:
      dagwright support
      dagwright support churn.yaml
      dagwright support --as markdown
    """
    session = Session(given, prints=True)
    pipeline = None if path is None else session.load(path)
    targets = usable_names(session.report)
    code = session.finish()
    if path is not None and pipeline is None:
        return code
    if style == "json":
        click.echo(json.dumps(as_json(pipeline, targets), indent=2))
    else:
        table = as_markdown if style == "markdown" else as_text
        click.echo(table(pipeline, targets), nl=False)
    return exits.OK
