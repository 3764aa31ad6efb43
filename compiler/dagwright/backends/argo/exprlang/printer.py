"""Typed expressions as expr-lang, as Argo Workflows 4.0 evaluates it in `{{= … }}`.

All values in Argo are texts; the printed expression parses them as strictly as the language requires. A part used more
than once is bound by `map([part], …)[0]`, in which `#` is the part: Argo would take a `let` for a missing variable and
then swallow its errors. Printed text never contains `{{` or `}}`.

Two differences remain, which cannot be detected when compiling: keys beyond the Basic Multilingual Plane sort by code
point; and in a fan-out's list of numbers or booleans, a text with a comma counts as two items, and a single empty text
as none.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dagwright.backends.argo.exprlang.values import (
    MIN_INTEGER,
    bind,
    canonical,
    canonical_json,
    fail,
    is_string,
    literal,
    marked,
    normal,
    parsed,
    parsed_unchecked,
    quote,
    spelled,
    spelled_items,
    to_boolean,
    to_integer,
    to_number,
)
from dagwright.expressions.encode import typed_text
from dagwright.ir.expr import Const, Expr, Op, Operator, OutputRef, ParamRef
from dagwright.ir.types import ExprType, ListType, Type

Reference = Callable[[Expr], str]

_MAX_DOUBLE = "1.7976931348623157e+308"
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


_NUMBERS = ListType(Type.NUMBER)
_SPELLED = (Type.NUMBER, _NUMBERS)
_JSON = (Type.JSON, ListType(Type.JSON))
_INTEGER_OVERFLOW = fail("an integer does not fit into 64 bits")
_DOUBLE_OVERFLOW = fail("a number is too large for a double")
_ZERO = fail("division by zero")
_NO_OLD = fail("an empty text cannot be replaced")
_NO_SEPARATOR = fail("a text cannot be split at an empty separator")


def _checked_double(value: str) -> str:
    return bind(value, f"abs(#) <= {_MAX_DOUBLE} ? # : {_DOUBLE_OVERFLOW}")


# Operations on bound operands, evaluated once: `#` is the operand, or `#[0]` and `#[1]` are the two operands.
_BOUND: dict[tuple[Operator, ExprType], str] = {
    (Operator.ADD, Type.INTEGER): f"(#[1] >= 0) == (#[0] + #[1] >= #[0]) ? #[0] + #[1] : {_INTEGER_OVERFLOW}",
    (Operator.SUB, Type.INTEGER): f"(#[1] >= 0) == (#[0] - #[1] <= #[0]) ? #[0] - #[1] : {_INTEGER_OVERFLOW}",
    (Operator.MUL, Type.INTEGER): (
        f"#[0] == 0 or (#[0] == -1 ? #[1] != {MIN_INTEGER} : sprig.div(#[0] * #[1], #[0]) == #[1])"
        f" ? #[0] * #[1] : {_INTEGER_OVERFLOW}"
    ),
    (Operator.MOD, Type.INTEGER): f"#[1] == 0 ? {_ZERO} : #[0] % #[1]",
    (Operator.DIV, Type.NUMBER): f"#[1] == 0 ? {_ZERO} : {_checked_double('#[0] / #[1]')}",
}

_DOUBLE_OPERATORS = {Operator.ADD: "+", Operator.SUB: "-", Operator.MUL: "*"}


def to_exprlang(
    expr: Expr, reference: Reference, is_there: Reference | None = None, *, checked_params: bool = False
) -> str:
    """An expr-lang expression of the value.

    `reference` gives an expr-lang expression for the text of a reference (for a fan-out's list, the text of the list);
    `is_there` gives an expression for whether an output exists, for `default`. `checked_params` means that all params
    are already checked against their types, so their texts are not checked again.
    """
    return _Printer(reference, is_there, checked_params).value(expr)


def to_exprlang_json(
    expr: Expr, reference: Reference, is_there: Reference | None = None, *, checked_params: bool = False
) -> str:
    """An expr-lang expression of the canonical JSON of the value."""
    return _Printer(reference, is_there, checked_params).json_text(expr)


def to_exprlang_text(
    expr: Expr, reference: Reference, is_there: Reference | None = None, *, checked_params: bool = False
) -> str:
    """An expr-lang expression for the text that the expression inserts."""
    return _Printer(reference, is_there, checked_params).text(expr)


def exprlang_unsupported(expr: Expr) -> list[tuple[Expr, str]]:
    """The parts of an expression that expr-lang cannot evaluate alike, each with the reason."""
    found: list[tuple[Expr, str]] = []
    stack, count = [expr], 0
    while stack:
        part = stack.pop()
        count += 1
        if isinstance(part, Op):
            if any(arg.type in _JSON for arg in part.args):
                count += _MORE_PARTS.get(part.operator, 0)
            stack.extend(part.args)
            if part.operator is Operator.FORMAT_DATE and not all(isinstance(a, Const) for a in part.args[1:]):
                found.append((part, "`format_date` takes its format and its zone only as literal strings there"))
    if count > MAX_NODES:
        found.append((expr, f"an expression has at most {MAX_NODES} parts there"))
    return found


# IR nodes; each prints as up to about 40 expr-lang nodes, and expr-lang refuses more than 10,000. Some operations on
# json count as several.
MAX_NODES = 250
_MORE_PARTS = {Operator.IN: 6, Operator.CONTAINS: 6, Operator.EQ: 3, Operator.NE: 3, Operator.TO_INTEGER: 2}


class _Printer:
    def __init__(self, reference: Reference, is_there: Reference | None, checked_params: bool) -> None:
        self.reference, self.is_there, self.checked_params = reference, is_there, checked_params

    def value(self, expr: Expr) -> str:
        match expr:
            case Const():
                return literal(expr.value, expr.type)
            case Op():
                return self.operation(expr)
            case ParamRef() if self.checked_params:
                return parsed_unchecked(self.reference(expr), expr.type)
            case _:
                return parsed(self.reference(expr), expr.type)

    def text(self, expr: Expr) -> str:
        match expr:
            case Const():
                return quote(expr.text)
            case Op(operator=Operator.TEXT, args=(inner,)):
                return self.text(inner)
            case Op(operator=Operator.DEFAULT, args=(read, other)):
                return self.either(read, self.text(read), self.text(other))
            case Op():
                return self.canonical(expr)
            case OutputRef():
                return spelled(self.reference(expr), expr.type)
            case _:
                return self.reference(expr)

    def canonical(self, expr: Expr) -> str:
        """The canonical text of a value: a string unchanged, other values as JSON."""
        return self.json_text(expr) if expr.type in _SPELLED else canonical(self.value(expr), expr.type)

    def json_text(self, expr: Expr) -> str:
        """The canonical JSON of a value; a number that nothing computes with stays as it was written."""
        if expr.type is Type.NUMBER:
            return self.spelled(expr)
        if expr.type == _NUMBERS:
            return f"'[' + join({self.spelled(expr)}, ',') + ']'"
        return canonical_json(self.value(expr), expr.type)

    def spelled(self, expr: Expr) -> str:
        """The text of a number as it was written, or a list of such texts; of one that is computed the canonical text.

        The runtime's `json_text` walks an expression in the same way.
        """
        match expr:
            case Const(value=list()):
                return "[]"
            case Const():
                return quote(typed_text(expr))
            case Op(operator=Operator.IF, args=(condition, then, otherwise)):
                return f"({self.value(condition)} ? {self.spelled(then)} : {self.spelled(otherwise)})"
            case Op(operator=Operator.DEFAULT, args=(read, other)):
                return self.either(read, self.spelled(read), self.spelled(other))
            case Op(operator=Operator.LIST):
                return "[" + ", ".join(map(self.spelled, expr.args)) + "]"
            case Op(operator=Operator.INDEX, args=(container, key)) if container.type == _NUMBERS:
                return _index(self.spelled(container), self.value(key), key.type)
            case Op(operator=Operator.TO_NUMBER, args=(whole,)) if whole.type is Type.INTEGER:
                return canonical(self.value(whole), Type.INTEGER)
            case Op(type=Type.NUMBER):
                return canonical(self.value(expr), Type.NUMBER)
            case ParamRef() if self.checked_params:
                return self.reference(expr)
        text = self.reference(expr)
        return spelled(text, Type.NUMBER) if expr.type is Type.NUMBER else spelled_items(text, Type.NUMBER)

    def either(self, read: Expr, there: str, other: str) -> str:
        """`there` if the output that `read` reads exists, else `other`; an integer may be read as a number."""
        if self.is_there is None:
            return there
        ref = read.args[0] if isinstance(read, Op) and read.operator is Operator.TO_NUMBER else read
        assert isinstance(ref, OutputRef)
        return f"({self.is_there(ref)} ? {there} : {other})"

    def operation(self, op: Op) -> str:
        operator = op.operator
        if operator is Operator.TEXT:
            return self.text(op.args[0])
        if operator is Operator.TO_STRING:
            return self.canonical(op.args[0])
        if operator is Operator.TO_JSON:
            return self.json_text(op.args[0])
        if operator is Operator.TO_JSON_VALUE:
            return marked(self.json_text(op.args[0]))
        if operator is Operator.FORMAT_DATE:
            return _format_date(self.value(op.args[0]), op.args[1:])
        args = [self.value(arg) for arg in op.args]
        if operator in (Operator.AND, Operator.OR) and not _reads(op.args[1]):
            # expr-lang folds `x and false` to `false`, which drops the errors of `x`
            return f"({args[0]} ? {args[1]} : false)" if operator is Operator.AND else f"({args[0]} ? true : {args[1]})"
        if operator is Operator.DEFAULT:
            return self.either(op.args[0], args[0], args[1])
        if operator in (Operator.EQ, Operator.NE) and op.args[0].type in _JSON:
            same = "==" if operator is Operator.EQ else "!="
            return bind(f"map([{args[0]}, {args[1]}], {normal('#')})", f"#[0] {same} #[1]")
        if operator in _INFIX:
            return "(" + f" {_INFIX[operator]} ".join(args) + ")"
        if (operator, op.type) in _BOUND:
            return bind(f"[{args[0]}, {args[1]}]", _BOUND[operator, op.type])
        if operator in _DOUBLE_OPERATORS:
            whole = f"{args[0]} {_DOUBLE_OPERATORS[operator]} {args[1]}"
            return _checked_double(whole)
        return self.rest(op, args)

    def rest(self, op: Op, args: list[str]) -> str:
        match op.operator:
            case Operator.NOT:
                return f"(not {args[0]})"
            case Operator.TO_INTEGER:
                return to_integer(args[0], op.args[0].type)
            case Operator.TO_NUMBER:
                return to_number(args[0], op.args[0].type)
            case Operator.TO_BOOLEAN:
                return to_boolean(args[0], op.args[0].type)
            case Operator.FROM_JSON:
                return marked(args[0])
            case Operator.NEG if op.type is Type.INTEGER:
                return bind(args[0], f"# == {MIN_INTEGER} ? {_INTEGER_OVERFLOW} : -#")
            case Operator.NEG:
                return f"(-{args[0]})"
            case Operator.IF:
                return f"({args[0]} ? {args[1]} : {args[2]})"
            case Operator.LIST:
                return "[" + ", ".join(args) + "]"
            case Operator.LEN if op.args[0].type is Type.JSON:
                no_length = fail("this has no length")
                return bind(args[0], f"type(#) != 'string' ? len(#) : {is_string('#')} ? len(#) - 1 : {no_length}")
            case Operator.LEN:
                return f"len({args[0]})"
            case Operator.MIN | Operator.MAX:
                return _extreme(op.operator.value, args)
            case Operator.LOWER:
                return _ascii_case(args[0], "lower", "A", "Z")
            case Operator.UPPER:
                return _ascii_case(args[0], "upper", "a", "z")
            case Operator.TRIM:
                return f"trim({args[0]}, ' \\t\\r\\n')"
            case Operator.REPLACE:
                return bind("[" + ", ".join(args) + "]", f"#[1] == '' ? {_NO_OLD} : replace(#[0], #[1], #[2])")
            case Operator.SPLIT:
                return bind(f"[{args[0]}, {args[1]}]", f"#[1] == '' ? {_NO_SEPARATOR} : split(#[0], #[1])")
            case Operator.JOIN:
                return f"join({args[0]}, {args[1]})"
            case Operator.SLUG:
                return _slug(args[0])
            case Operator.KEYS:
                return bind(args[0], f"type(#) == 'map' ? map(sort(keys(#)), #[1:]) : {fail('this has no keys')}")
            case Operator.SUM if op.type is Type.INTEGER:
                total = f"(# >= 0) == (#acc + # >= #acc) ? #acc + # : {_INTEGER_OVERFLOW}"
                return f"reduce({args[0]}, {total}, 0)"
            case Operator.SUM:
                return f"reduce({args[0]}, abs(#acc + #) <= {_MAX_DOUBLE} ? #acc + # : {_DOUBLE_OVERFLOW}, 0.0)"
            case Operator.INDEX:
                return _index(args[0], args[1], op.args[1].type)
            case Operator.IN:
                return _membership(args[1], args[0], op.args[1].type)
            case Operator.CONTAINS:
                return _membership(args[0], args[1], op.args[0].type)
        raise AssertionError(f"no printing of {op.operator}")


def _reads(expr: Expr) -> bool:
    """Whether an expression depends on a value known only at run time."""
    return any(map(_reads, expr.args)) if isinstance(expr, Op) else not isinstance(expr, Const)


def _extreme(name: str, args: list[str]) -> str:
    if len(args) > 1:
        return f"{name}({', '.join(args)})"
    empty = fail(f"an empty list has no {name}imum")
    return bind(args[0], f"len(#) > 0 ? {name}(#) : {empty}")


def _ascii_case(text: str, function: str, first: str, last: str) -> str:
    return f"join(map(split({text}, ''), # >= '{first}' and # <= '{last}' ? {function}(#) : #), '')"


def _slug(text: str) -> str:
    """A slug, as ASCII text of at most 50 characters. Its two ends are cut before and after it is shortened."""
    words = f"trim(sprig.regexReplaceAll('[^a-z0-9]+', {_ascii_case(text, 'lower', 'A', 'Z')}, '-'), '-')"
    return bind(words, "trimSuffix(len(#) > 50 ? #[:50] : #, '-')")


def _membership(container: str, item: str, kind: ExprType) -> str:
    if kind is Type.STRING:
        return f"({container} contains {item})"
    if isinstance(kind, ListType) and kind.element is not Type.JSON:
        return f"({item} in {container})"
    no = fail("this cannot hold that")
    return bind(
        f"[{container}, {item}]",
        f"type(#[0]) == 'array' ? {normal('#[1]')} in map(#[0], {normal('#')}) : not ({is_string('#[1]')}) ? {no}"
        f" : type(#[0]) == 'map' ? #[1] in #[0] : {is_string('#[0]')} ? #[0][1:] contains #[1][1:] : {no}",
    )


def _index(container: str, key: str, kind: ExprType) -> str:
    if kind is Type.INTEGER:
        found = "type(#[0]) == 'array' and #[1] >= 0 and #[1] < len(#[0])"
        missing = fail("the list has no such index")
    else:
        found, missing = "type(#[0]) == 'map' and #[1] in #[0]", fail("the JSON object has no such key")
        key = f"'s' + {key}"
    return bind(f"[{container}, {key}]", f"{found} ? #[0][#[1]] : {missing}")


def _format_date(moment: str, given: tuple[Expr, ...]) -> str:
    """A `format_date` that formats each field separately, since Go also reads digits and some signs as fields."""
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
    return bind(bind(moment, instant), " + ".join(parts) or "''")
