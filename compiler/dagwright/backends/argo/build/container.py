"""The container template of a task, with the texts of the language."""

from __future__ import annotations

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.exprlang.escape import held_default, literal
from dagwright.backends.argo.model import (
    Container,
    File,
    InputArtifact,
    Inputs,
    OutputArtifact,
    OutputParameter,
    Outputs,
    Value,
    Variable,
)
from dagwright.backends.argo.settings import settings
from dagwright.ir.model import Command, Output, Script, Task
from dagwright.ir.types import Type

_NO_INPUTS, _NO_OUTPUTS = Inputs(), Outputs()


def container(facts: Facts, task: Task) -> Container:
    """The template of a task. Names that depend on the caller are tags, as in a shared template."""
    pipeline = facts.pipeline
    target = settings(pipeline)
    command, args = _action(task)
    return Container(
        name=names.kebab(task.name),
        task=task,
        task_name=names.CALLING_TASK,
        component=task.component,
        inputs=_inputs(task),
        outputs=_outputs(facts, task),
        labels=tuple((dict(pipeline.labels) | dict(task.labels)).items()) if task.labels else pipeline.labels,
        description=task.description,
        retry=task.retry,
        timeout=task.timeout,
        image=task.image if task.image is not None else target.image,
        image_pull_policy=target.image_pull_policy,
        command=command,
        args=args,
        workdir=task.workdir,
        env=tuple([Variable(variable.name, variable.value) for variable in task.env]),
        secrets=task.secrets,
        resources=task.resources,
    )


def _action(task: Task) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """The `command` and the `args` of a container."""
    match task.action:
        case Command(argv=argv):
            return argv[:1], argv[1:]
        case Script(interpreter=interpreter, source=source):
            return tuple(map(literal, interpreter)), (literal(source),)


def _inputs(task: Task) -> Inputs:
    if task.fan_out is None and not task.inputs:
        return _NO_INPUTS
    return Inputs(
        (names.INDEX,) if task.fan_out is not None else (),
        tuple(
            InputArtifact(
                names.artifact(i.name),
                f"{names.IN_PATH}/{i.name}" if i.fan_out else f"{names.IN_PATH}/{i.name}/{i.filename}",
            )
            for i in task.inputs
        ),
    )


def _outputs(facts: Facts, task: Task) -> Outputs:
    if not task.outputs:
        return _NO_OUTPUTS
    return Outputs(
        tuple(_value(facts, task, output) for output in task.outputs if not output.type.is_artifact),
        tuple(_artifact(facts, task, output) for output in task.outputs if output.type.is_artifact),
    )


def _value(facts: Facts, task: Task, output: Output) -> OutputParameter:
    default = held_default(output.default.text) if output.default is not None else None
    published = task.fan_out is None and (task.name, output.name) in facts.published
    return OutputParameter(
        output.name,
        File(f"{names.OUT_PATH}/{output.filename}", default),
        names.global_output(names.CALLER, output.name) if published else None,
    )


def _artifact(facts: Facts, task: Task, output: Output) -> OutputArtifact:
    """An artifact output: a file unchanged; a directory as an archive, which keeps modes and empty folders.

    If readers want all instances of a fan-out as one directory, the instances write below a common key, without
    archives. An artifact read in another part also has its own key.
    """
    path = f"{names.OUT_PATH}/{output.filename}"
    if (task.name, output.name) in facts.gathered:
        key = f"{gathered_key(task.name, output.name)}/{names.input_tag(names.INDEX)}"
        return OutputArtifact(output.name, path, key, archived=False)
    carried = (task.name, output.name) in facts.carried
    key_of_caller = carried_key(names.CALLER, output.name) if carried else None
    return OutputArtifact(output.name, path, key_of_caller, archived=output.type is not Type.FILE)


def gathered_key(task: str, output: str) -> str:
    """The key below which the instances of a fan-out store an artifact, one entry per index."""
    return f"{{{{workflow.name}}}}/{{{{workflow.uid}}}}/{task}/{output}"


def carried_key(task: str, output: str) -> str:
    """The key of an artifact that a task of another part reads."""
    return f"{{{{workflow.name}}}}/{{{{workflow.uid}}}}/{names.kebab(task)}/{output}"
