"""The commands on docs/command-line.md, made from the commands themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import click

from dagwright.cli.commands import cli

_SHARED_BY = 4  # commands with the same option: the page describes it once for all
_SHARED = "shared-options"


def commands() -> str:
    """A section for each command, and one for the options that many share."""
    root = click.Context(cli, info_name="dagwright", **cli.context_settings)
    found = [(name, command) for name in cli.list_commands(root) if (command := cli.get_command(root, name))]
    contexts = [click.Context(command, root, info_name=name) for name, command in found if not command.hidden]
    for context in list(contexts):
        if isinstance(context.command, click.Group):
            inner = [click.Context(sub, context, info_name=name) for name, sub in context.command.commands.items()]
            at = contexts.index(context) + 1
            contexts[at:at] = inner
    count = Counter(option for context in contexts for option in _options(context))
    shared = {option: None for option in count if count[option] >= _SHARED_BY}
    sections = ["\n".join(_section(context, shared)) for context in contexts]
    return "\n".join([*sections, "### Shared options\n", "All commands that read specs have these.\n", _table(shared)])


def _options(context: click.Context) -> list[tuple[str, str]]:
    """The options of a command with their help; its text describes its arguments."""
    records = (param.get_help_record(context) for param in context.command.get_params(context))
    return [record for record in records if record and record[1] and "--help" not in record[0]]


def _section(context: click.Context, shared: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The lines of a section: the command's description, usage, examples and options."""
    yield f"### {context.command_path.partition(' ')[2]}\n"
    paragraphs = (context.command.help or "").strip().split("\n\n")
    examples = [text for text in paragraphs if text.lstrip("\b\n ").startswith("Example")]
    assert examples, f"`{context.info_name}` has no example"
    yield from (" ".join(text.split()) + "\n" for text in paragraphs if text not in examples)
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    lines = [line.removeprefix("  ") for text in examples for line in text.partition(":\n")[2].splitlines()]
    yield "\n".join(["```text", f"usage: {usage}", "", *lines, "```\n"])
    options = _options(context)
    own = [option for option in options if option not in shared]
    if own:
        yield _table(own)
    if len(own) < len(options):
        yield f"{'And the' if own else 'The'} [options that commands share](#{_SHARED}).\n"


def _table(options: Iterable[tuple[str, str]]) -> str:
    rows = [f"| `{_cell(option)}` | {_cell(meaning)} |\n" for option, meaning in options]
    return "| option | meaning |\n| --- | --- |\n" + "".join(rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
