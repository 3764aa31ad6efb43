"""Prints Python: literals, whitelisted syntax trees and frames whose holes take nothing else.

Three steps keep text of a spec from becoming code: values become syntax trees (`constant`, `call` …), a tree becomes
`Code` only if it holds nothing but the nodes in `_ALLOWED`, and a frame refuses every hole that is not `Code`.
Everything that is printed is ASCII.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING

from dagwright.resources import resource

if TYPE_CHECKING:
    import jinja2

WIDTH = 110
INDENT = "    "
SHORT = 60  # characters of a text that stays on one line although it has several


@dataclass(frozen=True, slots=True)
class Code:
    """Python text that was printed from a checked tree, or is our own."""

    text: str

    def __str__(self) -> str:
        return self.text


_ALLOWED = frozenset[type[ast.AST]](
    (
        ast.Constant,
        ast.Name,
        ast.Attribute,
        ast.Load,
        ast.Store,
        ast.Call,
        ast.keyword,
        ast.List,
        ast.Tuple,
        ast.Dict,
        ast.Subscript,
        ast.Lambda,
        ast.arguments,
        ast.arg,
        ast.IfExp,
        ast.BoolOp,
        ast.And,
        ast.Or,
        ast.UnaryOp,
        ast.Not,
        ast.USub,
        ast.BinOp,
        ast.Add,
        ast.Sub,
        ast.Mult,
        ast.Div,
        ast.Mod,
        ast.RShift,
        ast.Compare,
        ast.Eq,
        ast.NotEq,
        ast.Lt,
        ast.LtE,
        ast.Gt,
        ast.GtE,
        ast.In,
        ast.NotIn,
        ast.Is,
        ast.IsNot,
    )
)


# ---- values to trees -------------------------------------------------------------------------------------------------


def name(text: str) -> ast.expr:
    """An identifier, or attributes of one: `os.path.join`."""
    first, *attributes = text.split(".")
    assert all(map(_is_name, (first, *attributes))), text
    tree: ast.expr = ast.Name(first, ast.Load())
    for attribute in attributes:
        tree = ast.Attribute(tree, attribute, ast.Load())
    return tree


def _is_name(text: str) -> bool:
    return text.isidentifier() and text.isascii() and not keyword.iskeyword(text)


def constant(value: object) -> ast.expr:
    """The tree of a plain value: None, bool, int, float, str, and lists, tuples and dicts of these."""
    match value:
        case None | bool() | int() | str():
            return ast.Constant(value)
        case float():
            assert isfinite(value), value
            return ast.Constant(value)
        case list():
            return ast.List([constant(item) for item in value], ast.Load())
        case tuple():
            return ast.Tuple([constant(item) for item in value], ast.Load())
        case dict():
            return ast.Dict([constant(key) for key in value], [constant(item) for item in value.values()])
        case ast.expr():
            return value
    raise AssertionError(f"no literal of {type(value)}")


def call(function: str, *args: object, **keywords: object) -> ast.Call:
    """`function(args…, keywords…)`; arguments are trees or plain values."""
    return ast.Call(
        name(function),
        [constant(arg) for arg in args],
        [ast.keyword(key, constant(value)) for key, value in keywords.items()],
    )


def function_of(argument: str, body: ast.expr) -> ast.Lambda:
    """`lambda argument: body`."""
    assert argument.isidentifier()
    return ast.Lambda(
        ast.arguments(posonlyargs=[], args=[ast.arg(argument)], kwonlyargs=[], kw_defaults=[], defaults=[]), body
    )


# ---- trees to text ---------------------------------------------------------------------------------------------------


def literal(text: str) -> str:
    """A string as a literal on one line: double quotes, unless single ones need fewer escapes."""
    quote = '"' if text.count('"') <= text.count("'") else "'"
    if "'" not in text and '"' not in text:
        return f'"{ascii(text)[1:-1]}"'
    pieces = re.split("(['\"])", text)
    return quote + "".join("\\" + p if p == quote else p if p in "'\"" else ascii(p)[1:-1] for p in pieces) + quote


def docstring(text: str) -> Code:
    """A string as a triple-quoted literal that keeps its lines."""
    lines = [ascii(line)[1:-1].replace('"', '\\"') for line in text.split("\n")]
    printed = '"""' + "\n".join(lines) + '"""'
    return Code(printed) if ast.literal_eval(printed) == text else Code(literal(text))


def check(tree: ast.expr) -> None:
    """Assert that a tree holds nothing but what is allowed, and no name that Python would read as something else."""
    for node in ast.walk(tree):
        assert type(node) in _ALLOWED, ast.dump(node)
        match node:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word) | ast.keyword(arg=word):
                assert _is_name(word or ""), word


def expression(tree: ast.expr, indent: int = 0, prefix: int = 0) -> Code:
    """A checked tree as text that starts `prefix` columns into a line and continues at `indent` levels."""
    check(tree)
    return Code(_Layout().text(tree, indent, prefix))


class _Strings(ast.NodeTransformer):
    """Takes the strings out of a tree, so that nothing of them can be mistaken when they are put back."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, str):
            return node
        self.taken.append(literal(node.value))
        return ast.Name(f"STRING_{len(self.taken) - 1}_", ast.Load())


def _unparsed(tree: ast.expr) -> str:
    """A tree on one line, as `ast.unparse` writes it but for the quotes of texts."""
    strings = _Strings()
    text = ast.unparse(strings.visit(_copy(tree)))
    return re.sub(r"\bSTRING_(\d+)_", lambda found: strings.taken[int(found[1])], text)


