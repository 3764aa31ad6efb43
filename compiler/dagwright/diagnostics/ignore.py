"""Comments that ignore a warning: `# dagwright: ignore[W442]` at the end of the line of the warning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dagwright.source.span import Source, Span
from dagwright.source.tree import Mapping, Node, Sequence

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*dagwright:\s*ignore\[(?P<codes>[^\]\n]*)\][^\S\n]*$", re.MULTILINE)
_WORD = re.compile(r"[^\s,]+")


@dataclass(frozen=True, slots=True)
class Ignore:
    """A code in a comment: the line to which it applies, the place of the code, and the place of the comment."""

    code: str
    line: int
    span: Span
    comment: Span


def ignores(source: Source, tree: Node) -> Iterator[Ignore]:
    """The codes in comments of a file; text that only looks like a comment does not count."""
    for found in _COMMENT.finditer(source.text) if "dagwright:" in source.text else ():
        if not _in_a_text(tree, found.start()):
            line = source.position(found.start())[0]
            comment = Span(source, len(source.text[: found.start()].rstrip(" \t")), found.end())
            for word in _WORD.finditer(source.text, *found.span("codes")):
                yield Ignore(word[0], line, Span(source, *word.span()), comment)


def _in_a_text(node: Node, offset: int) -> bool:
    """Whether an offset is inside of a scalar of the tree."""
    while not hasattr(node, "text"):
        below: list[Node] = []
        match node:
            case Mapping():
                below = [*node.keys.values(), *node.values.values()]
            case Sequence():
                below = node.items
        inside = next((child for child in below if child.start <= offset < child.end), None)
        if inside is None:
            return False
        node = inside
    return True
