"""`dagwright init`."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import click

from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import folders
from dagwright.cli.editor import FOLDER, installed_above, modeline, schema_files
from dagwright.cli.write import Folders, write_all
from dagwright.resources import resource

PLACEHOLDER = "my-pipeline"  # the name of the pipeline in every template
SPEC, README = "pipeline.yaml", "README.md"
_LONGEST_NAME = 52
_NOT_TEXT = ("null", "true", "false")  # names that YAML reads as something else


def templates() -> list[str]:
    """The names of all templates."""
    return sorted(entry.name for entry in resource("templates", "init").iterdir() if entry.is_dir())


@command(short_help="Create a pipeline from a template.")
@click.argument("directory", default=PLACEHOLDER, metavar="[DIR]", shell_complete=folders)
@click.option(
    "--template",
    type=click.Choice(["basic", "ml", "etl"]),
    default="basic",
    show_default=True,
    help="basic: two shell steps. ml: train models, choose one, release it. etl: one instance per file.",
)
@click.option("--name", metavar="NAME", show_default="the last part of DIR", help="The name of the pipeline.")
def init(directory: str, template: str, name: str | None) -> int:
    """Create a pipeline in the folder DIR. It runs as it is. [default: my-pipeline]

    DIR may be `.` or any other folder with files in it. Nothing is overwritten: your README.md stays, and if another
    file of the template exists already, nothing is written.

    \b
    Examples:
      dagwright init churn
      dagwright init pipelines/churn --template ml
      dagwright init .
    """
    place = Path(directory)
    folder = Path(os.path.abspath(place)).name
    chosen = pipeline_name(folder, "DIR") if name is None else pipeline_name(name, "--name")
    files = _template(template, chosen)
    if os.path.lexists(place / README):
        del files[README]  # most folders have a README, and a pipeline does not need one
    _refuse_conflicts(files, place)
    schemas = _create(files, place)
    click.echo(f"created the pipeline `{chosen}`:")
    for path in [*files, *schemas]:
        click.echo(f"  {place / path}")
    click.echo("next:")
    if os.path.abspath(place) != os.getcwd():
        click.echo(f"  cd {shlex.quote(str(place))}")
    click.echo(f"  dagwright run {SPEC}")
    return exits.OK


def pipeline_name(folder: str, option: str = "DIR") -> str:
    """The pipeline name for a folder name, such as `churn-model` for `Churn_Model`."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not name or not name[0].isalpha() or name in _NOT_TEXT or len(name) > _LONGEST_NAME:
        shown = ascii(folder[:80])
        other = " Give another name with '--name'." if option == "DIR" else ""
        raise click.BadParameter(
            f"{shown} cannot be the name of a pipeline: it must begin with a letter and have at most {_LONGEST_NAME} "
            f"characters.{other}",
            param_hint=option,
        )
    return name


def _template(template: str, name: str) -> dict[str, bytes]:
    """The files of a new pipeline, by path."""
    source = resource("templates", "init", template)
    return {
        path.relative_to(source).as_posix(): path.read_bytes().replace(PLACEHOLDER.encode(), name.encode())
        for path in sorted(source.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _create(files: dict[str, bytes], place: Path) -> list[str]:
    """Write new files and the schemas for editors, and return the paths of the schemas: all of them, or none.

    Raises OSError.
    """
    here = Path(os.path.abspath(place))
    schemas = installed_above(here / SPEC)
    line = modeline(str(here), schemas=schemas or here / FOLDER)
    files = {**files, SPEC: f"{line}\n".encode() + files[SPEC]}
    folders = Folders()
    made: list[Path] = []
    try:
        for path, data in files.items():
            folders.make(str((place / path).parent))
            with open(place / path, "xb") as file:
                made.append(place / path)
                file.write(data)
        written = write_all(schema_files(here), str(place)) if schemas is None else []
    except BaseException:
        for created in made:
            created.unlink(missing_ok=True)
        folders.remove()
        raise
    return [os.path.relpath(path, place) for path in written]


def _refuse_conflicts(files: Iterable[str], place: Path) -> None:
    if os.path.lexists(place) and not place.is_dir():
        raise click.BadParameter(f"'{place}' exists and is not a folder.", param_hint="DIR")
    ways = {place / part for path in files for part in Path(path).parents}
    taken = [way for way in sorted(ways) if os.path.lexists(way) and not way.is_dir()]
    taken += [place / path for path in files if os.path.lexists(place / path)]
    if taken:
        shown = "".join(f"\n  {path}" for path in taken)
        raise click.UsageError(f"These files exist already, so nothing was written:{shown}")
