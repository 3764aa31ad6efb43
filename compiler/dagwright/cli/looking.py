"""Shared parts of the commands that look at runs."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from dagwright.cli import exits
from dagwright.cli.completing import folders
from dagwright.runtime.inputs import Refused
from dagwright.runtime.past import Past, find_run, read_past
from dagwright.runtime.session import DEFAULT_RUNS

runs_option = click.option(
    "--runs-dir",
    metavar="DIR",
    shell_complete=folders,
    show_default=DEFAULT_RUNS,
    help="The folder in which runs are stored.",
)


def runs_folder(given: str | None) -> str:
    """The absolute path of the folder of runs."""
    return os.path.abspath(given or DEFAULT_RUNS)


def past_run(runs: str, name: str) -> Past:
    """A run by its name. Raises Refused."""
    return read_past(os.path.join(runs, find_run(runs, name)))


def looking(command: Callable[..., int]) -> Callable[..., int]:
    """A command that prints the errors of `Refused`, and exits with 2 then."""

    @wraps(command)
    def print_errors(*arguments: Any, **given: Any) -> int:
        try:
            return command(*arguments, **given)
        except Refused as refusal:
            for complaint in refusal.complaints:
                click.echo(f"error[{complaint.code}]: {complaint.message}\n   = help: {complaint.help}", err=True)
            return exits.USAGE

    return print_errors
