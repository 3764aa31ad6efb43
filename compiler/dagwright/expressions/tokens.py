"""The lexer: the text of an expression as tokens, with friendly errors for syntax of other languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from dagwright.diagnostics.words import FUNCTIONS, synonym
from dagwright.expressions.syntax import ExpressionSyntaxError

INTEGER_MAX = 2**63 - 1
ROOTS = ("params", "inputs", "outputs", "tasks", "matrix", "item", "run", "vars")


class Kind(Enum):
    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `value` is a literal's value, `text` the source text (a string with its quotes)."""

    kind: Kind
    text: str
    start: int
    end: int
    value: str | int | float | None = None


_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      | (?P<number>\.?[0-9](?:[eE][+-](?=[0-9])|[A-Za-z0-9_.])*)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<string>["'])
      | (?P<symbol>===|!==|==|!=|<=|>=|<>|&&|\|\||\?\?|\?\.|\*\*|//|\$\{\{|\{\{|[-+*/%<>()\[\],.=!?:{}&|^~;])""",
    re.VERBOSE,
)
_JSON_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][+-]?[0-9]+)?")
_ESCAPES = {
    '"': '"',
    "'": "'",
    "\\": "\\",
    "/": "/",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
}
_HEX = re.compile(r"[0-9a-fA-F]{4}")

# Syntax of other languages, with the syntax of this language.
_FOREIGN = {
    "&&": "write `and`",
    "||": "write `or`",
    "!": "write `not`",
    "?": "write `if(condition, a, b)`",
    ":": "write `if(condition, a, b)` for a choice",
    "=": "write `==` to compare",
    "===": "write `==`",
    "!==": "write `!=`",
    "<>": "write `!=`",
    "??": "write `default(reference, value)`",
    "?.": "write `default(reference, value)`",
    "**": "multiply instead: `x * x`",
    "//": "write `integer(...)` around a whole result, or `/`, which gives a number",
    "&": "write `and`",
    "|": "write `or` between two conditions",
    "^": "write `!=` between two booleans",
    "~": "write `+` to join two strings",
    "{": "write `from_json('...')` for a JSON value",
    "}": "write `from_json('...')` for a JSON value",
    ";": "write one expression",
    "{{": "leave out `{{` and `}}`, and write one expression, such as `params.name`",
    "${{": "leave out the inner `${{` and `}}`",
}


def tokens(text: str) -> Iterator[Token]:
    """All tokens of a text, the last one an END of zero width."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionSyntaxError(
                "E400",
                "this character has no meaning in an expression",
                at,
                at + 1,
                label="unexpected",
                help_text="put text in quotes: `'...'`",
            )
        kind, end = match.lastgroup, match.end()
        if kind == "string":
            value, end = _string(text, at)
            yield Token(Kind.STRING, text[at:end], at, end, value)
        elif kind == "number":
            yield Token(Kind.NUMBER, match[0], at, end, _number(match[0], at))
        elif kind == "name":
            yield Token(Kind.NAME, match[0], at, end)
        elif kind == "symbol":
            if match[0] in _FOREIGN:
                _refuse_foreign(text, match[0], at)
            yield Token(Kind.SYMBOL, match[0], at, end)
        at = end
    yield Token(Kind.END, "", len(text), len(text))


_FILTER = re.compile(r"\|\s*(?P<name>[A-Za-z_]+)")


def _refuse_foreign(text: str, symbol: str, at: int) -> None:
    filter_ = _FILTER.match(text, at)
    function = filter_ and (synonym(FUNCTIONS, filter_["name"]) or filter_["name"])
    raise ExpressionSyntaxError(
        "E401",
        f"`{symbol}` is not an operator of this language",
        at,
        at + len(symbol),
        label="not known here",
        help_text=f"write the function around its value: `{function}(...)`"
        if function in FUNCTIONS
        else _FOREIGN[symbol],
    )


def string_end(text: str, at: int) -> int:
    """The end of the string literal that starts at `at` (after its quote), or -1 if it is not closed."""
    quote, at = text[at], at + 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == quote:
            return at + 1
        else:
            at += 1
    return -1


def _string(text: str, at: int) -> tuple[str, int]:
    end = string_end(text, at)
    if end < 0:
        raise ExpressionSyntaxError(
            "E402",
            "this string is not closed",
            at,
            at + 1,
            label="opened here",
            help_text=f"add a {text[at]} at its end",
        )
    body = text[at + 1 : end - 1]
    return (body if "\\" not in body else _unescape(body, at + 1)), end


def _unescape(body: str, offset: int) -> str:
    """The value of a string's body; `offset` is the place of the body, for messages."""
    pieces: list[str] = []
    at = 0
    while at < len(body):
        if body[at] != "\\":
            stop = body.find("\\", at)
            stop = len(body) if stop < 0 else stop
            pieces.append(body[at:stop])
            at = stop
        elif body[at + 1] == "u":
            piece, at = _unicode_escape(body, at, offset)
            pieces.append(piece)
        elif body[at + 1] in _ESCAPES:
            pieces.append(_ESCAPES[body[at + 1]])
            at += 2
        else:
            raise _bad_escape(offset + at, 2, "write `\\\\` for a backslash")
    return "".join(pieces)


def _unicode_escape(body: str, at: int, offset: int) -> tuple[str, int]:
    first = _code_unit(body, at)
    if first is None:
        raise _bad_escape(offset + at, 2, "write four hexadecimal digits: `\\u00e9`")
    if not 0xD800 <= first <= 0xDFFF:
        return chr(first), at + 6
    second = _code_unit(body, at + 6)
    if first > 0xDBFF or second is None or not 0xDC00 <= second <= 0xDFFF:
        raise _bad_escape(offset + at, 6, "write both halves: `\\ud83d\\ude00`, or the character itself")
    return chr(0x10000 + ((first - 0xD800) << 10) + second - 0xDC00), at + 12


def _code_unit(body: str, at: int) -> int | None:
    digits = body[at + 2 : at + 6]
    return int(digits, 16) if body[at : at + 2] == "\\u" and _HEX.fullmatch(digits) else None


def _bad_escape(at: int, length: int, help_text: str) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(
        "E403",
        "strings have the escapes of JSON, and this is not one",
        at,
        at + length,
        label="not an escape",
        help_text=help_text,
    )


def _number(text: str, at: int) -> int | float:
    match = _JSON_NUMBER.fullmatch(text)
    if match is None:
        raise ExpressionSyntaxError(
            "E403",
            "numbers are written as in JSON, and this is not one",
            at,
            at + len(text),
            label="not a number",
            help_text="write `10`, `0.5` or `1e-3`",
        )
    if match["fraction"] is None and match["exponent"] is None:
        # One more than the largest integer: with a minus it may fit, which the parser checks.
        value = int(text) if len(text) <= 19 else INTEGER_MAX + 2
        if value > INTEGER_MAX + 1:
            raise out_of_range(at, at + len(text))
        return value
    number = float(text)
    if number == float("inf"):
        raise ExpressionSyntaxError(
            "E403",
            "this number is too large for a double",
            at,
            at + len(text),
            label="more than 1.8e308",
            help_text="write a number below `1.8e308`",
        )
    return number


def out_of_range(start: int, end: int) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(
        "E403",
        "this integer does not fit into 64 bits",
        start,
        end,
        label="out of range",
        help_text="write it as a number, such as `1e19`, or as a string in quotes",
    )
