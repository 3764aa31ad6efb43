"""`dagwright schema`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from dagwright.backends.backend import Artifact
from dagwright.backends.registry import BACKENDS, fragments, usable_names
from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.discovery import specs_below
from dagwright.cli.editor import SETTINGS, has_settings, modeline, names_schema, schema_files, vscode_settings
from dagwright.cli.session import wants_color
from dagwright.cli.write import write_all
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.render import render
from dagwright.resources import resource
from dagwright.schema.published import FOR_EDITORS, KINDS, schema_text
from dagwright.schema.targets import Schema


@command(short_help="Print or install the JSON Schemas, for editors.")
@click.argument("kind", type=click.Choice(KINDS), required=False, metavar="[pipeline|component]")
@click.option("--install", is_flag=True, help="Write the schemas to .dagwright/schema, and VS Code's settings.")
@click.option("--path", "only_path", is_flag=True, help="Print the path of the pipeline schema in this installation.")
def schema(kind: str | None, install: bool, only_path: bool) -> int:
    """Print the JSON Schema of pipelines or of component files. [default: pipeline]

    Editors with the YAML language server complete and check a spec if its first line names the schema, or if VS
    Code's settings do. `--install` writes the schemas to the current folder, and .vscode/settings.json if there is
    none; commit both, so that they work for everyone. Run it again after an upgrade.

    \b
    Examples:
      dagwright schema --install
      dagwright schema component > component.v1.json
    """
    if kind is not None and (install or only_path):
        raise click.UsageError("`--install` and `--path` take no kind of schema.")
    if install:
        return _install()
    if only_path:
        click.echo(resource(*FOR_EDITORS))
    else:
        click.echo(schema_text(kind or KINDS[0], _fragments()), nl=False)
    return exits.OK


def _fragments() -> dict[str, Schema] | None:
    """The schemas of all targets, or None if there are only the built-in ones."""
    report = Report()
    targets = usable_names(report)
    sys.stderr.write(render(report.diagnostics, "text", color=wants_color(sys.stderr)))
    return None if len(targets) == len(BACKENDS) else fragments(targets)


def _install() -> int:
    specs = [path for path in specs_below(".") if not names_schema(path)]
    settings = vscode_settings(specs)
    text = json.dumps(settings, indent=2)
    files = schema_files(Path(), _fragments())
    if specs and not SETTINGS.exists():
        files.append(Artifact(SETTINGS.as_posix(), f"{text}\n"))
    written = write_all(files, ".")
    for place in written:
        click.echo(f"wrote {Path(place).as_posix()}")
    if not written:
        click.echo("the schemas are up to date")
    if specs and not has_settings(settings):
        click.echo(f"{SETTINGS.as_posix()} was not changed. Add these settings to it:\n\n{text}\n")
    click.echo(f"For Neovim and other editors, make this the first line of a spec:\n\n{modeline('.')}")
    return exits.OK
