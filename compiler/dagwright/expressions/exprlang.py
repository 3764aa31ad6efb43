"""Typed expressions as expr-lang, as Argo Workflows 4.0 evaluates it in `{{= … }}`.

All values of Argo are texts, which are parsed here as strictly as the language says. A part that is used more than
once is bound by `map([part], …)[0]`, in which `#` is the part: a `let` would be taken by Argo for a missing variable,
and its errors then be swallowed. Nothing that is printed holds `{{` or `}}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dagwright.expressions.encode import json_value
from dagwright.ir.expr import Const, Expr, Op, Operator, OutputRef
from dagwright.ir.types import ExprType, ListType, Type
from dagwright.runtime.values import canonical_json as json_text

Reference = Callable[[Expr], str]

_MAX_INTEGER = "9223372036854775807"
_MIN_INTEGER = f"(-{_MAX_INTEGER} - 1)"
_MAX_DOUBLE = "1.7976931348623157e+308"
_INTEGER = "^-?(0|[1-9][0-9]*)$"
_NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$"
_INSTANT = (
    "^[12][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]([.][0-9]+)?"
    "(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_GO_LAYOUTS = {"YYYY": "2006", "MM": "01", "DD": "02", "HH": "15", "mm": "04", "ss": "05"}

_INFIX = {
    Operator.AND: "and",
    Operator.OR: "or",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
    Operator.EQ: "==",
    Operator.NE: "!=",
    Operator.STARTS_WITH: "startsWith",
    Operator.ENDS_WITH: "endsWith",
    Operator.CONCAT: "+",
}


def fail(message: str) -> str:
    """A call that ends the evaluation with a message."""
    return f"sprig.fail({quote(message)})"


_INTEGER_OVERFLOW = fail("an integer does not fit into 64 bits")
_DOUBLE_OVERFLOW = fail("a number is too large for a double")
_ZERO = fail("division by zero")

# Operations on bound operands: `#` is the operand, or `#[0]` and `#[1]` are the two, which are evaluated once.
_BOUND: dict[tuple[Operator, ExprType], str] = {
    (Operator.ADD, Type.INTEGER): f"(#[1] >= 0) == (#[0] + #[1] >= #[0]) ? #[0] + #[1] : {_INTEGER_OVERFLOW}",
    (Operator.SUB, Type.INTEGER): f"(#[1] >= 0) == (#[0] - #[1] <= #[0]) ? #[0] - #[1] : {_INTEGER_OVERFLOW}",
    (Operator.MUL, Type.INTEGER): (
        f"#[0] == 0 or (#[0] == -1 ? #[1] != {_MIN_INTEGER} : sprig.div(#[0] * #[1], #[0]) == #[1])"
        f" ? #[0] * #[1] : {_INTEGER_OVERFLOW}"
    ),
    (Operator.MOD, Type.INTEGER): f"#[1] == 0 ? {_ZERO} : #[0] % #[1]",
    (Operator.DIV, Type.NUMBER): f"#[1] == 0 ? {_ZERO} : #[0] / #[1]",
}

_DOUBLE_OPERATORS = {Operator.ADD: "+", Operator.SUB: "-", Operator.MUL: "*"}


def to_exprlang(expr: Expr, reference: Reference, is_there: Reference | None = None) -> str:
    """An expr-lang expression of the value.

    `reference` gives an expr-lang expression of the text of a reference (of a fan-out's list the text of the list);
    `is_there` one that says whether an output is there, for `default`.
    """
    return _Printer(reference, is_there).value(expr)


def to_exprlang_text(expr: Expr, reference: Reference, is_there: Reference | None = None) -> str:
    """An expr-lang expression of the text that the expression inserts."""
    return _Printer(reference, is_there).text(expr)


def exprlang_unsupported(expr: Expr) -> list[tuple[Expr, str]]:
    """What expr-lang cannot keep, each with the reason."""
    found: list[tuple[Expr, str]] = []
    stack, count = [expr], 0
    while stack:
        part = stack.pop()
        count += 1
        if isinstance(part, Op):
            stack.extend(part.args)
            if part.operator is Operator.FORMAT_DATE and not all(isinstance(a, Const) for a in part.args[1:]):
                found.append((part, "`format_date` takes its format and its zone only as literal strings there"))
    if count > MAX_NODES:
        found.append((expr, f"an expression has at most {MAX_NODES} parts there"))
    return found


MAX_NODES = 250  # parts of ours; expr-lang refuses 10,000 of its own, and the largest of ours are printed as about 40


def quote(text: str) -> str:
    """A string literal without a pair of braces and without control characters."""
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


def _bind(part: str, body: str) -> str:
    """`body`, in which `#` is `part`."""
    return f"map([{part}], {body})[0]"


class _Printer:
    def __init__(self, reference: Reference, is_there: Reference | None) -> None:
        self.reference, self.is_there = reference, is_there

    def value(self, expr: Expr) -> str:
        match expr:
            case Const():
                return _literal(json_value(expr), expr.type)
            case Op():
                return self.operation(expr)
            case _:
                return parsed(self.reference(expr), expr.type)

    def text(self, expr: Expr) -> str:
        match expr:
            case Const():
                return quote(expr.text)
            case Op(operator=Operator.TEXT, args=(inner,)):
                return self.text(inner)
            case Op(operator=Operator.DEFAULT, args=(OutputRef() as ref, other)) if self.is_there is not None:
                return f"({self.is_there(ref)} ? {self.text(ref)} : {self.text(other)})"
            case Op():
                return canonical(self.value(expr), expr.type)
            case _:
                return self.reference(expr)

    def operation(self, op: Op) -> str:
        operator = op.operator
        if operator is Operator.TEXT:
            return self.text(op.args[0])
        if operator is Operator.FORMAT_DATE:
            return _format_date(self.value(op.args[0]), op.args[1:])
        args = [self.value(arg) for arg in op.args]
        if operator is Operator.DEFAULT:
            assert isinstance(op.args[0], OutputRef)
            return args[0] if self.is_there is None else f"({self.is_there(op.args[0])} ? {args[0]} : {args[1]})"
        if operator in _INFIX:
            return "(" + f" {_INFIX[operator]} ".join(args) + ")"
        if (operator, op.type) in _BOUND:
            return _bind(f"[{args[0]}, {args[1]}]", _BOUND[operator, op.type])
        if operator in _DOUBLE_OPERATORS:
            whole = f"{args[0]} {_DOUBLE_OPERATORS[operator]} {args[1]}"
            return _bind(whole, f"abs(#) <= {_MAX_DOUBLE} ? # : {_DOUBLE_OVERFLOW}")
        if operator in _CASTS:
            return _CASTS[operator](args[0], op.args[0].type)
        return self.rest(op, args)

    def rest(self, op: Op, args: list[str]) -> str:
        match op.operator:
            case Operator.NOT:
                return f"(not {args[0]})"
            case Operator.NEG if op.type is Type.INTEGER:
                return _bind(args[0], f"# == {_MIN_INTEGER} ? {_INTEGER_OVERFLOW} : -#")
            case Operator.NEG:
                return f"(-{args[0]})"
            case Operator.IF:
                return f"({args[0]} ? {args[1]} : {args[2]})"
            case Operator.LIST:
                return "[" + ", ".join(args) + "]"
            case Operator.LEN:
                return f"len({args[0]})"
            case Operator.MIN | Operator.MAX:
                return _extreme(op.operator.value, args)
            case Operator.LOWER:
                return _ascii_case(args[0], "lower", "A", "Z")
            case Operator.UPPER:
                return _ascii_case(args[0], "upper", "a", "z")
            case Operator.INDEX:
                return _index(args[0], args[1], op.args[1].type)
            case Operator.IN:
                return _membership(args[1], args[0], op.args[1].type)
            case Operator.CONTAINS:
                return _membership(args[0], args[1], op.args[0].type)
        raise AssertionError(f"no printing of {op.operator}")


# Texts to values


def parsed(text: str, kind: ExprType) -> str:
    """The value of a text."""
    if isinstance(kind, ListType):
        return _parsed_list(text, kind.element)
    match kind:
        case Type.INTEGER:
            return _bind(text, _parsed_number("#", "int", _INTEGER, "this is not an integer of 64 bits"))
        case Type.NUMBER:
            return _bind(text, _parsed_number("#", "float", _NUMBER, "this is not a number"))
        case Type.BOOLEAN:
            return _bind(text, _parsed_boolean("#"))
        case Type.JSON:
            return f"fromJSON({text})"
    return text


def _parsed_number(text: str, cast: str, pattern: str, message: str) -> str:
    return f"{text} matches {quote(pattern)} ? {cast}({text}) : {fail(message)}"


def _parsed_boolean(text: str) -> str:
    return f"{text} == 'true' or ({text} == 'false' ? false : {fail('this is neither true nor false')})"


def _parsed_list(text: str, element: Type) -> str:
    """Numbers and booleans hold no comma, and integers would lose digits in JSON."""
    if element in (Type.STRING, Type.JSON):
        return f"fromJSON({text})"
    each = {
        Type.INTEGER: _parsed_number("#", "int", _INTEGER, "this is not an integer of 64 bits"),
        Type.NUMBER: _parsed_number("#", "float", _NUMBER, "this is not a number"),
        Type.BOOLEAN: _parsed_boolean("#"),
    }[element]
    return f"map(filter(split(trimSuffix(trimPrefix({text}, '['), ']'), ','), # != ''), {each})"


# Values to texts


def canonical(value: str, kind: ExprType) -> str:
    """The canonical text of a value."""
    match kind:
        case Type.STRING | Type.FILE | Type.DIRECTORY:
            return value
        case Type.JSON:
            return _bind(value, f"type(#) == 'string' ? # : {_json('#')}")
    return canonical_json(value, kind)


def canonical_json(value: str, kind: ExprType) -> str:
    """The canonical JSON of a value."""
    match kind:
        case Type.INTEGER | Type.BOOLEAN:
            return f"string({value})"
        case Type.NUMBER:
            return _bind(value, "# == 0 ? '0' : toJSON(#)")
        case ListType(element=Type.NUMBER):
            return f"'[' + join(map({value}, # == 0 ? '0' : toJSON(#)), ',') + ']'"
    return _json(value)


def _json(value: str) -> str:
    r"""JSON by Go with the two separators put back that it escapes beyond need.

    JSON holds no line break, so one stands for `\\` meanwhile, lest the text `\u2028` be taken for an escape.
    """
    spelt = f"replace(sprig.toRawJson({value}), '\\\\\\\\', '\\n')"
    for code in ("2028", "2029"):
        spelt = f"replace({spelt}, '\\\\u{code}', '\\u{code}')"
    return f"replace({spelt}, '\\n', '\\\\\\\\')"


def _literal(value: object, kind: ExprType) -> str:
    """A literal; JSON is read from its text, since pairs of braces may not be printed."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() if value < -int(_MAX_INTEGER):
            return _MIN_INTEGER
        case int():
            return str(value) if value >= 0 else f"({value})"
        case float() if kind is Type.NUMBER:
            return repr(value) if value > 0 or repr(value) == "0.0" else f"({value!r})"
        case str():
            return quote(value)
        case list() if isinstance(kind, ListType):
            return "[" + ", ".join(_literal(item, kind.element) for item in value) + "]"
    return f"fromJSON({quote(json_text(value))})"


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
            return _bind(value, parse)
        case Type.NUMBER:
            return _bind(value, whole)
    other = fail("this is not an integer")
    return _bind(value, f"type(#) == 'string' ? {parse} : type(#) == 'float' ? {whole} : {other}")


def _to_number(value: str, kind: ExprType) -> str:
    parse = f"({_parsed_number('#', 'float', _NUMBER, 'this is not a number')})"
    match kind:
        case Type.NUMBER:
            return value
        case Type.INTEGER:
            return f"float({value})"
        case Type.STRING:
            return _bind(value, parse)
    return _bind(value, f"type(#) == 'string' ? {parse} : type(#) == 'float' ? # : {fail('this is not a number')}")


def _to_boolean(value: str, kind: ExprType) -> str:
    match kind:
        case Type.BOOLEAN:
            return value
        case Type.STRING:
            return _bind(value, _parsed_boolean("#"))
    return _bind(value, f"type(#) == 'bool' ? # : ({_parsed_boolean('#')})")


def _to_json_value(value: str, kind: ExprType) -> str:
    match kind:
        case Type.INTEGER:
            return f"float({value})"
        case ListType(element=Type.INTEGER):
            return f"map({value}, float(#))"
    return value


_CASTS: dict[Operator, Callable[[str, ExprType], str]] = {
    Operator.TO_INTEGER: _to_integer,
    Operator.TO_NUMBER: _to_number,
    Operator.TO_BOOLEAN: _to_boolean,
    Operator.TO_STRING: canonical,
    Operator.TO_JSON: canonical_json,
    Operator.TO_JSON_VALUE: _to_json_value,
    Operator.FROM_JSON: lambda value, _: f"fromJSON({value})",
}


# Searching, indexing, dates


def _extreme(name: str, args: list[str]) -> str:
    if len(args) > 1:
        return f"{name}({', '.join(args)})"
    empty = fail(f"an empty list has no {name}imum")
    return _bind(args[0], f"len(#) > 0 ? {name}(#) : {empty}")


def _ascii_case(text: str, function: str, first: str, last: str) -> str:
    return f"join(map(split({text}, ''), # >= '{first}' and # <= '{last}' ? {function}(#) : #), '')"


def _membership(container: str, item: str, kind: ExprType) -> str:
    if kind is Type.STRING:
        return f"({container} contains {item})"
    if isinstance(kind, ListType):
        return f"({item} in {container})"
    return _bind(
        f"[{container}, {item}]",
        "type(#[0]) == 'array' ? #[1] in #[0]"
        " : type(#[1]) != 'string' ? " + fail("this cannot hold that") + " : type(#[0]) == 'map' ? #[1] in #[0]"
        " : type(#[0]) == 'string' ? #[0] contains #[1] : " + fail("this cannot hold that"),
    )


def _index(container: str, key: str, kind: ExprType) -> str:
    if kind is Type.INTEGER:
        found = "type(#[0]) == 'array' and #[1] >= 0 and #[1] < len(#[0])"
        missing = fail("the list has no such index")
    else:
        found, missing = "type(#[0]) == 'map' and #[1] in #[0]", fail("the JSON object has no such key")
    return _bind(f"[{container}, {key}]", f"{found} ? #[0][#[1]] : {missing}")


def _format_date(moment: str, given: tuple[Expr, ...]) -> str:
    """Every field by itself, since Go would read digits and some signs of the pattern as fields, too."""
    pattern, zone = [str(arg.value) for arg in given if isinstance(arg, Const)] + ["UTC"] * (2 - len(given))
    parts = (
        f"#.Format('{_GO_LAYOUTS[part]}')" if part in _GO_LAYOUTS else quote(part)
        for part in re.split("(YYYY|MM|DD|HH|mm|ss)", pattern)
        if part
    )
    instant = (
        f"# matches {quote(_INSTANT)} ? date(#, '2006-01-02T15:04:05Z07:00').In(timezone({quote(zone)}))"
        f" : {fail('this is not an instant such as 2026-01-31T04:30:00Z')}"
    )
    return _bind(_bind(moment, instant), " + ".join(parts) or "''")
