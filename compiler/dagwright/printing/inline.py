"""Copies the used parts of our runtime modules into a generated file.

The inliner splits each module into its top-level statements. Starting from the root names, it copies every statement
that defines a used name, in the order of the modules and lines, with the comments directly above the statement, and
merges the imports of other modules. From a plain class (no bases, no decorators) it copies only the methods that are
called; it knows the class of `self`, and of a name with an annotation. From a table (a dict with text keys, one row per
line) it copies only the rows that the caller asks for. The copied text is unchanged.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dagwright.printing.python import Code

_SOURCE_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name: `import module` (name is None) or `from module import name`, as `bound`."""

    module: str
    name: str | None
    bound: str


# An attribute that a statement reads: the class of its object, if known, and its name.
Attribute = tuple[str | None, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its key, its lines, and the names it reads."""

    key: str
    text: str
    reads: frozenset[str]
    attributes: frozenset[Attribute]


@dataclass(frozen=True, slots=True)
class Piece:
    """A top-level statement, or a method of a plain class: its text, the names it defines, and the names it reads.

    `owner` is the class of a method; the method is copied only together with its class. `bases` are the classes below a
    class, and None for other statements; `rows` are the rows of a table.
    """

    text: str
    defines: tuple[str, ...]
    reads: frozenset[str]
    attributes: frozenset[Attribute]
    owner: str | None = None
    bases: tuple[str, ...] | None = None
    rows: tuple[Row, ...] = ()

    def only(self, keys: Collection[str]) -> Piece:
        """The table with some of its rows."""
        rows = [row for row in self.rows if row.key in keys]
        head = self.text[: self.text.index("\n" + self.rows[0].text)]
        text = "\n".join([head, *(row.text for row in rows), "}"]) if rows else head + "}"
        reads = frozenset[str]().union(*(row.reads for row in rows))
        attributes = frozenset[Attribute]().union(*(row.attributes for row in rows))
        return Piece(text, self.defines, reads, attributes, rows=self.rows)


@dataclass(frozen=True, slots=True)
class Cut:
    """A module, split into pieces."""

    pieces: tuple[Piece, ...]
    imports: tuple[Import, ...]


@dataclass(frozen=True, slots=True)
class Inlined:
    """The text copied into a generated file: imports, pieces of source, and all names that these bind."""

    imports: tuple[Import, ...]
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


def _uses(*nodes: ast.AST, owner: str | None = None) -> tuple[frozenset[str], frozenset[Attribute]]:
    """The module's names that statements read (without a function's own locals), and the attributes.

    `owner` is the class of `self`.
    """
    names, attributes = set[str](), set[Attribute]()
    for node in nodes:
        if isinstance(node, ast.ClassDef):
            inner = _uses(*node.body, *node.bases, *node.decorator_list, owner=node.name)
            names |= inner[0]
            attributes |= inner[1]
        else:
            loaded, bound, found = _words(node, owner)
            names |= loaded - bound if isinstance(node, ast.FunctionDef) else loaded
            attributes |= found
    return frozenset(names), frozenset(attributes)


def _words(root: ast.AST, owner: str | None) -> tuple[Set[str], Set[str], Set[Attribute]]:
    """The names that a statement loads, the names it binds, and the attributes, in one walk (`ast.walk` is slow)."""
    loaded, bound = set[str](), set[str]()
    read = set[Attribute]()  # with the names of objects
    classes: dict[str, str | None] = {} if owner is None else {"self": owner}
    pending: list[Any] = [root]
    while pending:
        node = pending.pop()
        kind = type(node)
        if kind is ast.Name:
            (loaded if type(node.ctx) is ast.Load else bound).add(node.id)
            continue
        if kind is ast.Attribute:
            read.add((node.value.id if isinstance(node.value, ast.Name) else None, node.attr))
        elif kind is ast.arg:
            bound.add(node.arg)
        if kind is ast.arg or (kind is ast.AnnAssign and isinstance(node.target, ast.Name)):
            name = node.arg if kind is ast.arg else node.target.id
            known = node.annotation.id if isinstance(node.annotation, ast.Name) else None
            if name != "self":
                classes[name] = known if classes.get(name, known) == known else None
        for field in node._fields:
            value = getattr(node, field)
            if isinstance(value, list):
                pending += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                pending.append(value)
    return loaded, bound, {(_class_of(name, classes), attr) for name, attr in read}


def _class_of(name: str | None, classes: Mapping[str, str | None]) -> str | None:
    """The class of an object, or the class itself, if it is known."""
    if name is None or name in classes:
        return classes[name] if name is not None else None
    return name if name[0].isupper() else None


def _imports(node: ast.stmt) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            assert alias.asname is None, "inlined modules import without renaming"
            yield Import(alias.name, None, alias.name.partition(".")[0])
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            assert not node.level, "inlined modules import absolutely"
            yield Import(node.module or "", alias.name, alias.asname or alias.name)


def _first_line(node: ast.stmt, lines: Sequence[str]) -> int:
    """The index of the line on which a statement begins, with its decorators and the comments directly above."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(d.lineno for d in decorators)]) - 1
    while start > 0 and lines[start - 1].startswith("#") and not lines[start - 1].startswith(("# ---", "# mypy")):
        start -= 1
    return start


