"""Typed expressions: the checker's output for `${{ … }}`, and the input of evaluators and printers.

Every node has `type`. Component inputs do not exist here: the checker has replaced them by the values of `with`. The
step from integer to number is explicit (`Operator.TO_NUMBER`), so evaluators do not need static types.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from dagwright.ir.types import ExprType, Type
from dagwright.source.span import NOWHERE, Span


class Operator(Enum):
    """Operations by name; each comment gives operands → result. The encoded form uses the same names."""

    NOT = "not"  # boolean → boolean
    AND = "and"  # boolean, boolean → boolean; the right side only if needed
    OR = "or"
    NEG = "neg"  # integer → integer | number → number
    ADD = "add"  # two integers → integer | two numbers → number
    SUB = "sub"
    MUL = "mul"
    DIV = "div"  # number, number → number
    MOD = "mod"  # integer, integer → integer, sign of the dividend
    CONCAT = "concat"  # strings… → string
    EQ = "eq"  # two of one type → boolean
    NE = "ne"
    LT = "lt"  # two numbers, two integers or two strings (by code point) → boolean
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"  # T, list<T> | T, json (list) | string, json (object key) → boolean
    LIST = "list"  # T… → list<T>
    INDEX = "index"  # json, string | json, integer → json; list<T>, integer → T
    IF = "if"  # boolean, T, T → T; evaluates only the branch taken
    DEFAULT = "default"  # OutputRef, T → T; evaluates the second only if the output is absent
    LEN = "len"  # string (code points) | list | json (list or object) → integer
    MIN = "min"  # one list | two or more of integer or number → the same
    MAX = "max"
    CONTAINS = "contains"  # string, string | list<T>, T | json, T → boolean
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    LOWER = "lower"  # ASCII only
    UPPER = "upper"
    TO_JSON = "to_json"  # T → string, canonical
    FROM_JSON = "from_json"  # string → json
    TO_STRING = "string"  # T → string: the canonical text
    TO_INTEGER = "integer"  # string | number with integral value | json → integer
    TO_NUMBER = "number"  # string | integer | json → number
    TO_BOOLEAN = "boolean"  # string | json → boolean
    FORMAT_DATE = "format_date"  # string (RFC 3339), string (format), string (zone)? → string
    TEXT = "text"  # any → string: the text that a bare reference inserts (`0.80` stays `0.80`)
    TO_JSON_VALUE = "json"  # T → json: a typed value passed to a json position


class RunField(Enum):
    ID = "id"
    SCHEDULED_AT = "scheduled_at"
    DATE = "date"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Const:
    """A literal. `value` is None (json null), bool, int, float, str, or nested lists and dicts (json).

    `text` is the text that a bare reference inserts: a spec scalar as written, else the canonical text.
    """

    type: ExprType
    value: object = field(hash=False)
    text: str
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ParamRef:
    name: str
    type: Type
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OutputRef:
    """A value output of another task. `type` is `list<T>` for a fan-out; `default` replaces an absent output.

    `default` is the default that the producer declares; None for a fan-out's list, since each instance has its own.
    """

    task: str
    output: str
    type: ExprType
    default: Const | None = None
    fan_out: bool = False
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ArtifactRef:
    """An artifact output of another task, before `lower` binds it to an input. The finished IR contains none."""

    task: str
    output: str
    type: Type
    fan_out: bool = False
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class StatusRef:
    """`tasks.t.status`: succeeded, failed, skipped or upstream_failed."""

    task: str
    type: Type = Type.STRING
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MatrixRef:
    axis: str
    type: Type
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ItemRef:
    type: Type
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RunRef:
    name: RunField
    type: Type = Type.STRING
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class InPath:
    """The path of an artifact input inside the task: `$DW_IN/<input>/<filename>`, or `$DW_IN/<input>` for a fan-out."""

    input: str
    type: Type
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OutPath:
    """The path at which this task writes an output: `$DW_OUT/<filename>`."""

    output: str
    type: Type = Type.STRING
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Op:
    operator: Operator
    args: tuple[Expr, ...]
    type: ExprType
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


Expr: TypeAlias = (
    Const | ParamRef | OutputRef | ArtifactRef | StatusRef | MatrixRef | ItemRef | RunRef | InPath | OutPath | Op
)


@dataclass(frozen=True, slots=True)
class Text:
    """Text with references: literal strings and expressions, each inserted as by `Operator.TEXT`."""

    pieces: tuple[str | Expr, ...]
    origin: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def literal(self) -> str | None:
        """The whole text, or None if it contains a reference."""
        match self.pieces:
            case ():
                return ""
            case (str() as only,):
                return only
        return None
