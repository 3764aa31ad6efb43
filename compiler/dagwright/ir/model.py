"""The intermediate DAG representation: frozen values, no engine, no YAML.

`lower` builds the IR, passes rewrite it, backends print it. Durations are `timedelta`s of whole seconds.
`origin` is the place in the source; it is never compared and never printed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import TypeAlias

from dagwright.ir.data import Fields
from dagwright.ir.expr import Const, Expr, Text
from dagwright.ir.targets import Targets
from dagwright.ir.types import ExprType, Type
from dagwright.meaning.rules import RULES, RUN, Rule
from dagwright.source.span import NOWHERE, Span


class TriggerRule(Enum):
    """The trigger rules by the names of `dagwright.meaning.rules`, which says what each one does."""

    ALL_SUCCESS = "all_success"
    NONE_FAILED = "none_failed"
    NONE_FAILED_MIN_ONE_SUCCESS = "none_failed_min_one_success"
    ANY_FAILED = "any_failed"
    ALL_DONE = "all_done"

    @property
    def row(self) -> Rule:
        return RULES[self.value]

    @property
    def runs_after_failure(self) -> bool:
        """Whether a task with this rule runs if a need has failed."""
        return self.row.failed == RUN

    @property
    def runs_after_skip(self) -> bool:
        """Whether a task with this rule runs if some of its needs were skipped, and none has failed."""
        return self.row.skipped == RUN


@dataclass(frozen=True, slots=True)
class Param:
    """A run-time parameter. `default` is None if the user must give a value; lengths count code points."""

    name: str
    type: Type
    default: Const | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    enum: tuple[Const, ...] = ()
    description: str = ""
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Output:
    """A declared output: the file or directory `$DW_OUT/<filename>`; for a value output, the text of that file.

    `default` replaces a missing file, and the output of a task that did not succeed.
    """

    name: str
    type: Type
    filename: str
    default: Const | None = None
    description: str = ""
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ArtifactInput:
    """An artifact of another task, at `$DW_IN/<name>/<filename>`; for a fan-out, the directory `$DW_IN/<name>`.

    `name` is the declared input, or `<task>.<output>` for a direct reference.
    `filename` and `type` come from the producer; `fan_out` is true if the producer has instances (entries `0`, `1`, …).
    """

    name: str
    task: str
    output: str
    type: Type
    filename: str
    fan_out: bool = False
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class EnvVar:
    name: str
    value: Text
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Secret:
    """The environment variable `env`, from key `key` of the secret `name`."""

    env: str
    name: str
    key: str
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Retry:
    """At most `limit` + 1 attempts; before attempt k+1 a pause of min(delay × factor^(k-1), max_delay)."""

    limit: int = 0
    delay: timedelta = timedelta(0)
    factor: int = 1
    max_delay: timedelta | None = None
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Resources:
    """Resources: `cpu` in cores (as written), `memory` a Kubernetes quantity, `gpu` a count of nvidia.com/gpu."""

    cpu: str | None = None
    memory: str | None = None
    gpu: int | None = None
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Command:
    """An argv, run without a shell."""

    argv: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """`interpreter` (an argv prefix) with the literal text `source` as its last argument."""

    interpreter: tuple[str, ...]
    source: str
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


Action: TypeAlias = Command | Script


@dataclass(frozen=True, slots=True)
class Matrix:
    """Instances known at compile time: `rows[i]` has one constant per axis."""

    axes: tuple[str, ...]
    rows: tuple[tuple[Const, ...], ...]
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ForEachItems:
    """Instances over a literal list, known at compile time (the list may be empty)."""

    items: tuple[Const, ...]
    element: Type
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ForEach:
    """Instances over a list known only at run time: `source` has type `list<T>` or json, items have type `element`."""

    source: Expr
    element: Type
    origin: Span = field(default=NOWHERE, compare=False, repr=False)


FanOut: TypeAlias = Matrix | ForEachItems | ForEach


@dataclass(frozen=True, slots=True)
class Task:
    """One node of the DAG, defaults and components already merged in.

    `needs` holds explicit and inferred needs, each once, in source order.
    `env` holds no `DW_*` names: the runtime sets these.
    """

    name: str
    action: Action
    needs: tuple[str, ...] = ()
    trigger_rule: TriggerRule = TriggerRule.ALL_SUCCESS
    when: Expr | None = None
    fan_out: FanOut | None = None
    max_parallel: int | None = None
    inputs: tuple[ArtifactInput, ...] = ()
    outputs: tuple[Output, ...] = ()
    env: tuple[EnvVar, ...] = ()
    secrets: tuple[Secret, ...] = ()
    image: str | None = None
    workdir: str | None = None
    retry: Retry = Retry()
    timeout: timedelta | None = None
    resources: Resources | None = None
    description: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    targets: tuple[tuple[str, Fields], ...] = ()  # target → the task's settings for it, which its backend reads
    component: str | None = None  # the name of the component that the task uses
    origin: Span = field(default=NOWHERE, compare=False, repr=False)  # the task's key
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)  # key → span of its value

    def origin_of(self, key: str) -> Span:
        """The place of the task's `key` (`timeout`, `image` …), else the task's own name."""
        return next((span for name, span in self.origins if name == key), self.origin)


class Overlap(Enum):
    ALLOW = "allow"
    FORBID = "forbid"


@dataclass(frozen=True, slots=True)
class Schedule:
    """A five-field cron expression, in the grammar that all engines read alike, with an IANA time zone."""

    cron: str
    timezone: str = "UTC"
    overlap: Overlap = Overlap.FORBID
    start: datetime | None = None  # with a time zone
    catchup: bool = False
    origin: Span = field(default=NOWHERE, compare=False, repr=False)
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)

    def origin_of(self, key: str) -> Span:
        """The place of `key`, else of the schedule itself."""
        return next((span for name, span in self.origins if name == key), self.origin)


@dataclass(frozen=True)
class Pipeline:
    """A whole pipeline. `tasks` and `finally_tasks` keep the author's order; names are unique across both.

    `digest` is the sha256, in hex, of the spec and all its component files.
    """

    name: str
    digest: str
    tasks: tuple[Task, ...]
    finally_tasks: tuple[Task, ...] = ()
    params: tuple[Param, ...] = ()
    schedule: Schedule | None = None
    description: str = ""
    owner: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    targets: Targets = field(default_factory=Targets)
    origin: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def identifier(self) -> str:
        """The name as a Python identifier and file name: `-` becomes `_`."""
        return self.name.replace("-", "_")

    @property
    def all_tasks(self) -> tuple[Task, ...]:
        return self.tasks + self.finally_tasks

    @cached_property
    def by_name(self) -> dict[str, Task]:
        return {task.name: task for task in self.all_tasks}

    @cached_property
    def params_by_name(self) -> dict[str, Param]:
        return {param.name: param for param in self.params}


def expressions(task: Task) -> Iterator[Expr]:
    """The root expressions of a task: from its `when`, its `foreach` list, its argv and its environment."""
    if task.when is not None:
        yield task.when
    if isinstance(task.fan_out, ForEach):
        yield task.fan_out.source
    if isinstance(task.action, Command):
        for text in task.action.argv:
            yield from (piece for piece in text.pieces if not isinstance(piece, str))
    for variable in task.env:
        yield from (piece for piece in variable.value.pieces if not isinstance(piece, str))


def element_type(t: ExprType) -> Type:
    """The item type of a list or of json (whose items are json)."""
    return Type.JSON if isinstance(t, Type) else t.element
