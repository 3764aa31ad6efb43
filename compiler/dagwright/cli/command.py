"""The command class of every command: options in two sections, and suggestions for options that do not exist."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType

import click

from dagwright.cli.meanings import ADVICE, COMMANDS, OPTIONS

_ONE_DASH = re.compile("-[a-z]{2}")


class AdvancedOption(click.Option):
    """An option that few people need; the help lists it last."""


class Command(click.Command):
    """A command whose help lists everyday options first, with suggestions for options of other tools."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise no_such_option(error.option_name, given, options_of(ctx), ctx) from None

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        sections = {"Options": False, "Advanced": True}
        for heading, advanced in sections.items():
            rows = (option.get_help_record(ctx) for option in options if isinstance(option, AdvancedOption) is advanced)
            if shown := [row for row in rows if row is not None]:
                with formatter.section(heading):
                    formatter.write_dl(shown)


def options_of(ctx: click.Context) -> list[str]:
    """The names of the options that a command takes."""
    return [name for option in ctx.command.get_params(ctx) if isinstance(option, click.Option) for name in option.opts]


def no_such_option(word: str, given: Iterable[str], names: Iterable[str], ctx: click.Context) -> click.UsageError:
    """The error for an unknown option. `-param`, which click reads as `-p` and more, is meant to be `--param`."""
    whole = next((arg.partition("=")[0] for arg in given if _ONE_DASH.match(arg) and arg.startswith(word)), word)
    long_names = [name for name in names if name.startswith("--")]
    meant = f"-{whole}"
    hint = f" Did you mean '{meant}'?" if meant in long_names else did_you_mean(whole, long_names, OPTIONS)
    return click.UsageError(f"No such option '{whole}'.{hint}", ctx)


command = partial(click.command, cls=Command)
advanced_option = partial(click.option, cls=AdvancedOption)


def suggested_command(word: str, known: Iterable[str]) -> str:
    """The hint for a command that does not exist; empty if nothing comes close."""
    if os.path.exists(word):
        return f" To check this file or folder, write 'dagwright check {shlex.quote(word)}'."
    advice = next((text for words, text in ADVICE.items() if word.lower() in words.split()), None)
    return f" {advice}" if advice else did_you_mean(word, [*known, "--version", "--help"], COMMANDS)


def did_you_mean(
    word: str, known: Iterable[str], meanings: Mapping[str, str] = MappingProxyType({}), fallback: str = ""
) -> str:
    """` Did you mean 'check'?`, for a misspelled word or a word of another tool; else the fallback."""
    from dagwright.diagnostics.suggest import suggest

    candidates = list(known)
    synonyms = dict(_words(meanings, candidates))
    meant = synonyms.get(word) or synonyms.get(word.lower()) or suggest(word, candidates)
    return f" Did you mean '{meant}'?" if meant else fallback


def _words(meanings: Mapping[str, str], known: list[str]) -> Iterator[tuple[str, str]]:
    for ours, theirs in meanings.items():
        if ours.split()[0] in known:
            yield from ((word, ours) for word in theirs.split())
