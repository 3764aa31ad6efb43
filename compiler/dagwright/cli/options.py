"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from dagwright.source.budgets import DEFAULT_BUDGETS

F = TypeVar("F", bound=Callable[..., Any])

TARGETS = ("airflow", "argo", "local")
ALL_DIFFERENCES = "W601"


def split_targets(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """`-t airflow,argo -t local` as a tuple without twins."""
    names = [name.strip() for item in value for name in item.split(",")]
    for name in names:
        if name not in TARGETS:
            from dagwright.diagnostics.suggest import suggest

            guess = suggest(name, TARGETS)
            hint = f" Did you mean '{guess}'?" if guess else f" Choose from {', '.join(TARGETS)}."
            raise click.BadParameter(f"'{name}' is not a target.{hint}")
    return tuple(dict.fromkeys(names))


def known_differences(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """What `--allow-degraded` accepts: features as the help of a W601 names them, and `W601` for all."""
    if not value:
        return value
    from dagwright.backends.support import Feature
    from dagwright.diagnostics.suggest import suggest

    names = {feature.name.lower(): feature.value for feature in Feature}
    for name in value:
        if name not in names and name != ALL_DIFFERENCES:
            spelt = {words: known for known, words in names.items()}
            guess = suggest(name, (*names, ALL_DIFFERENCES), spelt)
            hint = f" Did you mean '{guess}'?" if guess else " The help of a W601 names it."
            raise click.BadParameter(f"'{name}' is no difference that can be accepted.{hint}")
    return value


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
        callback=known_differences,
        metavar="CODE",
        help="Accept a difference that a W601 announces: its feature, as the warning's help names it, or W601 for all.",
    ),
    *(
        click.option(
            flag,
            type=click.IntRange(1, most),
            default=getattr(DEFAULT_BUDGETS, flag[2:].replace("-", "_")),
            show_default=True,
            metavar="N",
            help=f"Refuse a file with more {what}.",
        )
        for flag, most, what in (
            ("--max-bytes", None, "bytes"),
            ("--max-depth", 250, "collections inside one another"),
            ("--max-nodes", None, "keys, values and collections; an alias counts each time"),
            ("--max-scalar", None, "characters in one text"),
        )
    ),
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
