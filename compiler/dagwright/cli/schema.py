"""`dagwright schema`."""

from __future__ import annotations

import click

from dagwright.cli import exits
from dagwright.resources import resource


@click.command(short_help="Print the JSON Schema of the language, for editors.")
@click.option("--path", "only_path", is_flag=True, help="Print where the installed schema file lies instead.")
def schema(only_path: bool) -> int:
    """\b
    Examples:
      dagwright schema > pipeline.v1.json
      echo "# yaml-language-server: \\$schema=$(dagwright schema --path)"

    Print the JSON Schema of pipeline specs. Editors with a YAML language server complete and check specs by it.
    """
    path = resource("schemas", "pipeline.v1.json")
    click.echo(path if only_path else path.read_text(encoding="utf-8"), nl=only_path)
    return exits.OK
