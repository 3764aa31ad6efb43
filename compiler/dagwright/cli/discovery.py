"""The specs that paths name: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator

import click

from dagwright.cli.recognize import Kind, kind_of

_SPEC_ENDINGS = (".yaml", ".yml")
_SHOWN = 5  # specs that a message lists


def find_specs(paths: tuple[str, ...], *, components: bool = False) -> list[str]:
    """Files, folders (every spec below them), globs and `-`, each spec once, in order.

    With `components` also the component files of folders. How many other files folders hold is said on stderr.
    """
    found: dict[str, None] = {}
    scan = _Scan((Kind.SPEC, Kind.COMPONENTS) if components else (Kind.SPEC,))
    for path in paths:
        matches = list(scan.expand(path))
        if not matches:
            raise click.BadParameter(f"no pipeline spec in '{path}'{scan.beside()}.", param_hint="PATH")
        found.update(dict.fromkeys(matches))
    if scan.others:
        click.echo(f"note: {_count(scan.others)} no spec: {_some(list(scan.others))}", err=True)
    return list(found)


def one_spec(_: click.Context, __: click.Parameter, path: str | None) -> str | None:
    """The spec that a path stands for, where a command takes one: a folder or a glob must hold no other."""
    if path is None:
        return None
    scan = _Scan((Kind.SPEC,))
    found = list(dict.fromkeys(scan.expand(path)))
    if not found:
        raise click.BadParameter(f"no pipeline spec in '{path}'{scan.beside()}.")
    if len(found) > 1:
        raise click.BadParameter(f"'{path}' holds {len(found)} pipeline specs, give one of them: {_some(found)}.")
    return found[0]


class _Scan:
    """Expands paths. `others` are the YAML files that folders hold beside the wanted ones, component files left out."""

    def __init__(self, wanted: tuple[Kind, ...]) -> None:
        self.wanted = wanted
        self.others: dict[str, None] = {}

    def expand(self, path: str) -> Iterator[str]:
        if path == "-":
            yield path
        elif os.path.isdir(path):
            yield from self._below(path)
        elif os.path.exists(path) or not glob.has_magic(path):
            yield path  # one that is not there is reported by the reader
        else:
            for match in sorted(glob.glob(path, recursive=True)):
                yield from self.expand(match)

    def beside(self) -> str:
        """What else was found, for the message that no spec was."""
        return f"; {_count(self.others)} none" if self.others else ""

    def _below(self, folder: str) -> Iterator[str]:
        for here, folders, files in os.walk(folder, onerror=_fail):
            folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
            for path in (os.path.join(here, name) for name in sorted(files) if name.endswith(_SPEC_ENDINGS)):
                kind = kind_of(path)
                if kind in self.wanted:
                    yield path
                elif kind is Kind.OTHER:
                    self.others[path] = None


def _fail(error: OSError) -> None:
    raise error


def _count(files: dict[str, None]) -> str:
    return "1 YAML file is" if len(files) == 1 else f"{len(files)} YAML files are"


def _some(paths: list[str]) -> str:
    return ", ".join(f"'{path}'" for path in paths[:_SHOWN]) + (", ..." if len(paths) > _SHOWN else "")
