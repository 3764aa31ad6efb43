"""Options that several commands share, and reading the specs that they name."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from dagwright.source.budgets import Budgets

F = TypeVar("F", bound=Callable[..., Any])

TARGETS = ("airflow", "argo", "local")
_SPEC_ENDINGS = (".yaml", ".yml")
_MARK = b"dagwright/v"
_SHOWN = 5  # specs that a message lists


def split_targets(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """`-t airflow,argo -t local` as a tuple without twins."""
    names = [name.strip() for item in value for name in item.split(",") if name.strip()]
    for name in names:
        if name not in TARGETS:
            from dagwright.diagnostics.suggest import suggest

            guess = suggest(name, TARGETS)
            hint = f" Did you mean '{guess}'?" if guess else f" Choose from {', '.join(TARGETS)}."
            raise click.BadParameter(f"'{name}' is not a target.{hint}")
    return tuple(dict.fromkeys(names))


def compiling(command: F) -> F:
    """The options of every command that reads specs."""
    for option in reversed(_COMPILING):
        command = option(command)
    return command


_COMPILING: tuple[Callable[[Any], Any], ...] = (
    click.option("--root", metavar="DIR", help="The folder that component files may not leave (default: the spec's)."),
    click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "concise", "json", "sarif", "github"]),
        default="text",
        show_default=True,
        help="How diagnostics are printed.",
    ),
    click.option(
        "--allow-degraded",
        multiple=True,
        metavar="CODE",
        help="Accept a difference that a W601 announces: its feature, as the warning's help names it, or W601 for all.",
    ),
    click.option("--max-bytes", type=click.IntRange(1), default=Budgets().max_bytes, hidden=True),
    click.option("--max-depth", type=click.IntRange(1, 1000), default=Budgets().max_depth, hidden=True),
    click.option("--max-nodes", type=click.IntRange(1), default=Budgets().max_nodes, hidden=True),
    click.option("--max-scalar", type=click.IntRange(1), default=Budgets().max_scalar, hidden=True),
)

targets_option = click.option(
    "-t",
    "--target",
    "targets",
    multiple=True,
    callback=split_targets,
    metavar="NAMES",
    help="Targets, separated by commas (default: those that the spec names under `targets:`, else all).",
)


def find_specs(paths: tuple[str, ...]) -> list[str]:
    """Files, folders (every spec below them), globs and `-`, each spec once, in order."""
    found: dict[str, None] = {}
    for path in paths:
        matches = list(_expand(path))
        if not matches:
            raise click.BadParameter(f"no pipeline spec in '{path}'.", param_hint="PATH")
        found.update(dict.fromkeys(matches))
    return list(found)


def one_spec(_: click.Context, __: click.Parameter, path: str | None) -> str | None:
    """The spec that a path stands for, where a command takes one: a folder or a glob must hold no other."""
    if path is None:
        return None
    found = find_specs((path,))
    if len(found) > 1:
        shown = ", ".join(f"'{spec}'" for spec in found[:_SHOWN]) + (", ..." if len(found) > _SHOWN else "")
        raise click.BadParameter(f"'{path}' holds {len(found)} pipeline specs, give one of them: {shown}.")
    return found[0]


def _expand(path: str) -> Iterator[str]:
    if path == "-":
        yield path
    elif os.path.isdir(path):
        yield from _specs_below(path)
    elif os.path.exists(path) or not glob.has_magic(path):
        yield path  # one that is not there is reported by the reader
    else:
        for match in sorted(glob.glob(path, recursive=True)):
            yield from _expand(match)


def _specs_below(folder: str) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            path = os.path.join(here, name)
            if name.endswith(_SPEC_ENDINGS) and _is_spec(path):
                yield path


def _is_spec(path: str) -> bool:
    """Whether a YAML file says of itself that it is a pipeline; component files and manifests do not."""
    try:
        with open(path, "rb") as file:
            head = file.read(1 << 16)
    except OSError:
        return False
    return any(line.startswith(b"apiVersion:") and _MARK in line for line in head.splitlines())
