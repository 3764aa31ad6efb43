"""Component files: stored below the project root, read once, never through a link that leaves the root."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from dagwright.diagnostics.model import Report, Severity
from dagwright.diagnostics.suggest import suggest
from dagwright.lower.constants import refuse_references
from dagwright.lower.vars import refuse_vars
from dagwright.reading.budgets import Budgets
from dagwright.reading.read import parse, read_source
from dagwright.schema.validate import validate
from dagwright.source.span import Source, Span
from dagwright.source.tree import Mapping


@dataclass(slots=True)
class Files:
    """The component files of one compilation. All paths must stay inside the folder `root`."""

    root: str
    budgets: Budgets
    sources: list[Source] = field(default_factory=list)  # in the order of first use
    _read: dict[str, Mapping | None] = field(default_factory=dict)

    def components(self, path: str, beside: str, span: Span, report: Report) -> Mapping | None:
        """The `components:` of the file at `path`, which is relative to the folder of the file `beside`."""
        full = self._locate(path, beside, span, report)
        if full is None:
            return None
        if full not in self._read:
            source = read_source(os.path.relpath(full), self.budgets, report, span, _advice(full, path))
            if source is None:  # read again: each place that names the file gets the error
                return None
            self._read[full] = self._load(source, report)
        return self._read[full]

    def _locate(self, path: str, beside: str, span: Span, report: Report) -> str | None:
        if os.path.isabs(path) or "\\" in path:
            report.error(
                "E501",
                "the path of a component file is relative to this file",
                span,
                label="not a relative path with `/`",
                help="write it as `./components/train.yaml#name`",
            )
            return None
        folder = os.getcwd() if beside == "-" else os.path.dirname(os.path.abspath(beside))
        full = os.path.normpath(os.path.join(folder, path))
        root = os.path.realpath(self.root)
        if not _inside(full, os.path.abspath(self.root)) or not _inside(os.path.realpath(full), root):
            report.error(
                "E502",
                "this path leaves the project's root folder",
                span,
                label="outside the root",
                notes=["links that lead out of the root are refused, too"],
                help="move the file under the root, or set a higher root with `--root DIR`",
            )
            return None
        return full

    def _load(self, source: Source, report: Report) -> Mapping | None:
        before = len(report.diagnostics)
        self.sources.append(source)
        tree = parse(source, self.budgets, report)
        if tree is None:
            return None
        refuse_vars(tree, report)
        if _errors(report, before):
            return None
        validate(tree, report, root="components")
        if _errors(report, before):
            return None
        refuse_references(tree, report, root="components")
        if _errors(report, before):
            return None
        components = tree.values["components"] if isinstance(tree, Mapping) else None
        return components if isinstance(components, Mapping) else None


def _advice(full: str, path: str) -> str | None:
    """The help line for a missing file: a file in the same folder with a similar name."""
    if os.path.lexists(full):
        return None
    folder, name = os.path.split(full)
    try:
        guess = suggest(name, os.listdir(folder))
    except OSError:
        guess = None
    if guess is None:
        return "check the path: it is relative to the folder of this file"
    return f"write `{path.removesuffix(name)}{guess}`"


def _errors(report: Report, before: int) -> bool:
    return any(d.severity is Severity.ERROR for d in report.diagnostics[before:])


def _inside(path: str, root: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)