@cache
def cut(source: str) -> Cut:
    """A module's pieces and imports. Its docstring, `__future__` and `__all__` are left out."""
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
            if isinstance(node, ast.ClassDef) and not node.bases and not node.decorator_list:
                pieces += _methods(node, lines)
            else:
                text = "\n".join(lines[_first_line(node, lines) : node.end_lineno])
                bases = None
                if isinstance(node, ast.ClassDef):
                    bases = tuple(base.id for base in node.bases if isinstance(base, ast.Name))
                pieces.append(Piece(text, defines, *_uses(node), bases=bases, rows=tuple(_rows(node, lines))))
    return Cut(tuple(pieces), tuple(imports))


def _rows(node: ast.stmt, lines: Sequence[str]) -> Iterator[Row]:
    """The rows of a table: an assigned dict with text keys, each on a line of its own; nothing for other statements."""
    table = getattr(node, "value", None)
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(table, ast.Dict):
        return
    starts = [key.lineno for key in table.keys if key is not None]
    if len(set(starts)) < len(table.keys) or (starts and starts[0] == node.lineno):
        return
    ends = [*(start - 1 for start in starts[1:]), (table.end_lineno or 0) - 1]
    for key, value, start, end in zip(table.keys, table.values, starts, ends, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield Row(key.value, "\n".join(lines[start - 1 : end]), *_uses(value))


def _methods(node: ast.ClassDef, lines: Sequence[str]) -> Iterator[Piece]:
    """The pieces of a plain class: the part that every object needs, then one piece per method."""
    own = [s for s in node.body if not isinstance(s, ast.FunctionDef) or s.name.startswith("__")]
    end = max(statement.end_lineno or 0 for statement in own)
    assert node.body[: len(own)] == own, f"special methods of `{node.name}` stand first"
    text = "\n".join(lines[_first_line(node, lines) : end])
    yield Piece(text, (node.name,), *_uses(*own, owner=node.name), bases=())
    for method in node.body[len(own) :]:
        assert isinstance(method, ast.FunctionDef)
        start = min([method.lineno, *(d.lineno for d in method.decorator_list)]) - 1
        text = "\n".join(lines[start : method.end_lineno])
        yield Piece(text, (method.name,), *_uses(method, owner=node.name), owner=node.name)


def module_path(module: str) -> Path:
    """The file of a module of Dagwright, such as `dagwright.meaning.values`."""
    return _SOURCE_ROOT.joinpath(*module.split(".")).with_suffix(".py")


@cache
def module_sources(modules: tuple[str, ...]) -> Mapping[str, str]:
    """The text of each module, by name. Text that is copied into generated files is ASCII."""
    return {module: module_path(module).read_text(encoding="ascii") for module in modules}


def inline(
    modules: Mapping[str, str],
    roots: Iterable[str],
    attributes: Iterable[str] = (),
    given: Collection[str] = (),
    rows: Mapping[str, Collection[str]] | None = None,
) -> Inlined:
    """The pieces of `modules` (module name → source, in output order) that `roots` need.

    The generated file calls the methods named in `attributes`, and defines the `given` names itself. `rows` are the
    keys of the rows to copy, by the name of a table; other tables are copied whole.

    Imports between the modules are resolved. Two modules that define the same name are an internal error.
    """
    cuts = [_with_rows(cut(source), rows or {}) for source in modules.values()]
    owners: dict[str, Piece] = {}
    methods: dict[str, list[Piece]] = {}  # the methods of each class
    for piece in (p for c in cuts for p in c.pieces):
        for defined in piece.defines:
            if piece.owner is not None:
                methods.setdefault(piece.owner, []).append(piece)
            else:
                assert defined not in owners, f"two inlined modules define `{defined}`"
                owners[defined] = piece
    calls = _calls(owners, methods)
    tables = [name for name, piece in owners.items() if piece.rows]
    assert not rows or set(rows) <= set(tables), f"no tables: {sorted(set(rows) - set(tables))}"
    imported = {i.bound: i for c in cuts for i in c.imports if i.module not in modules}

    wanted, used = set[int](), dict[str, Import]()
    names = list(roots)
    attrs: list[Attribute] = [(None, name) for name in attributes]
    reached, called = set[str](), set[Attribute]()
    possible = set[int]()  # the methods that these can be
    while names or attrs:
        found: list[Piece] = []
        if names:
            needed = names.pop()
            if needed in imported:
                used[needed] = imported[needed]
            if needed in owners and needed not in given and needed not in reached:
                reached.add(needed)
                found = [owners[needed], *(m for m in methods.get(needed, ()) if id(m) in possible)]
        else:
            known, name = attrs.pop()
            attribute = (known if known in owners and owners[known].bases is not None else None, name)
            if attribute not in called:
                called.add(attribute)
                targets = calls.get(attribute, ())
                possible.update(map(id, targets))
                found = [m for m in targets if m.owner in reached]
        for piece in found:
            if id(piece) not in wanted:
                wanted.add(id(piece))
                names += piece.reads
                attrs += piece.attributes

    taken = {name for c in cuts for p in c.pieces if id(p) in wanted and p.owner is None for name in p.defines}
    chosen = [p for c in cuts for p in c.pieces if id(p) in wanted]
    return Inlined(tuple(used.values()), Code(_joined(chosen)), frozenset(used) | taken)


def _with_rows(module: Cut, rows: Mapping[str, Collection[str]]) -> Cut:
    """A module, its tables with only the rows that are asked for."""
    asked = [piece.only(rows[piece.defines[0]]) if piece.defines[0] in rows else piece for piece in module.pieces]
    return Cut(tuple(asked), module.imports)


def _calls(owners: Mapping[str, Piece], methods: Mapping[str, Sequence[Piece]]) -> Mapping[Attribute, Sequence[Piece]]:
    """The methods that each attribute can be: those of its class and of the classes below, or of any class."""
    found: dict[Attribute, list[Piece]] = {}
    for own in methods.values():
        for method in own:
            found.setdefault((None, method.defines[0]), []).append(method)
    for name, piece in owners.items():
        classes = set[str]()
        pending = [name] if piece.bases is not None else []
        while pending:
            each = pending.pop()
            bases = owners[each].bases if each in owners else None
            if bases is not None and each not in classes:
                classes.add(each)
                pending += bases
                for method in methods.get(each, ()):
                    found.setdefault((name, method.defines[0]), []).append(method)
    return found


def _joined(pieces: Sequence[Piece]) -> str:
    """The pieces as one text, with the blank lines of a formatter between them."""
    out: list[str] = []
    previous_big = False
    for at, piece in enumerate(pieces):
        first = piece.text.lstrip("#").split("\n")
        big = piece.owner is not None or any(line.startswith(("def ", "class ", "@", "try:", "if ")) for line in first)
        if at:
            out.append("\n" if piece.owner is not None else "\n\n" if big or previous_big else "")
        out.append(piece.text + "\n")
        previous_big = big
    return "".join(out)


def statements(imports: Iterable[Import], width: int = 100) -> Iterator[Code]:
    """Import statements in isort's order, one per module; the frame adds the blank lines between groups."""
    plain = sorted({i.module for i in imports if i.name is None})
    yield from (Code(f"import {module}") for module in plain)
    froms: dict[str, set[str]] = {}
    for item in imports:
        if item.name is not None:
            shown = item.name if item.bound == item.name else f"{item.name} as {item.bound}"
            froms.setdefault(item.module, set()).add(shown)
    for module in sorted(froms):
        names = sorted(froms[module], key=_import_order)
        line = f"from {module} import {', '.join(names)}"
        if len(line) > width:
            line = f"from {module} import (\n" + "".join(f"    {n},\n" for n in names) + ")"
        yield Code(line)


def _import_order(name: str) -> tuple[int, str]:
    """A sort key: constants, classes, then other names, the order of import sorters."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2, name)
