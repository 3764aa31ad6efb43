"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from dagwright.backends.registry import BACKENDS, all_names, is_target
from dagwright.cli.command import advanced_option, did_you_mean
from dagwright.cli.completing import features, files, folders, params, run_ids, targets, vars_of_spec
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.runtime.options import RUN_OPTIONS, RunOption

F = TypeVar("F", bound=Callable[..., Any])

TARGETS = tuple(BACKENDS)
ALL_DIFFERENCES = "W601"


def split_targets(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The targets of `-t airflow,argo -t local` as a tuple without duplicates."""
    names = [name.strip() for item in value for name in item.split(",")]
    return tuple(dict.fromkeys(map(known_target, names)))


def one_target(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    """The target of an option that takes only one."""
    return None if value is None else known_target(value)


def known_target(name: str) -> str:
    """The name of a target. Raises BadParameter."""
    if is_target(name):
        return name
    targets = all_names()
    hint = did_you_mean(name, targets, fallback=f" Choose from {', '.join(targets)}.")
    raise click.BadParameter(f"'{name}' is not a target.{hint}")


def known_differences(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The values of `--allow-degraded`: features as named in the help of a W601, and `W601` for all."""
    if not value:
        return value
    from dagwright.backends.features import Feature
    from dagwright.diagnostics.suggest import suggest

    names = {feature.name.lower(): feature.value for feature in Feature}
    for name in value:
        if name not in names and name != ALL_DIFFERENCES:
            spelt = {words: known for known, words in names.items()}
            guess = suggest(name, (*names, ALL_DIFFERENCES), spelt)
            hint = f" Did you mean '{guess}'?" if guess else " The help of a W601 names it."
            raise click.BadParameter(f"'{name}' is not a difference that you can accept.{hint}")
    return value


def given_vars(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """The values of `--var`, by name."""
    found: dict[str, str] = {}
    for argument in value:
        name, equals, text = argument.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"'{argument}' has no {'name' if equals else 'value'}. Write NAME=VALUE.")
        if name in found:
            raise click.BadParameter(f"'{name}' is given more than once.")
        found[name] = text
    return found


def compiling(command: F) -> F:
    """The options of every command that reads specs."""
    for option in reversed(_COMPILING):
        command = option(command)
    return command


_COMPILING: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--format",
        "format_",
        type=click.Choice(["text", "concise", "json", "sarif", "github"]),
        default="text",
        show_default=True,
        help="How diagnostics are printed.",
    ),
    click.option(
        "--var",
        "given",
        multiple=True,
        callback=given_vars,
        shell_complete=vars_of_spec,
        metavar="NAME=VALUE",
        help="Set a var of the spec, which is fixed when it is compiled. Can be repeated.",
    ),
    advanced_option(
        "--allow-degraded",
        multiple=True,
        callback=known_differences,
        shell_complete=features,
        metavar="FEATURE",
        help="Accept a difference that a W601 warns about: the feature named in its help, or W601 for all. "
        "Can be repeated.",
    ),
    advanced_option(
        "--root",
        shell_complete=folders,
        metavar="DIR",
        show_default="the spec's folder",
        help="Component files must be in this folder or below it.",
    ),
    *(
        advanced_option(
            flag,
            type=click.IntRange(1, most),
            default=getattr(DEFAULT_BUDGETS, flag[2:].replace("-", "_")),
            show_default=True,
            metavar="N",
            help=f"Refuse files with more than N {what}.",
        )
        for flag, most, what in (
            ("--max-bytes", None, "bytes"),
            ("--max-depth", 250, "levels of nested lists and mappings"),
            ("--max-nodes", None, "keys, values, lists and mappings; each use of an alias counts"),
            ("--max-scalar", None, "characters in one value"),
        )
    ),
)

# The completion of a run option, by its metavar.
_COMPLETIONS = {"NAME=VALUE": params, "FILE": files, "DIR": folders, "RUN": run_ids}


def run_option(option: RunOption) -> Callable[[F], F]:
    """An option of the runtime's table as one of a command."""
    if not option.metavar:
        return click.option(*option.flags, option.name, is_flag=True, help=option.help)
    return click.option(
        *option.flags,
        option.name,
        type=click.IntRange(1) if option.metavar == "N" else None,
        multiple=option.repeated,
        metavar=option.metavar,
        shell_complete=_COMPLETIONS.get(option.metavar),
        show_default=option.default or None,
        help=option.help,
    )


def run_options(*names: str) -> Callable[[F], F]:
    """The options of a run with these names, in the order of the table."""

    def decorate(command: F) -> F:
        for option in reversed(RUN_OPTIONS):
            if option.name in names:
                command = run_option(option)(command)
        return command

    return decorate


running = run_options(*(option.name for option in RUN_OPTIONS))


params_option, params_file_option = (run_option(o) for o in RUN_OPTIONS if o.name in ("params", "params_file"))

targets_option = click.option(
    "-t",
    "--target",
    "targets",
    multiple=True,
    callback=split_targets,
    shell_complete=targets,
    metavar="NAMES",
    show_default="those under `targets:` in the spec",
    help="airflow, argo or local; separate several by commas.",
)
