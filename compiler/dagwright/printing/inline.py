"""Copies the used parts of our runtime modules into a generated file.

A module is cut into its top-level statements. Starting from the root names, every statement that defines a used name
is taken, in the order of the modules and of their lines, with the comments that stand directly above it; imports of
other modules are merged. The copied text is ours, unchanged.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dagwright.printing.python import Code


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `import module` (name is None) or `from module import name`, as `bound`."""

    module: str
    name: str | None
    bound: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A top-level statement: its text, the names that it defines and those that it reads."""

    text: str
    defines: tuple[str, ...]
    reads: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cut:
    """A module cut into pieces."""

    pieces: tuple[Piece, ...]
    imports: tuple[Import, ...]


@dataclass(frozen=True, slots=True)
class Inlined:
    """What a generated file takes over: import statements, pieces of source, and every name that these bind."""

    imports: tuple[Code, ...]
    body: Code
    names: frozenset[str]


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement binds at the top level."""
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            for target in targets:
                yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)
        case ast.Try(body=body, handlers=handlers):
            for inner in [*body, *(s for handler in handlers for s in handler.body)]:
                yield from _bound(inner)
        case ast.If(body=body, orelse=orelse):
            for inner in [*body, *orelse]:
                yield from _bound(inner)


def _reads(node: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in ast.walk(node) if isinstance(n, ast.Name))


def _imports(node: ast.stmt) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            assert alias.asname is None, "inlined modules import without renaming"
            yield Import(alias.name, None, alias.name.partition(".")[0])
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            assert alias.asname is None and not node.level, "inlined modules import absolutely, without renaming"
            yield Import(node.module or "", alias.name, alias.name)


def _first_line(node: ast.stmt, lines: Sequence[str]) -> int:
    """The index of the line on which a statement begins, with its decorators and the comments directly above."""
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(d.lineno for d in decorators)]) - 1
    while start > 0 and lines[start - 1].startswith("#") and not lines[start - 1].startswith(("# ---", "# mypy")):
        start -= 1
    return start


@cache
def cut(source: str) -> Cut:
    """A module's pieces and imports. Its docstring, `__future__` and `__all__` are left behind."""
    lines = source.splitlines()
    pieces: list[Piece] = []
    imports: list[Import] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            if getattr(node, "module", None) != "__future__":
                imports += _imports(node)
            continue
        defines = tuple(dict.fromkeys(_bound(node)))
        if defines and defines != ("__all__",):
            text = "\n".join(lines[_first_line(node, lines) : node.end_lineno])
            pieces.append(Piece(text, defines, _reads(node)))
    return Cut(tuple(pieces), tuple(imports))


def inline(modules: Mapping[str, str], roots: Iterable[str]) -> Inlined:
    """The pieces of `modules` (module name → source, in the order in which they are to stand) that `roots` need.

    Imports from one of the modules to another are resolved; a name that two of them define is our own mistake.
    """
    cuts = [cut(source) for source in modules.values()]
    owners: dict[str, Piece] = {}
    for piece in (p for c in cuts for p in c.pieces):
        for defined in piece.defines:
            assert defined not in owners, f"two inlined modules define `{defined}`"
            owners[defined] = piece
    imported = {i.bound: i for c in cuts for i in c.imports if i.module not in modules}

    wanted, pending, used = set[int](), list(roots), dict[str, Import]()
    while pending:
        needed = pending.pop()
        if needed in owners:
            piece = owners[needed]
            if id(piece) not in wanted:
                wanted.add(id(piece))
                pending += piece.reads
        elif needed in imported:
            used[needed] = imported[needed]

    chosen = [p for c in cuts for p in c.pieces if id(p) in wanted]
    names = frozenset(used) | {defined for piece in chosen for defined in piece.defines}
    return Inlined(tuple(statements(used.values())), Code(_joined(chosen)), names)


def _joined(pieces: Sequence[Piece]) -> str:
    """Pieces with the blank lines that a formatter would leave between them."""
    out: list[str] = []
    previous_big = False
    for at, piece in enumerate(pieces):
        first = piece.text.lstrip("#").split("\n")
        big = any(line.startswith(("def ", "class ", "@", "try:", "if ")) for line in first)
        if at:
            out.append("\n\n" if big or previous_big else "")
        out.append(piece.text + "\n")
        previous_big = big
    return "".join(out)


_STANDARD_FIRST = ("airflow", "kubernetes")


def statements(imports: Iterable[Import], width: int = 100) -> Iterator[Code]:
    """Import statements, sorted as a formatter would, one a module; blank lines between the groups are the frame's."""
    plain = sorted({i.module for i in imports if i.name is None})
    yield from (Code(f"import {module}") for module in plain)
    froms: dict[str, set[str]] = {}
    for item in imports:
        if item.name is not None:
            froms.setdefault(item.module, set()).add(item.name)
    for module in sorted(froms):
        names = sorted(froms[module], key=_import_order)
        line = f"from {module} import {', '.join(names)}"
        if len(line) > width:
            line = f"from {module} import (\n" + "".join(f"    {n},\n" for n in names) + ")"
        yield Code(line)


def _import_order(name: str) -> tuple[int, str]:
    """Constants, classes, then the rest: the order of import sorters."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)
