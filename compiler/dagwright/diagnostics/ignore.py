"""Comments that ignore a warning: `# dagwright: ignore[W442]` at the end of the line of the warning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dagwright.source.span import Source, Span
from dagwright.source.tree import Mapping, Node, Sequence

_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*dagwright:\s*ignore\[(?P<codes>[^\]\n]*)\][^\S\n]*$", re.MULTILINE)
_LIKE = re.compile(r"(?:^|(?<=\s))#\s*dagwright(?P<rest>[\s:]*ignore[^\n]*)$", re.IGNORECASE | re.MULTILINE)
_WORD = re.compile(r"[^\s,]+")
_CODE = re.compile(r"\b[EW][0-9]{3}\b", re.IGNORECASE)
_ONLY_CODES = re.compile(r"[\s:,()\[\]]*ignores?[\s:,()\[\]]*(?:\b[EW][0-9]{3}\b[\s:,()\[\]]*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ignore:
    """A code in a comment: the line to which it applies, the place of the code, and the place of the comment."""

    code: str
    line: int
    span: Span
    comment: Span


@dataclass(frozen=True, slots=True)
class Malformed:
    """A comment that looks like one that ignores a warning, the help, and the comment in the right form or ""."""

    span: Span
    help: str
    instead: str = ""


def malformed(source: Source, tree: Node) -> Iterator[Malformed]:
    """The comments of a file that were meant to ignore a warning, but have another form."""
    for found in _LIKE.finditer(source.text) if "dagwright" in source.text.lower() else ():
        comment = _COMMENT.match(source.text, found.start())
        if (comment and _WORD.search(comment["codes"])) or _in_a_text(tree, found.start()):
            continue
        span, rest = Span(source, found.start(), len(source.text[: found.end()].rstrip())), found["rest"]
        codes = [code.upper() for code in _CODE.findall(rest)]
        form = f"# dagwright: ignore[{', '.join(codes) or 'W442'}]"
        if codes and _ONLY_CODES.fullmatch(rest):
            yield Malformed(span, f"write `{form}`", form)
        elif codes:
            yield Malformed(span, f"write `{form}` without other text; a reason belongs in a comment above it")
        else:
            yield Malformed(span, f"name the code of the warning, as in `{form}`")


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
    text = node.source.text
    header = text[node.start : node.start + 1] in ("|", ">")  # a comment can follow on the line of a block's header
    return not header or text.find("\n", node.start) < offset
