"""Random well-typed expressions, and random texts for their references, including wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from dagwright.expressions.convert import widen
from dagwright.ir.expr import Const, Expr, Op, Operator, OutputRef, ParamRef
from dagwright.ir.types import ExprType, ListType, Type
from dagwright.meaning.values import Number, canonical, canonical_json

from .engines import Texts

Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

VALUES = (Type.STRING, Type.INTEGER, Type.NUMBER, Type.BOOLEAN, Type.JSON)
COMPARABLE = (Type.STRING, Type.INTEGER, Type.NUMBER)

_NASTY = [
    "",
    "a",
    "A b",
    "é",
    "😀",
    "\u2028",
    "\\u2028",
    "\\",
    "'",
    '"',
    "{{workflow.name}}",
    "}}",
    "{{=1}}",
    "$(HOME)",
    "\n",
    "\t\x01\x7f",
    "<&>",
    "true",
    "false",
    "1",
    "-7",
    "0.80",
    "1e3",
    "İI",
    "null",
    '{"a":[1,"x",null]}',
    "[1,2]",
    "\ue000",
]
strings = st.one_of(st.sampled_from(_NASTY), st.text(st.characters(codec="utf-8", max_codepoint=0xFFFD), max_size=6))
integers = st.one_of(
    st.integers(-20, 20),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1, 2**32, 10**18]),
)
numbers = st.one_of(
    st.sampled_from(
        [0.0, -0.0, 1.0, 2.5, 0.1, 0.2, 1e21, 1e20, 1e-7, 1e-6, 5e-324, 1.7976931348623157e308, 9.2e18, -3.0]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
)
# Texts of numbers: beyond what a double holds, with trailing zeros, with exponents, not all of them in range.
spellings = st.one_of(
    st.sampled_from(
        [
            "0.10",
            "1.0",
            "1",
            "1e3",
            "1E+3",
            "1000",
            "-0",
            "-0.0",
            "0e0",
            "9007199254740993",
            "9007199254740992",
            "9007199254740992.0",
            "12345678901234567",
            "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808",
            "9223372036854775808.0",
            "0.12345678901234567890",
            "1e-400",
            "1e400",
            "12345678901234567890123",
        ]
    ),
    integers.map(str),
    numbers.map(canonical),
    numbers.map(repr),
)
_keys = st.sampled_from(["a", "b", "", "é", "k k"])
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), strings, spellings.map(Number)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=3)),
    max_leaves=5,
)

_LITERALS: dict[Type, st.SearchStrategy[object]] = {
    Type.STRING: strings,
    Type.INTEGER: integers,
    Type.NUMBER: numbers.map(lambda value: value + 0.0),  # no constant is -0.0
    Type.BOOLEAN: st.booleans(),
    Type.JSON: json_values,
}
# Texts that are not of the type, and some valid texts that are not canonical.
_ODD: dict[Type, list[str]] = {
    Type.STRING: ["x"],
    Type.INTEGER: ["", "abc", "01", "+1", "1.0", "9223372036854775808", "-0", " 1", "1_0", "0x1", "1\n", "１"],
    Type.NUMBER: [
        "",
        "abc",
        "0.80",
        ".5",
        "1.",
        "1e5",
        "1E+2",
        "1e400",
        "-0",
        "nan",
        "inf",
        "0x1p2",
        "1_0.0",
        "1.0\n",
        "1e-400",
    ],
    Type.BOOLEAN: ["", "True", "yes", "1", "true\n"],
    Type.JSON: [
        "",
        "{",
        " [1 , 2.50] ",
        "nan",
        "[1,]",
        '{"b":1,"a":2,"a":3}',
        '"\\ud800"',
        "1e400",
        "'a'",
        "[01]",
        '"\\u00e9"',
    ],
}


class Source:
    """A source of one random expression, which records the texts that the expression reads."""

    def __init__(self, draw: Draw, texts: Texts) -> None:
        self.draw, self.texts = draw, texts

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def text(self, kind: Type, *, odd: bool = True) -> str:
        if odd and self.draw(st.integers(0, 7)) == 0:
            return str(self.pick(*_ODD[kind]))
        if kind is Type.NUMBER:
            return str(self.draw(spellings))
        value = self.draw(_LITERALS[kind])
        return canonical_json(value) if kind is Type.JSON else canonical(value)

    def expr(self, kind: ExprType, depth: int) -> Expr:
        if isinstance(kind, ListType):
            return self.list_of(kind, depth)
        if depth <= 0 or self.draw(st.integers(0, 3)) == 0:
            return self.leaf(kind)
        return self.operation(kind, depth - 1)

    def leaf(self, kind: Type) -> Expr:
        if self.draw(st.booleans()):
            value = self.draw(_LITERALS[kind])
            text = self.draw(st.sampled_from([repr, canonical]))(value) if kind is Type.NUMBER else canonical(value)
            return Const(kind, value, text)
        name = f"p{len(self.texts.params)}"
        self.texts.params[name] = self.text(kind)
        return ParamRef(name, kind)

    def list_of(self, kind: ListType, depth: int) -> Expr:
        if kind.element is Type.JSON or self.draw(st.booleans()):
            return self.fan_out(kind)
        if kind.element is Type.STRING and depth > 0 and self.draw(st.booleans()):
            operator, types = self.pick(*_LISTS_OF_STRINGS)
            return Op(operator, tuple(self.expr(one, depth - 1) for one in types), kind)
        items = tuple(self.expr(kind.element, depth - 1) for _ in range(self.pick(1, 2, 3)))
        return Op(Operator.LIST, items, kind)

    def fan_out(self, kind: ListType) -> Expr:
        """A list of a fan-out. Texts that are not of the type do not contain the separators of a list."""
        name = f"o{len(self.texts.outputs)}"
        texts = [self.text(kind.element, odd=False) for _ in range(self.pick(0, 1, 2, 3))]
        if texts and kind.element is not Type.STRING and self.draw(st.integers(0, 9)) == 0:
            texts[0] = "abc"
        self.texts.outputs[name] = texts
        self.texts.kinds[name] = kind.element.value
        return OutputRef("t", name, kind, None, fan_out=True)

    def default(self, kind: Type, depth: int) -> Expr:
        name = f"o{len(self.texts.outputs)}"
        declared = Type.INTEGER if kind is Type.NUMBER and self.draw(st.booleans()) else kind
        self.texts.outputs[name] = self.text(declared) if self.draw(st.booleans()) else None
        read = widen(OutputRef("t", name, declared), kind)
        assert read is not None
        return Op(Operator.DEFAULT, (read, self.expr(kind, depth)), kind)

    def operation(self, kind: Type, depth: int) -> Expr:
        if self.draw(st.integers(0, 7)) == 0:
            return self.default(kind, depth)
        if self.draw(st.integers(0, 7)) == 0:
            branches = self.expr(kind, depth), self.expr(kind, depth)
            return Op(Operator.IF, (self.expr(Type.BOOLEAN, depth), *branches), kind)
        if kind is not Type.JSON and self.draw(st.integers(0, 11)) == 0:
            listed = ListType(kind)
            return Op(Operator.INDEX, (self.expr(listed, depth), self.expr(Type.INTEGER, 0)), kind)
        operator, types = self.draw(st.sampled_from(_FORMS[kind]))
        args = tuple(self.expr(self.pick(*choice) if isinstance(choice, tuple) else choice, depth) for choice in types)
        return Op(operator, args, kind)


def _pairs(operator: Operator, *kinds: ExprType) -> list[tuple[Operator, tuple[object, ...]]]:
    return [(operator, (kind, kind)) for kind in kinds]


_ARITHMETIC = (Operator.ADD, Operator.SUB, Operator.MUL)
_LISTS = tuple(ListType(kind) for kind in VALUES)
_FORMS: dict[Type, list[tuple[Operator, tuple[object, ...]]]] = {
    Type.STRING: [
        (Operator.CONCAT, (Type.STRING, Type.STRING)),
        (Operator.CONCAT, (Type.STRING, Type.STRING, Type.STRING)),
        (Operator.LOWER, (Type.STRING,)),
        (Operator.UPPER, (Type.STRING,)),
        (Operator.TRIM, (Type.STRING,)),
        (Operator.SLUG, (Type.STRING,)),
        (Operator.REPLACE, (Type.STRING, Type.STRING, Type.STRING)),
        (Operator.JOIN, (ListType(Type.STRING), Type.STRING)),
        (Operator.TO_JSON, ((*VALUES, *_LISTS),)),
        (Operator.TO_STRING, ((*VALUES, *_LISTS),)),
        (Operator.TEXT, ((*VALUES, *_LISTS),)),
    ],
    Type.INTEGER: [
        *(form for operator in _ARITHMETIC for form in _pairs(operator, Type.INTEGER)),
        *_pairs(Operator.MOD, Type.INTEGER),
        (Operator.NEG, (Type.INTEGER,)),
        (Operator.LEN, ((Type.STRING, Type.JSON, *_LISTS),)),
        (Operator.TO_INTEGER, ((Type.STRING, Type.NUMBER, Type.JSON),)),
        (Operator.MIN, (Type.INTEGER, Type.INTEGER)),
        (Operator.MAX, (ListType(Type.INTEGER),)),
        (Operator.SUM, (ListType(Type.INTEGER),)),
    ],
    Type.NUMBER: [
        *(form for operator in (*_ARITHMETIC, Operator.DIV) for form in _pairs(operator, Type.NUMBER)),
        (Operator.NEG, (Type.NUMBER,)),
        (Operator.TO_NUMBER, ((Type.STRING, Type.INTEGER, Type.JSON),)),
        (Operator.MAX, (Type.NUMBER, Type.NUMBER, Type.NUMBER)),
        (Operator.MIN, (ListType(Type.NUMBER),)),
        (Operator.SUM, (ListType(Type.NUMBER),)),
    ],
    Type.BOOLEAN: [
        *[(Operator.NOT, (Type.BOOLEAN,))] * 4,
        *_pairs(Operator.AND, *[Type.BOOLEAN] * 6),  # drawn more often: they nest in many ways
        *_pairs(Operator.OR, *[Type.BOOLEAN] * 6),
        *_pairs(Operator.EQ, *VALUES, *_LISTS),
        *_pairs(Operator.NE, *VALUES),
        *_pairs(Operator.LT, *COMPARABLE),
        *_pairs(Operator.LE, *COMPARABLE),
        *_pairs(Operator.GT, *COMPARABLE),
        *_pairs(Operator.GE, *COMPARABLE),
        *((Operator.IN, (kind, ListType(kind))) for kind in VALUES),
        *((Operator.CONTAINS, (ListType(kind), kind)) for kind in VALUES),
        (Operator.IN, (Type.STRING, Type.STRING)),
        (Operator.IN, (Type.JSON, Type.JSON)),
        (Operator.CONTAINS, (Type.STRING, Type.STRING)),
        (Operator.CONTAINS, (Type.JSON, Type.JSON)),
        (Operator.STARTS_WITH, (Type.STRING, Type.STRING)),
        (Operator.ENDS_WITH, (Type.STRING, Type.STRING)),
        (Operator.TO_BOOLEAN, ((Type.STRING, Type.JSON),)),
    ],
    Type.JSON: [
        (Operator.INDEX, (Type.JSON, (Type.STRING, Type.INTEGER))),
        (Operator.FROM_JSON, (Type.STRING,)),
        (Operator.TO_JSON_VALUE, ((Type.STRING, Type.INTEGER, Type.NUMBER, Type.BOOLEAN, ListType(Type.INTEGER)),)),
    ],
}

_LISTS_OF_STRINGS = ((Operator.SPLIT, (Type.STRING, Type.STRING)), (Operator.KEYS, (Type.JSON,)))

# The operators that random expressions contain.
DRAWN = {
    *(operator for operator, _ in _LISTS_OF_STRINGS),
    Operator.DEFAULT,
    Operator.IF,
    Operator.LIST,
    *(operator for forms in _FORMS.values() for operator, _ in forms),
}


@st.composite
def expressions(draw: Draw) -> tuple[Expr, Texts]:
    """A well-typed expression, and the texts that it reads."""
    texts = Texts()
    source = Source(draw, texts)
    kind = source.pick(*VALUES)
    assert isinstance(kind, Type)
    return source.expr(kind, 3), texts
