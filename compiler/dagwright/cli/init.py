"""`dagwright init`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import click

from dagwright.cli import exits
from dagwright.resources import resource

PLACEHOLDER = "my-pipeline"  # the name of the pipeline in every template
_LONGEST_NAME = 52
_NOT_TEXT = ("null", "true", "false")  # names that YAML reads as something else


def templates() -> list[str]:
    """The names of all templates."""
    return sorted(entry.name for entry in resource("templates", "init").iterdir() if entry.is_dir())


@click.command(short_help="Start a new pipeline from a template.")
@click.argument("directory", default=PLACEHOLDER, metavar="[DIR]")
@click.option(
    "--template",
    type=click.Choice(["basic", "ml", "etl"]),
    default="basic",
    show_default=True,
    help="basic: two steps of a shell. ml: train, choose, release. etl: one instance a file.",
)
def init(directory: str, template: str) -> int:
    """\b
    Examples:
      dagwright init churn
      dagwright init pipelines/churn --template ml

    Make the folder DIR with a pipeline that runs as it is. Its last part becomes the name of the pipeline. A folder
    that is there and not empty is left alone.
    """
    place = Path(directory)
    name = pipeline_name(Path(os.path.abspath(place)).name)
    made = _make(template, name, place)
    click.echo(f"made the pipeline `{name}`:")
    for path in made:
        click.echo(f"  {place / path}")
    click.echo("next:")
    if os.path.abspath(place) != os.getcwd():
        click.echo(f"  cd {shlex.quote(str(place))}")
    click.echo("  dagwright run pipeline.yaml")
    return exits.OK


def pipeline_name(folder: str) -> str:
    """The name of a pipeline that lives in a folder of this name, such as `churn-model` for `Churn_Model`."""
    plain = unicodedata.normalize("NFKD", folder).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if not name or not name[0].isalpha() or name in _NOT_TEXT or len(name) > _LONGEST_NAME:
        shown = ascii(folder[:80])
        raise click.BadParameter(
            f"{shown} cannot be the name of a pipeline: begin with a letter, at most {_LONGEST_NAME} characters.",
            param_hint="DIR",
        )
    return name


def _make(template: str, name: str, place: Path) -> list[Path]:
    """Fill a folder beside `place` and move it there as a whole. Raises OSError."""
    if place.is_symlink() or (place.exists() and (not place.is_dir() or any(place.iterdir()))):
        raise click.BadParameter(f"'{place}' is there already and not empty; choose another folder.", param_hint="DIR")
    parent = Path(os.path.abspath(place)).parent
    parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=".dagwright-", dir=parent))
    try:
        made = sorted(_fill(resource("templates", "init", template), staged, name))
        umask = os.umask(0)
        os.umask(umask)
        staged.chmod(0o777 & ~umask)
        _move(staged, Path(os.path.abspath(place)))
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return made


def _move(staged: Path, place: Path) -> None:
    """Put a filled folder in its place. An empty folder stays the same one: a shell may stand in it."""
    if not place.exists():
        staged.rename(place)
        return
    moved: list[Path] = []
    try:
        for entry in list(staged.iterdir()):
            moved.append(entry.rename(place / entry.name))
    except BaseException:
        for entry in moved:
            entry.rename(staged / entry.name)
        raise
    staged.rmdir()


def _fill(source: Path, target: Path, name: str) -> Iterator[Path]:
    """Copy the files of a template, the placeholder replaced; yields their paths below `target`."""
    for here, folders, files in os.walk(source):
        folders[:] = [folder for folder in folders if not folder.startswith("__")]
        below = Path(here).relative_to(source)
        (target / below).mkdir(exist_ok=True)
        for file in files:
            text = Path(here, file).read_bytes().replace(PLACEHOLDER.encode(), name.encode())
            (target / below / file).write_bytes(text)
            yield below / file
