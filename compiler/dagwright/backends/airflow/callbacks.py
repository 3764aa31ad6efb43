"""Functions of the installation that a DAG file imports and gives to Airflow as callbacks."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterator

from dagwright.backends.airflow.settings import of_task, settings
from dagwright.diagnostics.model import Report
from dagwright.ir.data import Atom, Fields
from dagwright.ir.model import Pipeline
from dagwright.printing.code import Tree, name
from dagwright.printing.inline import Import
from dagwright.source.span import Span


class Callbacks:
    """The imports of dotted paths; a name that the file uses otherwise gets a `_`."""

    def __init__(self, pipeline: Pipeline, taken: Collection[str]) -> None:
        self.imports: dict[str, Import] = {}
        used = set(taken)
        for path, _ in paths(pipeline):
            if path not in self.imports:
                module, _, function = path.rpartition(".")
                bound = function
                while bound in used:
                    bound += "_"
                used.add(bound)
                self.imports[path] = Import(module, function, bound)

    def read(self, path: str) -> Tree:
        """The name of the function in the file."""
        return name(self.imports[path].bound)


def paths(pipeline: Pipeline) -> Iterator[tuple[str, Span]]:
    """The dotted paths of all callbacks, with their places."""
    target = settings(pipeline)
    origin = dict(target.origins).get("callbacks", target.origin)
    yield from ((path, origin) for _, path in target.callbacks)
    for task in pipeline.all_tasks:
        given = of_task(task).get("callbacks")
        if isinstance(given, Fields):
            for entry in given.entries:
                if isinstance(entry.value, Atom):
                    yield str(entry.value.value), entry.value.origin


def check_callbacks(pipeline: Pipeline, report: Report) -> None:
    """Report paths that Python cannot import."""
    for path, origin in paths(pipeline):
        word = next((w for w in path.split(".") if keyword.iskeyword(w) or w == "__future__"), None)
        if word is not None:
            report.error(
                "E614",
                f"`{word}` cannot be part of the path of a function",
                origin,
                label="a word of Python",
                help="write the path of a function in a module of yours, such as `acme.alerts.page`",
            )
