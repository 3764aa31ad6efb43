"""Texts, literals, casts and canonical texts in expr-lang: the parts of the printer `exprlang`.

expr-lang reads the numbers of JSON as doubles. So an expression *marks* JSON before it reads it: it puts an `s` before
every string and every key, and makes each number a string without an `s`. A number keeps its text until something
computes with it.
"""

from __future__ import annotations

from dagwright.ir.types import ExprType, ListType, Type
from dagwright.meaning.values import Number
from dagwright.meaning.values import canonical_json as json_text

_IN_RANGE = "# >= -9223372036854775808.0 and # < 9223372036854775808.0"
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
            return marked(text)
    return text


# JSON

_INNER = r'(?:[^"\\]|\\.)*'
_STRING = f'"({_INNER})"'
_STRING_OR_NUMBER = rf'"(s{_INNER})"|(-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)'
_MARKED = f'"([-0-9][^"]*)"|("s{_INNER}")'
_NUMBER_KEY = quote("[0-9][ \t\r\n]*:")
_NO_JSON = fail("this is not JSON")


def _replaced(text: str, pattern: str, by: str) -> str:
    return f"sprig.regexReplaceAll({quote('(?s)' + pattern)}, {text}, {quote(by)})"


def marked(text: str) -> str:
    """The marked JSON of a text. Fails for a number in the place of a key, which would become a string."""
    numbers = _replaced(_replaced("#", _STRING, '"s${1}"'), _STRING_OR_NUMBER, '"${1}${2}"')
    keys = _replaced("#", _STRING, '""')
    return bind(text, f"{keys} matches {_NUMBER_KEY} ? {_NO_JSON} : fromJSON({numbers})")


def marked_text(value: object) -> str:
    """JSON as the text of its marked form."""
    return json_text(_mark(value))


def _mark(value: object) -> object:
    match value:
        case str():
            return "s" + value
        case Number():
            return value.text
        case list():
            return [_mark(item) for item in value]
        case dict():
            return {f"s{key}": _mark(item) for key, item in value.items()}
    return value


def unmarked(value: str) -> str:
    """The canonical JSON of marked JSON."""
    return _replaced(_replaced(_json(value), _MARKED, "${1}${2}"), f'"s({_INNER})"', '"${1}"')


def normal(value: str) -> str:
    """A text of marked JSON that is equal for equal JSON: integers in full, other numbers as doubles."""
    apart = _replaced(_json(value), _MARKED, "\n${1}\n${2}")
    whole = f"# == floor(#) and {_IN_RANGE} ? string(int(#)) : toJSON(#)"
    other = f"# matches {quote(_NUMBER)} ? {bind('float(#)', whole)} : #"
    return f"join(map(split({apart}, '\\n'), # matches {quote(_INTEGER)} ? string(int(#)) : {other}), '')"


def is_string(value: str) -> str:
    """Whether marked JSON is a string."""
    return f"type({value}) == 'string' and {value} startsWith 's'"


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
        return marked(text) if element is Type.JSON else f"fromJSON({text})"
    return f"map({_list_texts(text)}, {_each(element)})"


def spelled(text: str, kind: ExprType) -> str:
    """The text of a value as it was written, checked; for a fan-out, the text of its list."""
    if kind in (Type.JSON, ListType(Type.JSON)):
        return bind(text, bind(f"[#, {marked('#')}]", "#[0]"))
    if isinstance(kind, ListType) and kind.element in _SPELLED:
        return f"'[' + join({spelled_items(text, kind.element)}, ',') + ']'"
    return bind(text, _SPELLED[kind]) if kind in _SPELLED else text


def spelled_items(text: str, element: Type) -> str:
    """The texts of a fan-out's list of numbers or booleans, checked."""
    return spelled_each(_list_texts(text), element)


def spelled_each(texts: str, element: Type) -> str:
    """A list of the texts of numbers or booleans, checked."""
    return f"map({texts}, {_SPELLED[element]})"


def is_checked(kind: ExprType) -> bool:
    """Whether `spelled` may fail for this type."""
    return (kind.element if isinstance(kind, ListType) else kind) in (*_SPELLED, Type.JSON)


