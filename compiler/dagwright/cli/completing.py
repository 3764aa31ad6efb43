"""The completions of each argument, and small changes to click's scripts for shells."""

from __future__ import annotations

import os
from collections.abc import Iterable

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ZshComplete, add_completion_class

Items = list[CompletionItem]


def files(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Files, which the shell itself completes."""
    return [CompletionItem(incomplete, type="file")]


def folders(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Folders, which the shell itself completes."""
    return [CompletionItem(incomplete, type="dir")]


def codes(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Diagnostic codes, each with its title."""
    from dagwright.diagnostics.explain import codes as all_codes
    from dagwright.diagnostics.explain import explain

    wanted = [code for code in all_codes() if code.startswith(incomplete.upper())]
    return [CompletionItem(code, help=page.title) for code in wanted if (page := explain(code)) is not None]


def words(known: Iterable[str]) -> Items:
    return [CompletionItem(word) for word in known]


def targets(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """Targets, also after a comma, without the targets already named."""
    from dagwright.backends.registry import all_names

    before, comma, begun = incomplete.rpartition(",")
    left = [name for name in all_names() if name not in before.split(",") and name.startswith(begun)]
    return words(before + comma + name for name in left)


def features(_: click.Context, __: click.Parameter, incomplete: str) -> Items:
    """The values of `--allow-degraded`."""
    from dagwright.backends.features import Feature
    from dagwright.cli.options import ALL_DIFFERENCES

    names = [*(feature.name.lower() for feature in Feature), ALL_DIFFERENCES]
    return words(name for name in names if name.startswith(incomplete))


def params(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """`NAME=` for each param of the spec on the line, or of the only spec of the folder."""
    return _declared(context, "params", incomplete)


def vars_of_spec(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """`NAME=` for each var of the spec on the line, or of the only spec of the folder."""
    return _declared(context, "vars", incomplete)


def _declared(context: click.Context, key: str, incomplete: str) -> Items:
    paths = context.params.get("path", context.params.get("paths"))
    path = paths[0] if isinstance(paths, tuple) and len(paths) == 1 else paths
    declared = _entries_of(path, key) if isinstance(path, str) and path != "-" else {}
    return [CompletionItem(f"{name}=", help=kind) for name, kind in declared.items() if name.startswith(incomplete)]


def run_ids(context: click.Context, _: click.Parameter, incomplete: str) -> Items:
    """The ids of the runs in the folder on the line, newest first, each with its pipeline and state."""
    from dagwright.runtime.past import run_names, state_of_run
    from dagwright.runtime.session import DEFAULT_RUNS

    runs = context.params.get("runs_dir") or DEFAULT_RUNS
    names = [name for name in [*run_names(runs), "latest"] if name.startswith(incomplete)]
    return [
        CompletionItem(name, help="" if name == "latest" else state_of_run(os.path.join(runs, name))) for name in names
    ]


def _entries_of(path: str, key: str) -> dict[str, str]:
    """The params or vars of a spec, each with its type or value; {} if the file cannot be read."""
    from dagwright.diagnostics.model import Report
    from dagwright.reading.budgets import Budgets
    from dagwright.reading.read import parse, read_source
    from dagwright.source.tree import Mapping, Scalar

    source = read_source(path, Budgets(), Report())
    tree = parse(source) if source is not None else None
    table = tree.values.get(key) if isinstance(tree, Mapping) else None
    found = {}
    for name, node in table.values.items() if isinstance(table, Mapping) else ():
        kind = node.values.get("type") if isinstance(node, Mapping) else node
        found[name] = kind.text if isinstance(kind, Scalar) else ""
    return found


class _Bash(BashComplete):
    """Completion for bash without a blank after `NAME=`, since the value follows."""

    source_template = BashComplete.source_template.replace(
        "COMPREPLY+=($value)", "COMPREPLY+=($value); [[ $value == *= ]] && compopt -o nospace"
    )


class _Zsh(ZshComplete):
    """Completion for zsh without a blank after `NAME=`, since the value follows."""

    source_template = ZshComplete.source_template.replace(
        'if [[ "$type" == "plain" ]]; then', 'if [[ "$key" == *= ]]; then\n            compadd -U -S "" -- "$key"\n'
        '        elif [[ "$type" == "plain" ]]; then',
    )  # fmt: skip


class _Fish(FishComplete):
    """Completion for fish that does not split values at commas."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split -m 1 ","')


def register() -> None:
    """Register these scripts for the shells."""
    for changed in (_Bash, _Zsh, _Fish):
        add_completion_class(changed)
