"""`dagwright compile`."""

from __future__ import annotations

import sys
from typing import Any

import click

from dagwright.backends.support import Artifact
from dagwright.cli import exits
from dagwright.cli.discovery import find_specs
from dagwright.cli.options import compiling, targets_option
from dagwright.cli.session import Session
from dagwright.cli.write import differences, write_all
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
    code = session.finish()
    if code != exits.OK:
        return code
    artifacts = [artifact for _, artifact in made.values()]
    if output == "-":
        sys.stdout.buffer.write("---\n".join(artifact.text for artifact in artifacts).encode("utf-8"))
        return exits.OK
    if only_check:
        return _check(artifacts, output)
    for path in write_all(artifacts, output):
        click.echo(f"wrote {path}")
    return exits.OK


def _check(artifacts: list[Artifact], output: str) -> int:
    different = False
    for lines in differences(artifacts, output):
        different = True
        sys.stdout.writelines(lines)
    if different:
        sys.stdout.flush()  # what differs comes first, also where both go into one file
        click.echo("error: files on disk are not what the specs compile to; run the same command without --check",
                   err=True)  # fmt: skip
    return exits.DIFFERENT if different else exits.OK
