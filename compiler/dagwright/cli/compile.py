"""`dagwright compile`."""

from __future__ import annotations

import sys
from typing import Any

import click

from dagwright.backends.support import Artifact
from dagwright.cli import exits
from dagwright.cli.compare import compare
from dagwright.cli.discovery import find_specs
from dagwright.cli.options import compiling, targets_option
from dagwright.cli.session import ON_STDOUT, Session
from dagwright.cli.write import write_all
from dagwright.compile import ComponentFile, emit, refuse_components, targets_of


@click.command("compile", short_help="Write the files for Airflow, Argo and the local runner.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@targets_option
@click.option("-o", "--output", default="build", show_default=True, metavar="DIR", help="A folder, or `-` for stdout.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 4 and show how if files on disk differ.")
@compiling
def compile_command(
    paths: tuple[str, ...], targets: tuple[str, ...], output: str, only_check: bool, **given: Any
) -> int:
    """\b
    Examples:
      dagwright compile churn.yaml -o build
      dagwright compile pipelines/ -t airflow,argo -o build
      dagwright compile churn.yaml -t argo -o - | kubectl create -f -
      dagwright compile pipelines/ -o build --check        # in CI

    Compile specs to DIR/airflow/NAME.py, DIR/argo/NAME.yaml and DIR/local/NAME.py. All files are written, or, if any
    spec has an error, none. Component files are checked and passed over; a folder's are not looked at.
    """
    session = Session(given)
    _refuse_two_on_stdout(output, only_check, session.format)
    made: dict[str, tuple[str, Artifact]] = {}
    parts: list[ComponentFile] = []
    for path in find_specs(paths):
        pipeline = session.load_any(path, targets)
        if isinstance(pipeline, ComponentFile):
            parts.append(pipeline)
            continue
        if pipeline is None:
            continue
        for artifact in emit(pipeline, targets_of(pipeline, targets)):
            twin = made.setdefault(artifact.path, (path, artifact))
            if twin[0] != path:
                session.report.error(
                    "E506",
                    f"this spec would write the same file as {twin[0]}"[:90],
                    pipeline.origin,
                    label=f"both are `{artifact.path}`",
                    help="give one of the two pipelines another `name`",
                )
                break
    if not made and not session.report.failed:
        for part in parts:
            refuse_components(part, session.report)
    if only_check and not session.report.failed:
        _compare(made, output, session)
    code = session.finish()
    if code != exits.OK or only_check:
        return code
    artifacts = [artifact for _, artifact in made.values()]
    if output == "-":
        sys.stdout.buffer.write("---\n".join(artifact.text for artifact in artifacts).encode("utf-8"))
        return exits.OK
    for path in write_all(artifacts, output):
        if session.format not in ON_STDOUT:
            click.echo(f"wrote {path}")
    return exits.OK


def _refuse_two_on_stdout(output: str, only_check: bool, format_: str) -> None:
    if output == "-" and only_check:
        raise click.UsageError("`--check` compares files, so `--output` must be a folder.")
    if output == "-" and format_ in ON_STDOUT:
        raise click.UsageError(f"`--format {format_}` and `--output -` would both write to standard output.")


def _compare(made: dict[str, tuple[str, Artifact]], output: str, session: Session) -> None:
    """Report what differs on disk. What differs comes before the diagnostics, also where both go into one file."""
    for lines in compare(made.values(), output, session.report):
        if session.format == "text":
            sys.stdout.writelines(lines)
    sys.stdout.flush()
