"""`dagwright completion`."""

from __future__ import annotations

import click

from dagwright.cli import exits

_LINES = {
    "bash": 'eval "$(_DAGWRIGHT_COMPLETE=bash_source dagwright)"',
    "zsh": 'eval "$(_DAGWRIGHT_COMPLETE=zsh_source dagwright)"',
    "fish": "_DAGWRIGHT_COMPLETE=fish_source dagwright | source",
}


@click.command(short_help="Print the shell code that completes commands.")
@click.argument("shell", type=click.Choice(list(_LINES)))
def completion(shell: str) -> int:
    """\b
    Examples:
      dagwright completion bash >> ~/.bashrc
      dagwright completion fish > ~/.config/fish/completions/dagwright.fish

    Print the line that turns on completion of commands and options in a shell.
    """
    click.echo(_LINES[shell])
    return exits.OK
