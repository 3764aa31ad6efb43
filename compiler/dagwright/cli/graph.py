"""`dagwright graph`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import files
from dagwright.cli.discovery import only_spec
from dagwright.cli.options import compiling
from dagwright.cli.session import Session

_STYLES = ("text", "mermaid", "dot", "svg")


@command(short_help="Draw a pipeline as text, Mermaid, DOT or SVG.")
@click.argument("path", required=False, metavar="[PATH]", callback=only_spec, shell_complete=files)
@click.option("--as", "style", type=click.Choice(_STYLES), default="text", show_default=True, help="The output format.")
@compiling
def graph(path: str, style: str, **given: Any) -> int:
    """Draw the tasks of a pipeline and the dependencies between them. Redundant edges are not drawn.

    PATH is a spec, a folder with one spec, or `-` for standard input; without it, the only spec in the current folder
    is drawn.

    \b
    Examples:
      dagwright graph churn.yaml
      dagwright graph churn.yaml --as svg > churn.svg
      dagwright graph churn.yaml --as mermaid
    """
    session = Session(given, prints=True)
    pipeline = session.load(path)
    code = session.finish()
    if pipeline is None:
        return code
    from dagwright.graph.view import view

    click.echo(import_module(f"dagwright.graph.{style}").draw(view(pipeline)), nl=False)
    return exits.OK
