"""The specs that paths name: files, folders, globs and standard input."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator

import click

from dagwright.cli.ignored import Ignored
from dagwright.cli.recognize import Kind, kind_of
from dagwright.diagnostics.visible import visible

_SPEC_ENDINGS = (".yaml", ".yml")
_SHOWN = 5  # files that a note names
_LISTED = 20  # specs to choose from
_HERE = "."


def find_specs(paths: tuple[str, ...], *, components: bool = False) -> list[str]:
    """The specs of files, folders (searched recursively), globs and `-`, each once, in order; default: this folder.

    With `components`, also the component files of folders. A note on stderr counts the other YAML files of folders.
    """
    found: dict[str, str] = {}  # by the file itself, which may have several paths
    scan = _Scan((Kind.SPEC, Kind.COMPONENTS) if components else (Kind.SPEC,))
    for path in paths or (_HERE,):
        matches = list(scan.expand(path))
        if not matches:
            raise _nothing(path, scan)
        for match in matches:
            found.setdefault(match if match == "-" else os.path.realpath(match), match)
    if scan.others:
        click.echo(f"note: {_count(scan.others)} not a spec: {_some(list(scan.others))}", err=True)
    return list(found.values())


def specs_below(folder: str) -> list[str]:
    """The specs and component files below a folder."""
    return list(_Scan((Kind.SPEC, Kind.COMPONENTS)).expand(folder))


def one_spec(_: click.Context, __: click.Parameter, path: str | None) -> str | None:
    """The spec of a path, for a command with at most one spec: a folder or glob must not contain two."""
    return None if path is None else _only(path)


def only_spec(_: click.Context, __: click.Parameter, path: str | None) -> str:
    """Like `one_spec`, but without a path it is the only spec in the current folder, or else the only one below it."""
    return _only(_HERE if path is None else path)


def _only(path: str) -> str:
    scan = _Scan((Kind.SPEC,))
    found = list(dict.fromkeys(scan.expand(path)))
    directly = [spec for spec in found if not os.path.dirname(spec)]
    found = directly if path == _HERE and directly else found
    if not found:
        raise _nothing(path, scan)
    if len(found) > 1:
        where = "This folder" if path == _HERE else _quoted(path)
        listed = "".join(f"\n  {visible(spec)}" for spec in found[:_LISTED])
        more = f"\n  and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise click.UsageError(f"{where} holds {len(found)} pipeline specs. Name one of them:{listed}{more}")
    return found[0]


def _nothing(path: str, scan: _Scan) -> click.UsageError:
    if path == _HERE:
        return click.UsageError(
            f"There is no pipeline spec in this folder{scan.beside()}. "
            "Name one, or create a pipeline with 'dagwright init NAME'."
        )
    if not os.path.isdir(path):
        return click.UsageError(f"No spec matches {_quoted(path)}{scan.beside()}.")
    return click.UsageError(f"There is no pipeline spec in {_quoted(path)}{scan.beside()}.")


class _Scan:
    """A scan of paths. `others` are the YAML files of folders that are neither wanted nor component files."""

    def __init__(self, wanted: tuple[Kind, ...]) -> None:
        self.wanted = wanted
        self.others: dict[str, None] = {}

    def expand(self, path: str) -> Iterator[str]:
        if path == "-":
            yield path
        elif os.path.isdir(path):
            yield from self._below(path)
        elif os.path.exists(path) or not glob.has_magic(path):
            yield path  # the reader reports a file that does not exist
        else:
            for match in _matches(path):
                yield from self.expand(match)

    def beside(self) -> str:
        """The other files found, for the message that there is no spec."""
        return f" ({_count(self.others)} not a spec)" if self.others else ""

    def _below(self, folder: str) -> Iterator[str]:
        ignored = Ignored(folder)
        for here, folders, files in os.walk(folder, onerror=_fail):
            folders[:] = sorted(name for name in folders if not ignored.folder(os.path.join(here, name)))
            for name in sorted(files):
                if not name.endswith(_SPEC_ENDINGS) or ignored.file(os.path.join(here, name)):
                    continue
                path = os.path.join(here, name).removeprefix(f"{_HERE}{os.sep}")
                kind = kind_of(path)
                if kind in self.wanted:
                    yield path
                elif kind is Kind.OTHER:
                    self.others[path] = None


def _matches(pattern: str) -> list[str]:
    """The files that a glob matches; its `**` searches the same folders as the search of a folder."""
    found = sorted(glob.glob(pattern, recursive=True))
    before, stars, _ = pattern.partition("**")
    folder = os.path.dirname(before)
    if not stars or glob.has_magic(folder) or not os.path.isdir(folder or _HERE):
        return found
    ignored = Ignored(folder or _HERE)
    return [path for path in found if not _is_left_out(path, folder, ignored)]


def _is_left_out(path: str, folder: str, ignored: Ignored) -> bool:
    parents: list[str] = []
    while (path_above := os.path.dirname(parents[-1] if parents else path)) not in (folder, "", os.sep):
        parents.append(path_above)
    return ignored.file(path) or any(ignored.folder(parent) for parent in parents)


def _fail(error: OSError) -> None:
    raise error


def _count(files: dict[str, None]) -> str:
    return "1 YAML file is" if len(files) == 1 else f"{len(files)} YAML files are"


def _some(paths: list[str]) -> str:
    return ", ".join(map(_quoted, paths[:_SHOWN])) + (", ..." if len(paths) > _SHOWN else "")


def _quoted(path: str) -> str:
    return f"'{visible(path)}'"
