"""`dagwright completion`."""

from __future__ import annotations

import click

from dagwright.cli import exits
from dagwright.cli.command import command

_LINES = {
    "bash": 'eval "$(_DAGWRIGHT_COMPLETE=bash_source dagwright)"',
    "zsh": 'eval "$(_DAGWRIGHT_COMPLETE=zsh_source dagwright)"',
    "fish": "_DAGWRIGHT_COMPLETE=fish_source dagwright | source",
}


@command(short_help="Print the code that sets up shell completion.")
@click.argument("shell", type=click.Choice(list(_LINES)), metavar="{bash|zsh|fish}")
def completion(shell: str) -> int:
    """Print the line that sets up completion in a shell.

    It completes commands, options, files, targets, diagnostic codes, and the names of params after `--param`. In zsh,
    put the line after `compinit`.

    \b
    Examples:
      dagwright completion bash >> ~/.bashrc
      dagwright completion zsh >> ~/.zshrc
      dagwright completion fish > ~/.config/fish/completions/dagwright.fish
    """
    click.echo(_LINES[shell])
    return exits.OK
