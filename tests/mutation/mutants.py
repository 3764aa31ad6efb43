"""Small changes of Python sources: each one replaces a single piece of text."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A change of one place of a file. `kind` names the change; offsets count bytes, as Python's parser does.

    `statement` has the lines of the statement around it, without those of its blocks; `at_import` says whether it runs
    when the module is imported.
    """

    path: Path
    kind: str
    line: int
    statement: range
    at_import: bool
    start: int
    end: int
    new: str

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.new.encode() + source[self.end :]

    def shown(self, source: bytes) -> str:
        old = " ".join(source[self.start : self.end].decode().split())
        new = " ".join(self.new.split())
        return f"{self.path}:{self.line}: {self.kind}: {old[:60]} -> {new[:60]}"


def mutants(path: Path, source: bytes) -> Iterator[Mutant]:
    """Every mutant of a file."""
    lines = [0, *(at + 1 for at, byte in enumerate(source) if byte == ord("\n"))]
    for node, statement, at_import in _code(ast.parse(source), range(0), True):
        for kind, part, new in _changes(node):
            start = lines[part.lineno - 1] + part.col_offset
            end = lines[(part.end_lineno or part.lineno) - 1] + (part.end_col_offset or 0)
            yield Mutant(path, kind, part.lineno, statement, at_import, start, end, new)


def _code(node: ast.AST, statement: range, at_import: bool) -> Iterator[tuple[ast.expr | ast.stmt, range, bool]]:
    """The nodes that run, as in `Mutant`: no annotations, docstrings and imports, and no parts of f-strings."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.JoinedStr):
        return
    if isinstance(node, ast.stmt):
        statement = _lines(node)
    if isinstance(node, ast.expr | ast.stmt):
        yield node, statement, at_import
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "type_comment"):
            continue
        inside = isinstance(node, ast.FunctionDef | ast.Lambda) and field == "body"
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield from _code(child, statement, at_import and not inside)


def _lines(node: ast.stmt) -> range:
    """The lines of a statement, without those of its blocks."""
    blocks: list[ast.stmt] = getattr(node, "body", None) or getattr(node, "cases", None) or []
    last = blocks[0].lineno - 1 if blocks and hasattr(blocks[0], "lineno") else node.end_lineno or node.lineno
    return range(node.lineno, max(last, node.lineno) + 1)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    """The kinds of change that a node can have, each with the part that changes and its new text."""
    match node:
        case ast.Compare(ops=[operator]):
            yield "comparison", node, _with(node, ops=[_OPERATORS[type(operator)]()])
        case ast.BoolOp(op=operator):
            yield "and, or", node, _with(node, op=_OPERATORS[type(operator)]())
        case ast.BinOp(op=operator) if type(operator) in _OPERATORS:
            yield "arithmetic", node, _with(node, op=_OPERATORS[type(operator)]())
        case ast.UnaryOp(op=ast.Not()):
            yield "not", node, f"({ast.unparse(node.operand)})"
        case ast.IfExp() | ast.If() | ast.While():
            yield "condition", node.test, f"(not ({ast.unparse(node.test)}))"
        case ast.Constant(value=bool()):
            yield "constant", node, str(not node.value)
        case ast.Constant(value=int()):
            yield "constant", node, f"({node.value + 1})"
        case ast.Constant(value=str()):
            yield "text", node, f"({node.value + '~'!r})"
        case ast.Call(args=[first, second, *others]) if not isinstance(first, ast.Starred):
            yield "arguments", node, _with(node, args=[second, first, *others])
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "return", node, "return None"
        case ast.Raise() | ast.AugAssign() | ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break():
            yield "statement", node, "pass"


def _with(node: ast.expr, **changed: object) -> str:
    """The text of a node with replaced parts."""
    return f"({ast.unparse(type(node)(**dict(ast.iter_fields(node)) | changed))})"


def sample(found: Iterable[Mutant], count: int, seed: int) -> list[Mutant]:
    """A sample of mutants, with equal numbers of each kind if possible, since half of all changes are of texts."""
    dice = random.Random(seed)
    by_kind: dict[str, list[Mutant]] = {}
    for mutant in found:
        by_kind.setdefault(mutant.kind, []).append(mutant)
    for group in by_kind.values():
        dice.shuffle(group)
    kinds = list(by_kind.values())
    dice.shuffle(kinds)
    mixed = chain.from_iterable(zip_longest(*kinds))
    return [mutant for mutant in mixed if mutant is not None][:count]
