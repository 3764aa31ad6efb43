"""`dagwright compile`."""

from __future__ import annotations

import sys
from typing import Any

import click

from dagwright.backends.backend import Artifact
from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.compare import compare
from dagwright.cli.completing import files, folders
from dagwright.cli.discovery import find_specs
from dagwright.cli.names import Names
from dagwright.cli.options import compiling, targets_option
from dagwright.cli.session import ON_STDOUT, Session
from dagwright.cli.write import write_all
from dagwright.compile import ComponentFile, refuse_components, targets_of
from dagwright.diagnostics.visible import visible
from dagwright.ir.model import Pipeline

_OF_TARGETS = "E6"  # the codes of what a target cannot do


@command("compile", short_help="Write the files for Airflow, Argo and local runs.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", shell_complete=files)
@targets_option
@click.option(
    "-o",
    "--output",
    default="build",
    show_default=True,
    metavar="DIR",
    shell_complete=folders,
    help="The folder to write to, or `-` for standard output.",
)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Write nothing. Exit with 4 and show a diff if the files on disk are not up to date.",
)
@compiling
def compile_command(
    paths: tuple[str, ...], targets: tuple[str, ...], output: str, only_check: bool, **given: Any
) -> int:
    """Compile specs to DIR/airflow/NAME.py, DIR/argo/NAME.yaml and DIR/local/NAME.py.

    In the names of Python files, `_` replaces `-`.

    PATH is a file, a folder, a glob, or `-` for standard input; without one, every spec in the current folder is
    compiled, as `check` finds them. A spec that names no targets is compiled for all three.

    If any spec has an error, nothing is written. Files that are up to date keep their time of change.

    \b
    Examples:
      dagwright compile churn.yaml -o build
      dagwright compile pipelines/ -t airflow,argo -o build
      dagwright compile churn.yaml -t argo -o - | kubectl create -f -
      dagwright compile pipelines/ -o build --check        # in CI
    """
    session = Session(given)
    _refuse_two_on_stdout(output, only_check, session.format)
    names = Names()
    made: list[tuple[str, Artifact]] = []
    parts: list[ComponentFile] = []
    for path in find_specs(paths):
        read = session.load_any(path, targets)
        if isinstance(read, Pipeline):
            chosen = targets_of(read, targets)
            names.take(read, chosen, session.report)
            made += [(path, artifact) for artifact in session.emit(read, chosen)]
        elif read is not None:
            parts.append(read)
    if not made and not session.report.failed:
        for part in parts:
            refuse_components(part, session.report)
    if only_check and not session.report.failed:
        _compare(made, output, session)
    code = session.finish()
    if not targets and any(diagnostic.code.startswith(_OF_TARGETS) for diagnostic in session.report.diagnostics):
        click.echo("note: to leave a target out, choose the others, such as `-t local`", err=True)
    if code != exits.OK or only_check:
        return code
    artifacts = [artifact for _, artifact in made]
    if output == "-":
        sys.stdout.buffer.write("---\n".join(artifact.text for artifact in artifacts).encode("utf-8"))
        return exits.OK
    written = write_all(artifacts, output)
    if session.format not in ON_STDOUT:
        for place in written:
            click.echo(f"wrote {visible(place)}")
        if same := len(artifacts) - len(written):
            click.echo(f"{_files(len(written))} changed, {same} unchanged")
    return exits.OK


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _refuse_two_on_stdout(output: str, only_check: bool, format_: str) -> None:
    if output == "-" and only_check:
        raise click.UsageError("`--check` compares files, so `--output` must be a folder.")
    if output == "-" and format_ in ON_STDOUT:
        raise click.UsageError(f"`--format {format_}` and `--output -` would both write to standard output.")


def _compare(made: list[tuple[str, Artifact]], output: str, session: Session) -> None:
    """Report differences on disk. The diffs precede the diagnostics, even if both go into one file."""
    for lines in compare(made, output, session.report):
        if session.format == "text":
            sys.stdout.writelines(lines)
    sys.stdout.flush()