# The text `#` as it was written, checked against a type.
_SPELLED: dict[ExprType, str] = {
    Type.INTEGER: f"# matches {quote(_INTEGER)} and int(#) <= {_MAX_INTEGER} ? # : "
    + fail("this is not an integer of 64 bits"),
    Type.NUMBER: f"# matches {quote(_NUMBER)} and abs(float(#)) >= 0 ? # : {fail('this is not a number')}",
    Type.BOOLEAN: f"# in ['true', 'false'] ? # : {fail('this is neither true nor false')}",
}


def _list_texts(text: str) -> str:
    return bind(text, "# == '[]' ? [] : split(trimSuffix(trimPrefix(#, '['), ']'), ',')")


def _each(element: Type) -> str:
    return {
        Type.INTEGER: _parsed_number("#", "int", _INTEGER, "this is not an integer of 64 bits"),
        Type.NUMBER: _parsed_number("#", "float", _NUMBER, "this is not a number"),
        Type.BOOLEAN: _parsed_boolean("#"),
    }[element]


# Values to texts


def canonical(value: str, kind: ExprType) -> str:
    """The canonical text of a value."""
    match kind:
        case Type.STRING | Type.FILE | Type.DIRECTORY:
            return value
        case Type.JSON:
            return bind(value, f"type(#) == 'string' ? trimPrefix(#, 's') : {unmarked('#')}")
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
        case Type.JSON | ListType(element=Type.JSON):
            return unmarked(value)
    return _json(value)


def _json(value: str) -> str:
    r"""JSON as printed by Go, with the separators U+2028 and U+2029 unescaped again.

    JSON contains no line breaks, so a line break replaces `\\` meanwhile: the text `\\u2028` is not an escape.
    """
    json = f"replace(sprig.toRawJson({value}), '\\\\\\\\', '\\n')"
    for code in ("2028", "2029"):
        json = f"replace({json}, '\\\\u{code}', '\\u{code}')"
    return f"replace({json}, '\\n', '\\\\\\\\')"


def literal(value: object, kind: ExprType) -> str:
    """A literal; JSON is parsed from a string, since pairs of braces must not be printed."""
    match value:
        case _ if kind is Type.JSON:
            return f"fromJSON({quote(marked_text(value))})"
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


def to_integer(value: str, kind: ExprType) -> str:
    """A value as an integer."""
    parse = f"({_parsed_number('#', 'int', _INTEGER, 'this is not an integer of 64 bits')})"
    whole = f"(# == floor(#) and {_IN_RANGE} ? int(#) : {fail('this is not an integer of 64 bits')})"
    match kind:
        case Type.INTEGER:
            return value
        case Type.STRING:
            return bind(value, parse)
        case Type.NUMBER:
            return bind(value, whole)
    number = f"# matches {quote(_INTEGER)} ? int(#) : {bind('float(#)', whole)}"
    other = fail("this is not an integer")
    return bind(value, f"type(#) != 'string' ? {other} : # startsWith 's' ? {bind('#[1:]', parse)} : {number}")


def to_number(value: str, kind: ExprType) -> str:
    """A value as a number: a double."""
    parse = f"({_parsed_number('#', 'float', _NUMBER, 'this is not a number')})"
    match kind:
        case Type.NUMBER:
            return value
        case Type.INTEGER:
            no_double = fail("this integer cannot become a number: no double is exactly that")
            exact = f"float(#) < 9223372036854775808.0 and int(float(#)) == # ? float(#) : {no_double}"
            return bind(value, exact)
        case Type.STRING:
            return bind(value, parse)
    other = fail("this is not a number")
    text = bind("trimPrefix(#, 's')", parse)
    return bind(value, f"type(#) != 'string' ? {other} : {text}")


def to_boolean(value: str, kind: ExprType) -> str:
    """A value as a boolean."""
    match kind:
        case Type.BOOLEAN:
            return value
        case Type.STRING:
            return bind(value, _parsed_boolean("#"))
    other = fail("this is neither true nor false")
    return bind(value, f"type(#) == 'bool' ? # : {is_string('#')} ? ({_parsed_boolean('#[1:]')}) : {other}")
