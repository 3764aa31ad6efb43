"""`dagwright support`."""

from __future__ import annotations

import json
from typing import Any

import click

from dagwright.backends.matrix import as_json, as_markdown, as_text
from dagwright.cli import exits
from dagwright.cli.discovery import one_spec
from dagwright.cli.options import compiling
from dagwright.cli.session import Session


@click.command(short_help="Show what each target can keep, and how.")
@click.argument("path", required=False, metavar="[SPEC]", callback=one_spec)
@click.option(
    "--as",
    "style",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How the table is printed.",
)
@compiling
def support(path: str | None, style: str, **given: Any) -> int:
    """\b
    Examples:
      dagwright support
      dagwright support churn.yaml
      dagwright support --as markdown

    Without a spec: every feature of the language, and how each target keeps it. With one: only what this spec uses,
    with the line that uses it first.
    """
    pipeline = None
    if path is not None:
        session = Session(given, prints=True)
        pipeline = session.load(path)
        code = session.finish()
        if pipeline is None:
            return code
    if style == "json":
        click.echo(json.dumps(as_json(pipeline), indent=2))
    else:
        click.echo(as_markdown(pipeline) if style == "markdown" else as_text(pipeline), nl=False)
    return exits.OK
