"""`dagwright graph`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from dagwright.cli import exits
from dagwright.cli.discovery import one_spec
from dagwright.cli.options import compiling
from dagwright.cli.session import Session

_STYLES = ("text", "mermaid", "dot", "svg")


@click.command(short_help="Draw the pipeline: text, Mermaid, DOT or SVG.")
@click.argument("path", metavar="PATH", callback=one_spec)
@click.option("--as", "style", type=click.Choice(_STYLES), default="text", show_default=True, help="Kind of picture.")
@compiling
def graph(path: str, style: str, **given: Any) -> int:
    """\b
    Examples:
      dagwright graph churn.yaml
      dagwright graph churn.yaml --as svg > churn.svg
      dagwright graph churn.yaml --as mermaid

    Draw the tasks of a pipeline and what waits for what. An edge that others imply is left out.
    """
    session = Session(given, prints=True)
    pipeline = session.load(path)
    code = session.finish()
    if pipeline is None:
        return code
    from dagwright.graph.view import view

    click.echo(import_module(f"dagwright.graph.{style}").draw(view(pipeline)), nl=False)
    return exits.OK
