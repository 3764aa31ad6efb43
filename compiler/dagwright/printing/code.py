"""Python expressions as trees that know their text, made only by the functions here.

Text of a spec enters a tree only as a literal. All other text is a checked identifier, an operator of `_LEVELS` or
punctuation from this file. Each tree builds its line from the lines of its parts when it is created, so printing and
layout walk each tree once. Printed text is always ASCII.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from math import isfinite

SHORT = 60  # characters: a shorter text stays on one line even if it contains line breaks

# Precedence in Python's grammar; an operand that binds less tightly than its operator is put in parentheses.
_LOWEST, _ATOM, _UNARY = 0, 9, 8
_LEVELS = {
    "or": 1, "and": 2, "not": 3,
    "in": 4, "not in": 4, "is": 4, "is not": 4, "==": 4, "!=": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    ">>": 5, "+": 6, "-": 6, "*": 7, "/": 7, "%": 7,
}  # fmt: skip
_ASSOCIATIVE = frozenset(("and", "or"))


class Tree:
    """An expression.

    `line` is its text on one line. A tree that can be split over lines has an `opening` and a `closing` bracket; its
    `parts`, each with its prefix, are printed between them, with `separator` after each. The `parts` of other trees
    are operands. `reads` is the identifier that this node itself reads, with its attributes. `long` is true if the tree
    contains a text that is easier to read line by line.
    """

    __slots__ = ("closing", "level", "line", "long", "opening", "parts", "reads", "separator")

    def __init__(
        self,
        line: str,
        level: int = _ATOM,
        reads: str = "",
        parts: Sequence[tuple[str, Tree]] = (),
        brackets: tuple[str, str] = ("", ""),
    ) -> None:
        self.line, self.level, self.reads, self.parts = line, level, reads, parts
        self.opening, self.closing = brackets
        self.separator = ","
        self.long = False
        for part in parts:
            if part[1].long:
                self.long = True
                break

    def __repr__(self) -> str:
        return f"<{self.line}>"


# ---- names and literals ----------------------------------------------------------------------------------------------


@cache
def _checked(text: str) -> str:
    for word in text.split("."):
        assert word.isidentifier(), text
        assert word.isascii(), text
        assert not keyword.iskeyword(word), text
    return text


def name(text: str) -> Tree:
    """An identifier, or attributes of one: `os.path.join`."""
    return Tree(_checked(text), reads=text)


def literal(text: str) -> str:
    """A string literal on one line: in double quotes, unless single quotes need fewer escapes."""
    if "'" not in text and '"' not in text:
        return f'"{ascii(text)[1:-1]}"'
    quote = '"' if text.count('"') <= text.count("'") else "'"
    pieces = re.split("(['\"])", text)
    return quote + "".join("\\" + p if p == quote else p if p in "'\"" else ascii(p)[1:-1] for p in pieces) + quote


def _string(text: str) -> Tree:
    if len(text) <= SHORT or "\n" not in text[:-1]:
        return Tree(literal(text))
    pieces = [("", Tree(literal(piece))) for piece in re.findall(r"[^\n]*\n|[^\n]+", text)]
    tree = Tree(literal(text), parts=pieces, brackets=("(", ")"))
    tree.separator, tree.long = "", True
    return tree


def constant(value: object) -> Tree:
    """The tree of a plain value: None, bool, int, float, str, a tree, or lists, tuples and dicts of these."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Tree):
        return value
    if value is None or isinstance(value, bool):
        return Tree(repr(value))
    if isinstance(value, int | float):
        assert isfinite(value), value
        text = repr(value)
        return Tree(text, _UNARY if text[0] == "-" else _ATOM)
    if isinstance(value, list):
        return listed(map(constant, value))
    if isinstance(value, tuple):
        parts = [("", constant(item)) for item in value]
        line = ", ".join([part.line for _, part in parts])
        return Tree(f"({line},)" if len(parts) == 1 else f"({line})", parts=parts, brackets=("(", ")"))
    if isinstance(value, dict):
        entries = [(f"{constant(key).line}: ", constant(item)) for key, item in value.items()]
        line = ", ".join([start + part.line for start, part in entries])
        return Tree("{" + line + "}", parts=entries, brackets=("{", "}"))
    raise AssertionError(f"no literal of {type(value)}")


def listed(items: Iterable[Tree]) -> Tree:
    """`[items…]`."""
    parts = [("", item) for item in items]
    return Tree(f"[{', '.join([part.line for _, part in parts])}]", parts=parts, brackets=("[", "]"))


# ---- calls and operators ---------------------------------------------------------------------------------------------


def call(function: str, *args: object, **keywords: object) -> Tree:
    """`function(args…, keywords…)`; arguments are trees or plain values."""
    parts = [("", constant(arg)) for arg in args]
    parts += [(f"{_checked(key)}=", constant(value)) for key, value in keywords.items()]
    line = ", ".join([start + part.line for start, part in parts])
    return Tree(f"{_checked(function)}({line})", reads=function, parts=parts, brackets=(f"{function}(", ")"))


def method(owner: Tree, attribute: str, *args: Tree) -> Tree:
    """`owner.attribute(args…)`, for an owner that is not a name."""
    line = f"{_operand(owner, _ATOM)}.{_checked(attribute)}({', '.join([arg.line for arg in args])})"
    return Tree(line, reads=f".{attribute}", parts=[("", part) for part in (owner, *args)])


def function_of(argument: str, body: Tree) -> Tree:
    """`lambda argument: body`; without an argument, `lambda: body`."""
    head = f"lambda {_checked(argument)}" if argument else "lambda"
    return Tree(f"{head}: {body.line}", _LOWEST, parts=[("", body)])


def operation(left: Tree, operator: str, right: Tree) -> Tree:
    """`left operator right`, for a left-associative operator; comparisons do not chain."""
    level = _LEVELS[operator]
    before = level + 1 if level == _LEVELS["=="] else level
    after = level if operator in _ASSOCIATIVE else level + 1
    line = f"{_operand(left, before)} {operator} {_operand(right, after)}"
    return Tree(line, level, parts=[("", left), ("", right)])


def negation(operand: Tree) -> Tree:
    """`not operand`."""
    level = _LEVELS["not"]
    return Tree(f"not {_operand(operand, level)}", level, parts=[("", operand)])


def choice(then: Tree, condition: Tree, otherwise: Tree) -> Tree:
    """`then if condition else otherwise`."""
    line = f"{_operand(then, 1)} if {_operand(condition, 1)} else {otherwise.line}"
    return Tree(line, _LOWEST, parts=[("", then), ("", condition), ("", otherwise)])


def _operand(tree: Tree, level: int) -> str:
    return tree.line if tree.level >= level else f"({tree.line})"


# ---- identifiers that trees read -------------------------------------------------------------------------------------


def reads(trees: Iterable[Tree]) -> Iterator[str]:
    """The names that trees read: `os.path.join` for a name with attributes, `.lower` for a method of a value."""
    pending = list(trees)
    while pending:
        tree = pending.pop()
        if tree.reads:
            yield tree.reads
        pending += [part for _, part in tree.parts]
