"""Typed expressions: the checker's output for `${{ … }}`, and the input of evaluators and printers.

Every node has `type`. Component inputs do not exist here: the checker has replaced them by the values of `with`. The
step from integer to number is explicit (`Operator.TO_NUMBER`), so evaluators do not need static types.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from dagwright.ir.types import ExprType, Type
from dagwright.source.span import NOWHERE, Span


class Operator(Enum):
    """Operators by the words of `dagwright.meaning.operators`, which has their signatures and their evaluation."""

    NOT = "not"
    AND = "and"
    OR = "or"
    NEG = "neg"
    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    MOD = "mod"
    CONCAT = "concat"
    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    LIST = "list"
    INDEX = "index"
    IF = "if"
    DEFAULT = "default"
    LEN = "len"
    MIN = "min"
    MAX = "max"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    LOWER = "lower"
    UPPER = "upper"
    TRIM = "trim"
    REPLACE = "replace"
    SPLIT = "split"
    JOIN = "join"
    SLUG = "slug"
    KEYS = "keys"
    SUM = "sum"
    TO_JSON = "to_json"
    FROM_JSON = "from_json"
    TO_STRING = "string"
    TO_INTEGER = "integer"
    TO_NUMBER = "number"
    TO_BOOLEAN = "boolean"
    FORMAT_DATE = "format_date"
    TEXT = "text"
    TO_JSON_VALUE = "json"


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


def walk(expr: Expr) -> Iterator[Expr]:
    """The expression and all its parts, outermost first."""
    yield expr
    if isinstance(expr, Op):
        for arg in expr.args:
            yield from walk(arg)


def is_bare(expr: Expr) -> bool:
    """Whether the expression inserts text as written: a reference, a constant, or `default(ref, …)`."""
    return not isinstance(expr, Op) or expr.operator.value in ("default", "text")
