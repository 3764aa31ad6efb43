"""Texts, literals, casts and canonical texts in expr-lang: the parts of the printer `exprlang`."""

from __future__ import annotations

from collections.abc import Callable

from dagwright.ir.expr import Operator
from dagwright.ir.types import ExprType, ListType, Type
from dagwright.runtime.values import canonical_json as json_text

_MAX_INTEGER = 2**63 - 1
MIN_INTEGER = f"(-{_MAX_INTEGER} - 1)"  # the lexer knows no such literal
_INTEGER = "^-?(0|[1-9][0-9]*)$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"


def quote(text: str) -> str:
    """A string literal without pairs of braces and control characters."""
    out: list[str] = ["'"]
    before = ""
    for char in text:
        if char in "\\'":
            out.append("\\" + char)
        elif char in "\n\r\t":
            out.append({"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char])
        elif (char in "{}" and before in ("{", "}")) or not char.isprintable():
            out.append(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
        else:
            out.append(char)
        before = char
    return "".join([*out, "'"])


def bind(part: str, body: str) -> str:
    """`body` with `#` bound to `part`."""
    return f"map([{part}], {body})[0]"


def fail(message: str) -> str:
    """A call that ends the evaluation with a message."""
    return f"sprig.fail({quote(message)})"


# Texts to values


def parsed(text: str, kind: ExprType) -> str:
    """The value of a text."""
    if isinstance(kind, ListType):
        return _parsed_list(text, kind.element)
    match kind:
        case Type.INTEGER:
            return bind(text, _parsed_number("#", "int", _INTEGER, "this is not an integer of 64 bits"))
        case Type.NUMBER:
            return bind(text, _parsed_number("#", "float", _NUMBER, "this is not a number"))
        case Type.BOOLEAN:
            return bind(text, _parsed_boolean("#"))
        case Type.JSON:
            return f"fromJSON({text})"
    return text


def parsed_unchecked(text: str, kind: ExprType) -> str:
    """The value of a text already checked against its type."""
    match kind:
        case Type.INTEGER:
            return f"int({text})"
        case Type.NUMBER:
            return f"float({text})"
        case Type.BOOLEAN:
            return f"({text} == 'true')"
    return parsed(text, kind)


def _parsed_number(text: str, cast: str, pattern: str, message: str) -> str:
    return f"{text} matches {quote(pattern)} ? {cast}({text}) : {fail(message)}"


def _parsed_boolean(text: str) -> str:
    return f"{text} == 'true' or ({text} == 'false' ? false : {fail('this is neither true nor false')})"


def _parsed_list(text: str, element: Type) -> str:
    """The list in a text. Numbers and booleans are split at commas, since integers would lose digits in JSON."""
    if element in (Type.STRING, Type.JSON):
        return f"fromJSON({text})"
    each = {
        Type.INTEGER: _parsed_number("#", "int", _INTEGER, "this is not an integer of 64 bits"),
        Type.NUMBER: _parsed_number("#", "float", _NUMBER, "this is not a number"),
        Type.BOOLEAN: _parsed_boolean("#"),
    }[element]
    texts = bind(text, "# == '[]' ? [] : split(trimSuffix(trimPrefix(#, '['), ']'), ',')")
    return f"map({texts}, {each})"


# Values to texts


def canonical(value: str, kind: ExprType) -> str:
    """The canonical text of a value."""
    match kind:
        case Type.STRING | Type.FILE | Type.DIRECTORY:
            return value
        case Type.JSON:
            return bind(value, f"type(#) == 'string' ? # : {_json('#')}")
    return canonical_json(value, kind)


def canonical_json(value: str, kind: ExprType) -> str:
    """The canonical JSON of a value."""
    match kind:
        case Type.INTEGER | Type.BOOLEAN:
            return f"string({value})"
        case Type.NUMBER:
            return bind(value, "# == 0 ? '0' : toJSON(#)")
        case ListType(element=Type.NUMBER):
            return f"'[' + join(map({value}, # == 0 ? '0' : toJSON(#)), ',') + ']'"
    return _json(value)


def _json(value: str) -> str:
    r"""JSON as printed by Go, with the separators U+2028 and U+2029 unescaped again.

    JSON contains no line breaks, so a line break replaces `\\` meanwhile: the text `\\u2028` is not an escape.
    """
    spelt = f"replace(sprig.toRawJson({value}), '\\\\\\\\', '\\n')"
    for code in ("2028", "2029"):
        spelt = f"replace({spelt}, '\\\\u{code}', '\\u{code}')"
    return f"replace({spelt}, '\\n', '\\\\\\\\')"


def literal(value: object, kind: ExprType) -> str:
    """A literal; JSON is parsed from a string, since pairs of braces must not be printed."""
    match value:
        case _ if kind is Type.JSON:
            return f"fromJSON({quote(json_text(value))})"
        case bool():
            return "true" if value else "false"
        case int() if value < -_MAX_INTEGER:
            return MIN_INTEGER
        case int():
            return str(value) if value >= 0 else f"({value})"
        case float():
            return repr(value) if value > 0 or repr(value) == "0.0" else f"({value!r})"
        case str():
            return quote(value)
        case list() if isinstance(kind, ListType):
            return "[" + ", ".join(literal(item, kind.element) for item in value) + "]"
    raise AssertionError(f"no literal of {type(value)}")


# Casts


def _to_integer(value: str, kind: ExprType) -> str:
    parse = f"({_parsed_number('#', 'int', _INTEGER, 'this is not an integer of 64 bits')})"
    whole = (
        "(# == floor(#) and # >= -9223372036854775808.0 and # < 9223372036854775808.0"
        f" ? int(#) : {fail('this is not an integer of 64 bits')})"
    )
    match kind:
        case Type.INTEGER:
            return value
        case Type.STRING:
            return bind(value, parse)
        case Type.NUMBER:
            return bind(value, whole)
    other = fail("this is not an integer")
    return bind(value, f"type(#) == 'string' ? {parse} : type(#) == 'float' ? {whole} : {other}")


def _to_number(value: str, kind: ExprType) -> str:
    parse = f"({_parsed_number('#', 'float', _NUMBER, 'this is not a number')})"
    match kind:
        case Type.NUMBER:
            return value
        case Type.INTEGER:
            return f"float({value})"
        case Type.STRING:
            return bind(value, parse)
    return bind(value, f"type(#) == 'string' ? {parse} : type(#) == 'float' ? # : {fail('this is not a number')}")


def _to_boolean(value: str, kind: ExprType) -> str:
    match kind:
        case Type.BOOLEAN:
            return value
        case Type.STRING:
            return bind(value, _parsed_boolean("#"))
    return bind(value, f"type(#) == 'bool' ? # : ({_parsed_boolean('#')})")


def _to_json_value(value: str, kind: ExprType) -> str:
    """A value as JSON, by way of its text, so that expr-lang does not know the static type."""
    match kind:  # Go writes -0, which becomes 0 by adding 0
        case Type.NUMBER:
            value = f"{value} + 0.0"
        case ListType(element=Type.NUMBER):
            value = f"map({value}, # + 0.0)"
    return f"fromJSON(toJSON({value}))"


CASTS: dict[Operator, Callable[[str, ExprType], str]] = {
    Operator.TO_INTEGER: _to_integer,
    Operator.TO_NUMBER: _to_number,
    Operator.TO_BOOLEAN: _to_boolean,
    Operator.TO_STRING: canonical,
    Operator.TO_JSON: canonical_json,
    Operator.TO_JSON_VALUE: _to_json_value,
    Operator.FROM_JSON: lambda value, _: f"fromJSON({value})",
}
