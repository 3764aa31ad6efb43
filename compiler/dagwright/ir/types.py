"""Types of the language: values, artifacts, and the lists that a fan-out makes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Type(Enum):
    """The type of a param, an input or an output."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    FILE = "file"
    DIRECTORY = "directory"

    @property
    def is_artifact(self) -> bool:
        return self in (Type.FILE, Type.DIRECTORY)


# The value of each type that is usual for "not given", as YAML spells it.
NOT_GIVEN = {
    Type.STRING: '""',
    Type.INTEGER: "0",
    Type.NUMBER: "0",
    Type.BOOLEAN: "false",
    Type.JSON: "{}",
}


@dataclass(frozen=True, slots=True)
class ListType:
    """`list<T>`: the type of a fan-out's value output, and of a list literal."""

    element: Type


ExprType: TypeAlias = Type | ListType


def type_name(t: ExprType) -> str:
    """The type as the user writes and reads it: `integer`, `list<string>`."""
    return f"list<{t.element.value}>" if isinstance(t, ListType) else t.value
