"""Places of nodes in a spec, in the author's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagwright.schema.rules import Rule
from dagwright.schema.targets import language_words
from dagwright.source.span import Span
from dagwright.source.tree import Mapping, Node, Scalar

if TYPE_CHECKING:
    from dagwright.diagnostics.words import Words

LONGEST_MESSAGE = 90
_LONGEST_WORD = 32
_NAMED = ("task", "component", "param")  # called by their own names rather than by a path of keys


@dataclass(frozen=True, slots=True)
class Place:
    """A node and its path: its `key`; the nearest task, component or param as `owner`; the keys below as `path`."""

    rule: Rule
    node: Node
    key: Scalar | None = None
    owner: str = ""
    path: str = ""
    item: bool = False
    inside: Mapping | None = None  # the mapping that holds the key
    words: Callable[[], Words] = language_words

    def child(self, key: Scalar, node: Node, rule: Rule) -> Place:
        """The place of the value of a key."""
        if key.text not in self.rule.properties and rule.title in _NAMED:
            return Place(rule, node, key, f"{rule.title} `{shown(key.text)}`", inside=self.mapping, words=self.words)
        path = f"{self.path}.{shown(key.text)}" if self.path else shown(key.text)
        return Place(rule, node, key, self.owner, path, inside=self.mapping, words=self.words)

    def at(self, node: Node, rule: Rule) -> Place:
        """The place of an item of this list."""
        return Place(rule, node, self.key, self.owner, self.path, item=True, words=self.words)

    @property
    def mapping(self) -> Mapping | None:
        return self.node if isinstance(self.node, Mapping) else None

    @property
    def last_key(self) -> str:
        return self.key.text if self.key is not None else ""

    @property
    def span(self) -> Span:
        """The shortest span that identifies the node: the node, or its key if the node covers several lines."""
        whole = self.node.span
        if isinstance(self.node, Scalar) and whole.start < whole.end:
            return whole
        if self.key is not None and not self.item and (whole.start >= whole.end or _several_lines(whole)):
            return self.key.span
        return first_line(whole)

    def names(self) -> list[str]:
        """Names of the place, the most precise first."""
        item = "an item of " if self.item else ""
        if not self.path:
            return [self.owner or ("this file" if self.rule.title == "component file" else "the pipeline")]
        short = f"{item}`{self.path}`"
        return [f"{short} of {self.owner}", short] if self.owner else [short]

    def say(self, sentence: str) -> str:
        """The sentence with `{it}` replaced by the most precise name of the place that fits the longest message."""
        for name in self.names():
            message = sentence.replace("{it}", name)
            if len(message) <= LONGEST_MESSAGE:
                return message
        return message[: LONGEST_MESSAGE - 1] + "…"


def _several_lines(span: Span) -> bool:
    return "\n" in span.source.text[span.start : span.end].rstrip()


def first_line(span: Span) -> Span:
    """The part of a span on its first line."""
    end = span.source.text.find("\n", span.start, span.end)
    return span if end < 0 else Span(span.source, span.start, end)


def shown(text: str, longest: int = _LONGEST_WORD) -> str:
    """A word of the spec in printable form: without invisible characters and backticks, and not too long."""
    visible = "".join(c if c.isprintable() and c != "`" else f"\\u{ord(c):04x}" for c in text[: longest + 1])
    return visible if len(visible) <= longest else visible[: longest - 1] + "…"


def needs_nothing(task: Mapping | None) -> bool:
    """Whether a task neither lists needs nor reads outputs of tasks."""
    if task is None or "needs" in task.values:
        return False
    return "tasks." not in task.source.text[task.start : task.end]
