"""Layout of Python trees, and frames filled with them.

Text of a spec becomes a literal in a tree (`dagwright.printing.code`), a tree becomes `Code`, and a frame refuses every
value that is not `Code`. Printed text is always ASCII.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from dagwright.printing.code import Tree, literal
from dagwright.resources import resource

if TYPE_CHECKING:
    import jinja2

WIDTH = 110
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Code:
    """Python text printed from a tree, or a constant of the compiler."""

    text: str

    def __str__(self) -> str:
        return self.text


# ---- expressions -----------------------------------------------------------------------------------------------------


def docstring(text: str) -> Code:
    """A string as a triple-quoted literal that keeps its lines."""
    lines = [ascii(line)[1:-1].replace('"', '\\"') for line in text.split("\n")]
    printed = '"""' + "\n".join(lines) + '"""'
    return Code(printed) if ast.literal_eval(printed) == text else Code(literal(text))


def expression(tree: Tree, indent: int = 0, prefix: int = 0) -> Code:
    """The text of a tree, starting at column `prefix` of a line; further lines have `indent` levels."""
    return Code(_laid_out(tree, indent, prefix))


def _laid_out(tree: Tree, indent: int, prefix: int) -> str:
    """The tree on one line if it fits and contains no multi-line text, else one part per line."""
    if not tree.opening or not tree.parts or (not tree.long and prefix + len(tree.line) <= WIDTH):
        return tree.line
    margin, below = "\n" + INDENT * (indent + 1), len(INDENT) * (indent + 1) + 1
    parts = [
        margin + start + _laid_out(part, indent + 1, below + len(start)) + tree.separator for start, part in tree.parts
    ]
    return tree.opening + "".join(parts) + "\n" + INDENT * indent + tree.closing


# ---- names -----------------------------------------------------------------------------------------------------------


def variable(text: str, taken: Iterable[str]) -> str:
    """A variable for a name of the spec; it ends in `_` if the name is a Python keyword or would hide another name."""
    builtin = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)
    hides = keyword.iskeyword(text) or keyword.issoftkeyword(text) or text in builtin or text in taken
    return text + "_" if hides else text


# ---- frames ----------------------------------------------------------------------------------------------------------


def _only_code(value: object) -> str:
    """The text of a `Code` value; any other value is a TypeError."""
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