def _copy(tree: ast.AST) -> ast.AST:
    """A copy of a tree; `copy.deepcopy` takes ten times as long."""
    fields: dict[str, object] = {}
    for key, value in ast.iter_fields(tree):
        if isinstance(value, list):
            fields[key] = [_copy(item) if isinstance(item, ast.AST) else item for item in value]
        else:
            fields[key] = _copy(value) if isinstance(value, ast.AST) else value
    return type(tree)(**fields)


class _Layout:
    """Lays out one tree. Of each part the line is made once, though every level around it asks for it again."""

    def __init__(self) -> None:
        self.lines: dict[int, str] = {}  # by identity: the tree outlives the layout
        self.broken: dict[int, bool] = {}

    def text(self, tree: ast.expr, indent: int, prefix: int) -> str:
        """A tree on one line if it fits and holds no text of several lines, else one part a line."""
        line = self.line(tree)
        if prefix + len(line) <= WIDTH and not self.has_lines(tree):
            return line
        match tree:
            case ast.Constant(value=str(value)) if _is_long(value):
                pieces = [literal(piece) for piece in re.findall(r"[^\n]*\n|[^\n]+", value)]
                return _block("(", pieces, ")", indent, separator="")
            case ast.Call(func=function, args=args, keywords=keywords) if args or keywords:
                parts = [self.part("", arg, indent) for arg in args]
                parts += [self.part(f"{k.arg}=", k.value, indent) for k in keywords]
                return _block(self.line(function) + "(", parts, ")", indent)
            case ast.List(elts=items) if items:
                return _block("[", [self.part("", item, indent) for item in items], "]", indent)
            case ast.Tuple(elts=items) if items:
                return _block("(", [self.part("", item, indent) for item in items], ")", indent)
            case ast.Dict() if tree.keys:
                return _block("{", [self.part(f"{self.line(k)}: ", v, indent) for k, v in _entries(tree)], "}", indent)
        return line

    def part(self, start: str, tree: ast.expr, indent: int) -> str:
        return start + self.text(tree, indent + 1, len(INDENT) * (indent + 1) + len(start) + 1)

    def line(self, tree: ast.expr) -> str:
        """A tree on one line."""
        found = self.lines.get(id(tree))
        if found is None:
            found = self.lines[id(tree)] = self.make_line(tree)
        return found

    def make_line(self, tree: ast.expr) -> str:
        match tree:
            case ast.Constant(value=value):
                return literal(value) if isinstance(value, str) else repr(value)
            case ast.Name(id=word):
                return word
            case ast.Call(func=ast.Name() | ast.Attribute(value=ast.Name()) as function, args=args, keywords=keywords):
                parts = [*map(self.line, args), *(f"{k.arg}={self.line(k.value)}" for k in keywords)]
                return f"{self.line(function)}({', '.join(parts)})"
            case ast.List(elts=items):
                return f"[{', '.join(map(self.line, items))}]"
            case ast.Tuple(elts=[only]):
                return f"({self.line(only)},)"
            case ast.Tuple(elts=items):
                return f"({', '.join(map(self.line, items))})"
            case ast.Dict():
                return "{" + ", ".join(f"{self.line(k)}: {self.line(v)}" for k, v in _entries(tree)) + "}"
        return _unparsed(tree)

    def has_lines(self, tree: ast.AST) -> bool:
        """Whether a tree holds a text that is better read line by line."""
        found = self.broken.get(id(tree))
        if found is None:
            if isinstance(tree, ast.Constant):
                found = isinstance(tree.value, str) and _is_long(tree.value)
            else:
                found = any(map(self.has_lines, ast.iter_child_nodes(tree)))
            self.broken[id(tree)] = found
        return found


def _entries(tree: ast.Dict) -> list[tuple[ast.expr, ast.expr]]:
    return [(key, value) for key, value in zip(tree.keys, tree.values, strict=True) if key is not None]


def _is_long(text: str) -> bool:
    return "\n" in text[:-1] and len(text) > SHORT


def _block(opening: str, parts: Iterable[str], closing: str, indent: int, separator: str = ",") -> str:
    margin = "\n" + INDENT * (indent + 1)
    return opening + "".join(margin + part + separator for part in parts) + "\n" + INDENT * indent + closing


# ---- names -----------------------------------------------------------------------------------------------------------


def variable(text: str, taken: Iterable[str]) -> str:
    """A variable for a name of the spec: with `_` at its end where it is a word of Python or hides another name."""
    builtin = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
    hides = keyword.iskeyword(text) or keyword.issoftkeyword(text) or text in builtin or text in taken
    return text + "_" if hides else text


# ---- frames ----------------------------------------------------------------------------------------------------------


def _only_code(value: object) -> str:
    """What a hole of a frame may hold."""
    if not isinstance(value, Code):
        raise TypeError(f"a frame takes Code, not {type(value).__name__}")
    return value.text


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource("templates")),
        undefined=jinja2.StrictUndefined,
        finalize=_only_code,
        autoescape=False,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<$",
        variable_end_string="$>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def frame(template: str, holes: Mapping[str, object]) -> str:
    """A frame of `templates/` with its holes filled; a hole that is not `Code` is a TypeError."""
    text = _environment().get_template(template).render(holes)
    assert text.isascii(), "printed Python is ASCII"
    return text
