"""Scopes: the meaning of names in an expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from dagwright.ir.expr import Const, Expr, RunField
from dagwright.ir.model import Output, Param
from dagwright.ir.types import Type

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TaskSignature:
    """The part of a task that other tasks may read."""

    outputs: Mapping[str, Output]
    fan_out: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The names that an expression may use.

    A mapping that is None means that the root does not exist here. `inputs` has the value of each input, or None for a
    value with a reported error. `unreadable` gives the reason for tasks that exist but may not be read here. `where`
    names the place of the expression in messages.
    """

    vars: Mapping[str, Const] | None = None
    params: Mapping[str, Param] = field(default_factory=lambda: _NOTHING)
    inputs: Mapping[str, Expr | None] | None = None
    outputs: Mapping[str, Output] | None = None
    tasks: Mapping[str, TaskSignature] = field(default_factory=lambda: _NOTHING)
    unreadable: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    matrix: Mapping[str, Type] | None = None
    item: Type | None = None
    run: frozenset[RunField] = frozenset(RunField)
    where: str = "this expression"
    fan_out: bool = False  # whether the expression is evaluated once for all instances of a task
