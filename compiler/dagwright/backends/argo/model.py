"""The model of a manifest: the templates of a Workflow, and the calls between them, as frozen values.

`build` creates it from the facts about a pipeline, the passes in `fit` fit it into Argo's limits, `plain` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeAlias

from dagwright.ir.expr import Text
from dagwright.ir.model import Pipeline, Resources, Retry, Secret, Task

Value: TypeAlias = str | Text
"""Text in Argo's syntax, or a text of the language, which `fit.inputs` turns into text in Argo's syntax."""


# Calls


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter that a call passes to a template."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class ArtifactArgument:
    """An artifact that a call passes to a template: from the tag of an artifact, or from a key of the repository."""

    name: str
    tag: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """A loop with one instance per item; each item maps names to texts."""

    items: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Count:
    """A loop with a number of instances."""

    count: str


Loop: TypeAlias = Items | Count


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a template. `library` is the WorkflowTemplate with that template, if it is in another object."""

    template: str
    arguments: tuple[Argument, ...] = ()
    artifacts: tuple[ArtifactArgument, ...] = ()
    loop: Loop | None = None
    library: str = ""


@dataclass(frozen=True, slots=True)
class DagTask:
    """A task of a DAG."""

    name: str
    call: Call
    depends: str = ""
    when: str | None = None


# Inputs and outputs of templates


@dataclass(frozen=True, slots=True)
class InputArtifact:
    """An artifact that a template takes; containers have a path for it."""

    name: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """The parameters, by name, and the artifacts that a template takes."""

    parameters: tuple[str, ...] = ()
    artifacts: tuple[InputArtifact, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """The text of a file, or a default if the file does not exist."""

    path: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """The tag of an output of a DAG's task."""

    tag: str


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that Argo evaluates after the template has run."""

    expression: str


@dataclass(frozen=True, slots=True)
class Supplied:
    """A text that a template without a pod has as output."""

    text: str


Source: TypeAlias = File | TaskOutput | Expression | Supplied


@dataclass(frozen=True, slots=True)
class OutputParameter:
    """A parameter that a template returns; with a global name, the whole Workflow can read it."""

    name: str
    source: Source
    global_name: str | None = None


@dataclass(frozen=True, slots=True)
class OutputArtifact:
    """An artifact that a container writes. Without a key, Argo chooses one; `archived` artifacts are tar files."""

    name: str
    path: str
    key: str | None = None
    archived: bool = True


@dataclass(frozen=True, slots=True)
class Outputs:
    """The parameters and the artifacts that a template returns."""

    parameters: tuple[OutputParameter, ...] = ()
    artifacts: tuple[OutputArtifact, ...] = ()


# Templates


@dataclass(frozen=True, slots=True)
class Dag:
    """A template with tasks. `target` names the tasks that decide its result; None means its leaves."""

    name: str
    tasks: tuple[DagTask, ...]
    inputs: Inputs = Inputs()
    outputs: Outputs = Outputs()
    parallelism: int | None = None
    target: str | None = None
    fail_fast: bool = False  # without it, every branch runs to its end


@dataclass(frozen=True, slots=True)
class Suspend:
    """A template without a pod, which ends after a duration."""

    name: str
    inputs: Inputs = Inputs()
    outputs: Outputs = Outputs()
    duration: str = "0s"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a container's environment."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Container:
    """A template with a pod, which runs a task. Equal containers print equal templates.

    `task` is the source of the template; it is not printed. `component` is the component that the task uses.
    `task_name` is the name of the task in the language, or the tag of that name. `env` holds the variables of the task;
    `bind` adds those of the language.
    """

    name: str
    task: Task = field(compare=False, repr=False)
    task_name: str
    component: str | None
    inputs: Inputs
    outputs: Outputs
    labels: tuple[tuple[str, str], ...]
    description: str
    retry: Retry
    timeout: timedelta | None
    image: str | None
    image_pull_policy: str | None
    command: tuple[Value, ...]
    args: tuple[Value, ...]
    workdir: str | None
    env: tuple[Variable, ...]
    secrets: tuple[Secret, ...]
    resources: Resources | None


Template: TypeAlias = Dag | Suspend | Container


@dataclass(frozen=True, slots=True)
class Workflow:
    """The templates of a pipeline, in reading order; the first one is the entrypoint.

    `on_exit` is the template that runs after the entrypoint; it may be empty.
    """

    pipeline: Pipeline
    templates: tuple[Template, ...]
    on_exit: str = ""
