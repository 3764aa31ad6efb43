"""The tree of a text, built from YAML events without recursion and under budgets."""

from __future__ import annotations

import re
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from dagwright.diagnostics.model import Report
from dagwright.reading import messages
from dagwright.reading.budgets import Budgets
from dagwright.reading.events import MASK, Events, Unsuited
from dagwright.reading.hidden import hidden_in
from dagwright.source.scalars import NUMBER_STARTS, WORDS, core_value, number
from dagwright.source.span import Source, Span
from dagwright.source.tree import Mapping, Node, Scalar, Sequence

_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s+(?:#[^\n]*\n\s*)*|$))+")
_ANCHOR_NAME = re.compile(r"[A-Za-z0-9_-]+")
_GAP = r"(?:\s|(?<=\s)#[^\n]*)*"
_NO_KEYS = frozenset(["<<", *(word for word, value in WORDS.items() if value is None)])
# Block texts that the parsers read differently: a first line of spaces, or a comment right after the `|` or `>`.
_ODD_BLOCK = re.compile(r"[|>](?:[^\n]*\n\s* \r?\n|[-+0-9]*[^-+0-9\s])")
_COLON = re.compile(_GAP + ":")
_DASH = re.compile(_GAP + "-")


def _join_surrogates(text: str) -> str:
    """The text with surrogate pairs (two JSON escapes for one character) joined: `\\ud83d\\ude00` is an emoji."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


class OverBudget(Exception):  # noqa: N818 - reported already; it only ends the reading
    """Raised when a budget is used up."""


class _Frame:
    """A collection that is still open. `key` is the last key of a mapping, while its value is unread."""

    __slots__ = ("anchor", "before", "flow", "height", "is_mapping", "key", "node")

    def __init__(self, node: Mapping | Sequence, is_mapping: bool, anchor: str | None, before: int, flow: bool) -> None:
        self.node = node
        self.is_mapping = is_mapping
        self.anchor = anchor
        self.before = before  # the count of nodes before the collection
        self.flow = flow
        self.height = 1
        self.key: Scalar | None = None


class _Anchored:
    """A node with an anchor: the number of nodes and levels that an alias adds. `size` is 0 while the node is open."""

    __slots__ = ("height", "node", "size", "span")

    def __init__(self, node: Node, span: Span, size: int = 0, height: int = 0) -> None:
        self.node, self.span, self.size, self.height = node, span, size, height


class Builder:
    """A builder of the tree of one source. `last` and `stack` give error messages the parser's position."""

    def __init__(self, source: Source, budgets: Budgets, report: Report) -> None:
        self.source, self.budgets, self.report = source, budgets, report
        self.text = source.text
        self.stack: list[_Frame] = []
        self.last: Scalar | None = None
        self.closed = 0  # the end of the last flow collection or alias
        self.anchors: dict[str, _Anchored] = {}
        self.words: dict[str, str] = {}  # one object for each spelling of a key
        self.count = 0
        self.root: Node | None = None
        self.mask: str | None = None
        self.exact = False
        self.documents = 0

    def build(self, events: Events) -> Node | None:
        """The tree, or None for an empty document; findings go to the report. Parser errors are not caught.

        Most nodes of a spec are plain scalars without an anchor or a tag, so this loop builds them itself.
        """
        next_event, source, max_nodes, max_scalar = (
            events.next,
            self.source,
            self.budgets.max_nodes,
            self.budgets.max_scalar,
        )
        self.mask = MASK if events.masked else None
        self.exact = events.exact
        words, stack = self.words, self.stack
        frame: _Frame | None = None
        while True:
            event = next_event()
            kind = type(event)
            if kind is ScalarEvent:
                self.count += 1
                if self.count > max_nodes:
                    self._over_nodes(event.start_mark.index)
                start, end, text = event.start_mark.index, event.end_mark.index, event.value
                length = len(text)
                simple = (
                    event.anchor is None
                    and event.ctag is None
                    and length == end - start <= max_scalar
                    and not event.style
                )
                if not simple or not length or (events.masked and MASK in text) or frame is None:
                    self._scalar(event, start, end, text)
                    continue
                if frame.is_mapping and frame.key is None:
                    if text in _NO_KEYS:
                        self._scalar(event, start, end, text)
                        continue
                    text = words.setdefault(text, text)
                    value: object = text
                elif text[0] in NUMBER_STARTS:
                    value = number(text)
                else:
                    value = WORDS.get(text, text)
                node = Scalar(source, start, end, text, value, True, True, start)
                self.last = node
                if not frame.is_mapping:
                    frame.node.items.append(node)  # type: ignore[union-attr]
                elif frame.key is None:
                    frame.key = node
                else:
                    self._value(frame, frame.key, node)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                self._close(event)
                frame = stack[-1] if stack else None
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                self._open(event, kind is MappingStartEvent)
                frame = stack[-1]
            elif kind is AliasEvent:
                self._alias(event)
            elif kind is DocumentStartEvent:
                self.documents += 1
                if self.documents > 1:
                    messages.second_document(self.report, source, event.start_mark.index)
                    return self.root
            elif kind is StreamEndEvent:
                return self.root
            else:
                assert kind is StreamStartEvent or kind is DocumentEndEvent

    # -- scalars -------------------------------------------------------------------------------------------------

    def _scalar(self, event: Any, start: int, end: int, text: str) -> None:
        """Add any scalar: quoted, block, empty, on several lines, anchored, or a key that needs a check."""
        if len(text) > self.budgets.max_scalar:
            messages.over_budget(
                self.report, "E113", Span(self.source, start, start + 1), self.budgets.max_scalar, len(text)
            )
            raise OverBudget
        if event.ctag is not None or event.anchor is not None:
            start = self._after_properties(event, start)
        if self.mask is not None:
            text = text.replace(MASK, ":")
        make = self._plain if not event.style else self._quoted if event.style in "'\"" else self._block
        node = make(text, start, end)
        self.last = node
        if event.anchor is not None:
            self._anchor(event, node, 1, 0)
        if self.stack:
            self._add(self.stack[-1], node)
        else:
            self.root = node

    def _plain(self, text: str, start: int, end: int) -> Scalar:
        if not text:
            start = end = self._place_of_nothing()
        verbatim = end - start == len(text)
        value = core_value(text)
        return Scalar(self.source, start, end, text, value=value, plain=True, verbatim=verbatim, text_start=start)

    def _quoted(self, text: str, start: int, end: int) -> Scalar:
        """The node of a quoted scalar. Escapes and folding only shorten texts, so equal lengths mean equal offsets."""
        verbatim = end - start == len(text) + 2
        if not verbatim and not text.isprintable():
            text = _join_surrogates(text)
            self._check_escapes(text, start, end)
        return Scalar(self.source, start, end, text, value=text, plain=False, verbatim=verbatim, text_start=start + 1)

    def _block(self, text: str, start: int, end: int) -> Scalar:
        if not self.exact and _ODD_BLOCK.match(self.text, start):
            raise Unsuited
        end = start + len(self.text[start:end].rstrip())
        return Scalar(self.source, start, end, text, value=text, plain=False, verbatim=False, text_start=start)

    def _check_escapes(self, text: str, start: int, end: int) -> None:
        for offset in hidden_in(text):
            if text[offset] != "\r":
                messages.hidden_by_escape(self.report, Span(self.source, start, end), text[offset])

    def _place_of_nothing(self) -> int:
        """The offset of a missing value: after its key's colon or its dash. The offsets of parsers differ."""
        if not self.stack:
            return 0
        frame = self.stack[-1]
        if frame.is_mapping:
            if frame.key is None:
                return frame.node.start
            found = _COLON.match(self.text, frame.key.end)
            return found.end() if found else frame.key.end
        found = _DASH.match(self.text, self._end_so_far() if frame.node.items else frame.node.start)  # type: ignore[union-attr]
        return found.end() if found else frame.node.start

    def _end_so_far(self) -> int:
        """The end of the last token read."""
        return max(self.last.end, self.closed) if self.last else self.closed

    def _after_properties(self, event: Any, start: int) -> int:
        if event.ctag is not None:
            messages.tag(self.report, self.source, start, str(event.ctag))
        found = _PROPERTIES.match(self.text, start)
        return found.end() if found else start

    # -- mappings and sequences ----------------------------------------------------------------------------------

    def _key(self, frame: _Frame, node: Node) -> None:
        """Add a node as a key. A key is the text as written; a key that is not text is reported and kept aside."""
        if not isinstance(node, Scalar):
            messages.key_not_text(self.report, Span(node.source, node.start, node.start + 1), "")
            spelling = self.text[node.start : node.end]
            node = Scalar(*node.span, spelling, value=spelling, plain=False, verbatim=False, text_start=node.start)
        elif node.plain and node.value is None:
            messages.key_not_text(self.report, node.span, node.text)
        elif node.plain and node.text == "<<":
            messages.merge_key(self.report, node.span)
        node.text = self.words.setdefault(node.text, node.text)
        frame.key = node

    def _value(self, frame: _Frame, key: Scalar, node: Node) -> None:
        owner = frame.node
        assert isinstance(owner, Mapping)
        frame.key = None
        word = key.text
        if word in owner.keys:
            messages.duplicate_key(self.report, word, key.span, owner.keys[word].span)
        else:
            owner.keys[word] = key
            owner.values[word] = node

    def _add(self, frame: _Frame, node: Node) -> None:
        if not frame.is_mapping:
            frame.node.items.append(node)  # type: ignore[union-attr]
        elif frame.key is None:
            self._key(frame, node)
        else:
            self._value(frame, frame.key, node)

    def _open(self, event: Any, mapping: bool) -> None:
        start: int = event.start_mark.index
        if len(self.stack) >= self.budgets.max_depth:
            messages.over_budget(self.report, "E111", Span(self.source, start, start + 1), self.budgets.max_depth)
            raise OverBudget
        before = self.count
        self.count += 1
        if self.count > self.budgets.max_nodes:
            self._over_nodes(start)
        if event.ctag is not None or event.anchor is not None:
            start = self._after_properties(event, start)
        node = Mapping(self.source, start, start, {}, {}) if mapping else Sequence(self.source, start, start, [])
        if event.anchor is not None:
            self._anchor(event, node, 0, 0)
        self.stack.append(_Frame(node, mapping, event.anchor, before, event.flow_style))

    def _close(self, event: Any) -> None:
        frame = self.stack.pop()
        node = frame.node
        end: int = event.end_mark.index
        if frame.flow and self.text[end - 1] in "]}":
            node.end = self.closed = end
        else:
            node.end = self._end_so_far()
        if frame.anchor is not None:
            anchored = self.anchors[frame.anchor]
            if anchored.node is node:
                anchored.size, anchored.height = self.count - frame.before, frame.height
        if self.stack:
            parent = self.stack[-1]
            if parent.height <= frame.height:
                parent.height = frame.height + 1
            self._add(parent, node)
        else:
            self.root = node

    # -- anchors and aliases -------------------------------------------------------------------------------------

    def _anchor(self, event: Any, node: Node, size: int, height: int) -> None:
        name, start = event.anchor, event.start_mark.index
        at = self.text.find("&", start)
        span = Span(self.source, at, at + 1 + len(name))
        if not _ANCHOR_NAME.fullmatch(name):
            messages.odd_anchor(self.report, name, span)
        if name in self.anchors:
            messages.anchor_twice(self.report, name, span, self.anchors[name].span)
        self.anchors[name] = _Anchored(node, span, size, height)

    def _alias(self, event: Any) -> None:
        start: int = event.start_mark.index
        span = Span(self.source, start, event.end_mark.index)
        name: str = event.anchor
        known = self.anchors.get(name)
        if known is None:
            messages.unknown_alias(self.report, name, span, list(self.anchors))
        elif known.size == 0:
            messages.recursive_alias(self.report, name, span, known.span)
        else:
            self.count += known.size
            if self.count > self.budgets.max_nodes:
                self._over_nodes(start)
            if len(self.stack) + known.height > self.budgets.max_depth:
                messages.over_budget(self.report, "E111", span, self.budgets.max_depth)
                raise OverBudget
        node: Node
        if known is None or known.size == 0:
            node = Scalar(*span, name, value=name, plain=False, verbatim=False, text_start=start)
        else:
            node = known.node
        self.closed = span.end
        if not self.stack:
            self.root = node
            return
        frame = self.stack[-1]
        if known is not None:
            frame.height = max(frame.height, known.height + 1)
        if frame.is_mapping and frame.key is None and isinstance(node, Scalar):  # a key has the span of its alias
            node = Scalar(*span, node.text, value=node.value, plain=node.plain, verbatim=False, text_start=start)
        self._add(frame, node)

    def _over_nodes(self, at: int) -> None:
        messages.over_budget(self.report, "E112", Span(self.source, at, at + 1), self.budgets.max_nodes)
        raise OverBudget
