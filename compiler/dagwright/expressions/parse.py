"""The parser: precedence climbing over tokens, with Python's precedence and a limited depth."""

from __future__ import annotations

from dagwright.expressions.syntax import (
    Attribute,
    Binary,
    Call,
    ExpressionSyntaxError,
    Index,
    ListLiteral,
    Literal,
    Name,
    Node,
    Unary,
)
from dagwright.expressions.tokens import INTEGER_MAX, ROOTS, Kind, Token, out_of_range, tokens

MAX_DEPTH = 128  # of calls of the parser; a pair of parentheses takes two or three
MAX_LENGTH = 16_384

_COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
# Precedence of binary operators; `not` is between `and` and the comparisons, unary minus above all of them.
_BINDING = {"or": 1, "and": 2, **dict.fromkeys(_COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
_NOT, _COMPARISON = 3, 4
_KEYWORDS = frozenset({"and", "or", "not", "in"})
_CONSTANTS = {"true": True, "false": False}

# Words of other languages in the place of a value.
_FOREIGN_WORDS = {
    "True": "write `true`",
    "False": "write `false`",
    "TRUE": "write `true`",
    "FALSE": "write `false`",
    "null": "no value is ever null here: give an output a default with `default(reference, value)`",
    "None": "no value is ever null here: give an output a default with `default(reference, value)`",
    "nil": "no value is ever null here: give an output a default with `default(reference, value)`",
    "undefined": "no value is ever null here: give an output a default with `default(reference, value)`",
    "AND": "write `and`",
    "OR": "write `or`",
    "NOT": "write `not`",
    "is": "write `==`",
}


def parse(text: str) -> Node:
    """The syntax tree of a whole text. Raises ExpressionSyntaxError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionSyntaxError(
            "E415",
            f"an expression has at most {MAX_LENGTH} characters",
            0,
            len(text),
            label="too long",
            help_text="compute part of it in a task and read its output",
        )
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(tokens(text))
        self.at = 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def ends(self) -> bool:
        return self.next.kind is Kind.END

    def take(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def accept(self, symbol: str) -> Token | None:
        return self.take() if self.next.kind is Kind.SYMBOL and self.next.text == symbol else None

    def whole(self) -> Node:
        if self.ends():
            raise ExpressionSyntaxError(
                "E400",
                "an expression is missing here",
                0,
                len(self.text),
                label="empty",
                help_text="write what to insert, such as `params.name`",
            )
        node = self.binary(0, 0)
        if not self.ends():
            raise self.unexpected("the expression ends before this")
        return node

    def binary(self, least: int, depth: int) -> Node:
        """A chain of binary operators with a precedence of at least `least`."""
        left = self.unary(self.deeper(depth))
        chain = depth
        while (operator := self.operator()) and _BINDING[operator] >= least:
            binding = _BINDING[operator]
            chain = self.deeper(chain)  # a long chain is a deep tree
            first = self.next
            last = self.tokens[self.at + 1] if operator == "not in" else first
            self.at += 2 if operator == "not in" else 1
            right = self.binary(binding + 1, depth + 1)
            left = Binary(left.start, right.end, operator, first.start, last.end, left, right)
            if binding == _COMPARISON and self.operator() in _COMPARISONS:
                raise self.chained(left)
        return left

    def operator(self) -> str | None:
        """The next token if it is a binary operator, else None."""
        token = self.next
        if token.kind is Kind.SYMBOL:
            return token.text if token.text in _BINDING else None
        if token.kind is not Kind.NAME:
            return None
        if token.text == "not":
            follower = self.tokens[self.at + 1]
            return "not in" if follower.kind is Kind.NAME and follower.text == "in" else None
        return token.text if token.text in ("and", "or", "in") else None

    def chained(self, left: Binary) -> ExpressionSyntaxError:
        middle = self.text[left.right.start : left.right.end]
        return ExpressionSyntaxError(
            "E400",
            "comparisons cannot be chained",
            self.next.start,
            self.next.end,
            label="a second comparison",
            help_text=f"write `{_cut(self.text[left.start : left.end])} and {_cut(middle)} {self.next.text} ...`",
        )

    def unary(self, depth: int) -> Node:
        token = self.next
        if token.kind is Kind.NAME and token.text == "not":
            self.take()
            operand = self.binary(_NOT, depth + 1)
            return Unary(token.start, operand.end, "not", operand)
        if token.kind is Kind.SYMBOL and token.text == "-":
            self.take()
            if self.next.kind is Kind.NUMBER:  # as one literal, so that the smallest integer is allowed
                number = self.take()
                assert isinstance(number.value, int | float)
                value = 0 - number.value  # not `-number.value`: there is no -0.0
                return self.trailers(Literal(token.start, number.end, value), depth)
            operand = self.unary(self.deeper(depth))
            return Unary(token.start, operand.end, "-", operand)
        if token.kind is Kind.SYMBOL and token.text == "+":
            raise self.unexpected("there is no unary `+`", "leave out the `+`")
        return self.trailers(self.atom(depth), depth)

    def trailers(self, node: Node, depth: int) -> Node:
        """A value with the names and indexes that follow it."""
        while True:
            depth = self.deeper(depth)
            if self.accept("."):
                node = self.attribute(node)
            elif self.accept("["):
                key = self.binary(0, depth)
                end = self.expect("]", "to end the index").end
                node = Index(node.start, end, node, key)
            else:
                return node

    def attribute(self, base: Node) -> Node:
        name = self.next
        if name.kind is not Kind.NAME:
            raise self.unexpected("a name must follow the `.`", "write a name, or `['key']` to index a JSON value")
        self.take()
        self.refuse_hyphen(name)
        return Attribute(base.start, name.end, base, name.text, name.start)

    def refuse_hyphen(self, name: Token) -> None:
        """Raise an error for a name with a hyphen, as in `tasks.my-task`, unless a value follows the `-`."""
        end, spelt = name.end, name.text
        at = self.at
        while self.tokens[at].text == "-" and self.tokens[at].start == end:
            word = self.tokens[at + 1]
            if word.kind is not Kind.NAME or word.start != end + 1 or word.text in ROOTS:
                break
            if self.tokens[at + 2].text == "(":
                break
            spelt, end, at = f"{spelt}_{word.text}", word.end, at + 2
        if end != name.end:
            raise ExpressionSyntaxError(
                "E400",
                "names are written in snake case, without `-`",
                name.start,
                end,
                label="reads as a subtraction",
                help_text=f"write `{spelt}`; put spaces around a minus",
            )

    def atom(self, depth: int) -> Node:
        token = self.next
        if token.kind in (Kind.NUMBER, Kind.STRING):
            self.take()
            assert token.value is not None
            if type(token.value) is int and token.value > INTEGER_MAX:
                raise out_of_range(token.start, token.end)
            return Literal(token.start, token.end, token.value)
        if token.kind is Kind.NAME and token.text not in _KEYWORDS:
            return self.word(depth)
        if self.accept("("):
            inner = self.binary(0, depth + 1)
            self.expect(")", "to close the parenthesis")
            return inner
        if self.accept("["):
            items = self.arguments("]", depth)
            return ListLiteral(token.start, self.tokens[self.at - 1].end, items)
        raise self.unexpected("a value is missing here")

    def word(self, depth: int) -> Node:
        token = self.take()
        if self.accept("("):
            args = self.arguments(")", depth)
            return Call(token.start, self.tokens[self.at - 1].end, token.text, token.end, args)
        if token.text in _CONSTANTS:
            return Literal(token.start, token.end, _CONSTANTS[token.text])
        if token.text in _FOREIGN_WORDS and self.next.text != ".":
            raise ExpressionSyntaxError(
                "E401",
                f"`{token.text}` is not a word of this language",
                token.start,
                token.end,
                label="not known here",
                help_text=_FOREIGN_WORDS[token.text],
            )
        return Name(token.start, token.end, token.text)

    def arguments(self, closing: str, depth: int) -> tuple[Node, ...]:
        """Expressions separated by commas, up to the closing bracket; a trailing comma is allowed."""
        found: list[Node] = []
        while not self.accept(closing):
            if found and not self.accept(","):
                raise self.unexpected(f"`,` or `{closing}` is missing here")
            if found and self.accept(closing):
                break
            found.append(self.binary(0, depth + 1))
        return tuple(found)

    def expect(self, symbol: str, why: str) -> Token:
        found = self.accept(symbol)
        if found is None:
            raise self.unexpected(f"`{symbol}` is missing here {why}")
        return found

    def unexpected(self, message: str, help_text: str | None = None) -> ExpressionSyntaxError:
        token = self.next
        if token.kind is Kind.NAME and token.text in _FOREIGN_WORDS:
            message, help_text = f"`{token.text}` is not a word of this language", _FOREIGN_WORDS[token.text]
        if token.kind is Kind.STRING and self.at and self.tokens[self.at - 1].kind is Kind.STRING:
            help_text = "write `\\'` for a quote within a string, and `+` between two strings"
        label = "the expression ends here" if token.kind is Kind.END else "unexpected"
        start, end = token.start, token.end
        if token.kind is Kind.END:  # point after the last token, not after the space that follows
            start = self.tokens[self.at - 1].end if self.at else 0
            end = start
        return ExpressionSyntaxError("E400", message, start, end, label=label, help_text=help_text)

    def deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            token = self.next
            raise ExpressionSyntaxError(
                "E415",
                "this expression is nested too deeply",
                token.start,
                token.end,
                label="too deep here",
                help_text="compute part of it in a task and read its output",
            )
        return depth + 1


def _cut(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "..."
