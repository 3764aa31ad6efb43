"""`uses`: finding a component in the spec or in a file, and the components that it uses in turn."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from dagwright.diagnostics.fix import Advice, reword
from dagwright.diagnostics.model import Label, Report
from dagwright.diagnostics.suggest import suggest
from dagwright.lower.files import Files
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar


@dataclass(frozen=True, slots=True)
class Component:
    """A component as written: its name, its body, and the `components:` beside it."""

    name: str
    key: Scalar
    body: Mapping
    siblings: Mapping | None


@dataclass(slots=True)
class Components:
    """The components of one pipeline: resolves `uses`, and records the used local components."""

    local: Mapping | None
    files: Files
    used: set[str] = field(default_factory=set)

    def chain(self, task: Mapping, report: Report) -> list[Component] | None:
        """The components of a task, outermost first; None if one cannot be found (reported)."""
        found: list[Component] = []
        body, siblings = task, self.local
        while (uses := body.values.get("uses")) is not None:
            assert isinstance(uses, Scalar)
            component = self._find(uses, siblings, report)
            if component is None:
                return None
            if any(c.body is component.body for c in found):
                _report_cycle(found, component, uses.span, report)
                return None
            found.append(component)
            body, siblings = component.body, component.siblings
        return found

    def _find(self, uses: Scalar, siblings: Mapping | None, report: Report) -> Component | None:
        reference = uses.text
        if not reference.startswith((".", "/")):
            if siblings is self.local:
                self.used.add(reference)
            if _names_a_file(reference):
                _report_bare_path(uses, report)
                return None
            return _by_name(reference, siblings, uses.span, report)
        path, _, name = reference.partition("#")
        there = self.files.components(path, uses.source.path, uses.part(0, len(path)), report)
        if there is None:
            return None
        if name:
            return _by_name(name, there, uses.part(len(path) + 1, len(reference)), report, f"{path}#")
        if len(there.values) == 1:
            return _by_name(next(iter(there.values)), there, uses.span, report)
        report.error(
            "E504",
            f"this file holds {len(there.values)} components, so you must name one",
            uses.span,
            help=f"write the name of one of them, such as `{path}#{next(iter(there.values), 'name')}`",
            notes=["components of the file: " + ", ".join(there.values)],
        )
        return None


def _names_a_file(reference: str) -> bool:
    return "/" in reference or "#" in reference or reference.endswith((".yaml", ".yml"))


def _report_bare_path(uses: Scalar, report: Report) -> None:
    report.error(
        "E501",
        "the path of a component file starts with `./` or `../`",
        uses.span,
        label="neither a name nor such a path",
        help=_bare_path_help(uses),
    )


_FILE = re.compile(r"[\w./-]+\.ya?ml(?:#\w+)?")


def _bare_path_help(uses: Scalar) -> str | Advice:
    if uses.text[0] == "#":
        return reword(uses.span, uses.text, uses.text[1:], "write `{}`")
    if _FILE.fullmatch(uses.text):
        return reword(uses.span, uses.text, f"./{uses.text}", "write `{}`")
    return "name a component of this file, or a file such as `./components.yaml#load`; actions cannot be used"


def _by_name(name: str, table: Mapping | None, span: Span, report: Report, file: str = "") -> Component | None:
    """The component with a name; `file` is the text before the name in `uses`."""
    body = table.values.get(name) if table is not None else None
    if table is not None and isinstance(body, Mapping):
        return Component(name, table.keys[name], body, table)
    known: dict[str, Node] = table.values if table is not None else {}
    guess = suggest(name, known)
    report.error(
        "E503",
        f"no component is called `{name}`",
        span,
        label="not defined",
        notes=["known components: " + ", ".join(known)] if known else ["this file has no `components:`"],
        help=_instead(span, name, guess, known, file),
    )
    return None


def _instead(span: Span, name: str, guess: str | None, known: Collection[str], file: str) -> str | Advice:
    if guess:
        return reword(span, name, guess, f"write `{file}{{}}`" if file else "did you mean `{}`?")
    if file and known:
        return f"write one of them, such as `{file}{next(iter(known))}`"
    return "define it under `components:`"


def _report_cycle(found: list[Component], again: Component, span: Span, report: Report) -> None:
    names = [c.name for c in found[[c.body is again.body for c in found].index(True) :]]
    report.error(
        "E505",
        "these components use each other, so none can be expanded",
        span,
        label=f"uses `{again.name}` again",
        secondary=[Label(c.key.span, f"`{c.name}`") for c in found if c.name in names],
        notes=["cycle: " + " uses ".join([*names, again.name])],
        help="remove one `uses` of the cycle",
    )


def report_unused(components: Components, report: Report) -> None:
    """Warn about local components that no task uses, directly or through another component."""
    if components.local is None:
        return
    for name, key in components.local.keys.items():
        if name not in components.used:
            report.warning(
                "W251",
                f"the component `{name}` is never used",
                key.span,
                label="no task uses it",
                help=f"remove it, or write `uses: {name}` in a task",
            )
