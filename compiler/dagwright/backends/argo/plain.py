"""The printer: templates of the model as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import assert_never

from dagwright.backends.argo import names
from dagwright.backends.argo.model import (
    Argument,
    ArtifactArgument,
    Call,
    Container,
    Count,
    Dag,
    DagTask,
    Expression,
    File,
    Inputs,
    Items,
    Loop,
    OutputArtifact,
    OutputParameter,
    Outputs,
    Supplied,
    Suspend,
    TaskOutput,
    Template,
    Value,
    Variable,
)
from dagwright.ir.model import Resources, Retry, Secret
from dagwright.printing.yaml import Data

DESCRIPTION = "workflows.argoproj.io/description"


def template_data(template: Template) -> dict[str, Data]:
    """A template as plain data."""
    match template:
        case Dag():
            return _dag(template)
        case Suspend():
            return {**_head(template), "suspend": {"duration": template.duration}}
        case Container():
            return _container(template)
        case _:
            assert_never(template)


def _head(template: Template) -> dict[str, Data]:
    """The name, inputs and outputs of a template."""
    head: dict[str, Data] = {"name": template.name}
    if template.inputs.parameters or template.inputs.artifacts:
        head["inputs"] = _inputs(template.inputs)
    if template.outputs.parameters or template.outputs.artifacts:
        head["outputs"] = _outputs(template.outputs)
    return head


def _inputs(inputs: Inputs) -> dict[str, Data]:
    fields: dict[str, Data] = {}
    if inputs.parameters:
        fields["parameters"] = [{"name": name} for name in inputs.parameters]
    if inputs.artifacts:
        fields["artifacts"] = [
            {"name": artifact.name, **({"path": artifact.path} if artifact.path is not None else {})}
            for artifact in inputs.artifacts
        ]
    return fields


def _outputs(outputs: Outputs) -> dict[str, Data]:
    fields: dict[str, Data] = {}
    if outputs.parameters:
        fields["parameters"] = [_output_parameter(output) for output in outputs.parameters]
    if outputs.artifacts:
        fields["artifacts"] = [_output_artifact(output) for output in outputs.artifacts]
    return fields


def _output_parameter(output: OutputParameter) -> dict[str, Data]:
    name: dict[str, Data] = {"name": output.name}
    global_name: dict[str, Data] = {"globalName": output.global_name} if output.global_name is not None else {}
    match output.source:
        case File(path=path, default=default):
            source: dict[str, Data] = {"path": path, **({"default": default} if default is not None else {})}
            return {**name, "valueFrom": source, **global_name}
        case TaskOutput(tag=tag):
            return {**name, "valueFrom": {"parameter": tag}, **global_name}
        case Expression(expression=expression):
            return {**name, **global_name, "valueFrom": {"expression": expression}}
        case Supplied(text=text):
            return {**name, **global_name, "valueFrom": {"supplied": {}, "default": text}}
        case _:
            assert_never(output.source)


def _output_artifact(output: OutputArtifact) -> dict[str, Data]:
    return {
        "name": output.name,
        "path": output.path,
        **({"s3": {"key": output.key}} if output.key is not None else {}),
        **({"archive": {"none": {}}} if not output.archived else {}),
    }


# DAGs


def _dag(dag: Dag) -> dict[str, Data]:
    return {
        **_head(dag),
        **({"parallelism": dag.parallelism} if dag.parallelism is not None else {}),
        "dag": {
            **({"failFast": False} if not dag.fail_fast else {}),
            **({"target": dag.target} if dag.target is not None else {}),
            "tasks": [_dag_task(task) for task in dag.tasks],
        },
    }


def _dag_task(task: DagTask) -> dict[str, Data]:
    call = task.call
    fields: dict[str, Data] = {"name": task.name}
    if call.library:
        fields["templateRef"] = {"name": call.library, "template": call.template}
    else:
        fields["template"] = call.template
    if task.depends:
        fields["depends"] = task.depends
    if task.when is not None:
        fields["when"] = task.when
    if call.loop is not None:
        fields |= _loop(call.loop)
    if call.arguments or call.artifacts:
        fields["arguments"] = _arguments(call)
    return fields


def _loop(loop: Loop) -> dict[str, Data]:
    match loop:
        case Items(items=items):
            return {"withItems": [dict(item) for item in items]}
        case Count(count=count):
            return {"withSequence": {"count": count}}
        case _:
            assert_never(loop)


def _arguments(call: Call) -> dict[str, Data]:
    fields: dict[str, Data] = {}
    if call.arguments:
        fields["parameters"] = [_argument(argument) for argument in call.arguments]
    if call.artifacts:
        fields["artifacts"] = [_artifact_argument(artifact) for artifact in call.artifacts]
    return fields


def _argument(argument: Argument) -> dict[str, Data]:
    return {"name": argument.name, "value": _text(argument.value)}


def _artifact_argument(artifact: ArtifactArgument) -> dict[str, Data]:
    if artifact.key is not None:
        return {"name": artifact.name, "s3": {"key": artifact.key}}
    return {"name": artifact.name, "from": artifact.tag}


def _text(value: Value) -> str:
    assert isinstance(value, str), "a text of the language is not in Argo's syntax yet"
    return value


# Containers


def _container(template: Container) -> dict[str, Data]:
    return {
        **_head(template),
        **_metadata(template.labels, template.description),
        **_retry(template.retry),
        **({"activeDeadlineSeconds": seconds(template.timeout)} if template.timeout is not None else {}),
        "container": {
            "image": template.image,
            **({"imagePullPolicy": template.image_pull_policy} if template.image_pull_policy is not None else {}),
            "command": [_text(word) for word in template.command],
            **({"args": [_text(word) for word in template.args]} if template.args else {}),
            **({"workingDir": template.workdir} if template.workdir is not None else {}),
            "env": _env(template.env, template.secrets),
            **_resources(template.resources),
            "volumeMounts": [
                {"name": names.OUT_VOLUME, "mountPath": names.OUT_PATH},
                {"name": names.IN_VOLUME, "mountPath": names.IN_PATH},
            ],
        },
    }


def _metadata(labels: Sequence[tuple[str, str]], description: str) -> dict[str, Data]:
    """The labels and annotations of a template's pods."""
    fields: dict[str, Data] = {}
    if labels:
        fields["labels"] = dict(labels)
    if description:
        fields["annotations"] = {DESCRIPTION: without_tags(description)}
    return {"metadata": fields} if fields else {}


def without_tags(description: str) -> str:
    """A description without tags, for a place where Argo replaces tags."""
    return description.replace("{{", "{ {")


def _retry(retry: Retry) -> dict[str, Data]:
    if not retry.limit:
        return {}
    strategy: dict[str, Data] = {"limit": str(retry.limit), "retryPolicy": "Always"}
    if retry.delay:
        strategy["backoff"] = {
            "duration": f"{seconds(retry.delay)}s",
            "factor": str(retry.factor),
            **({"cap": f"{seconds(retry.max_delay)}s"} if retry.max_delay is not None else {}),
        }
    return {"retryStrategy": strategy}


def _env(variables: Sequence[Variable], secrets: Sequence[Secret]) -> list[dict[str, Data]]:
    env: list[dict[str, Data]] = [{"name": v.name, "value": _text(v.value)} for v in variables]
    env += [{"name": s.env, "valueFrom": {"secretKeyRef": {"name": s.name, "key": s.key}}} for s in secrets]
    return env


def _resources(resources: Resources | None) -> dict[str, Data]:
    """The `resources` of a container: requests, and limits of memory and GPUs."""
    if resources is None:
        return {}
    memory = {"memory": resources.memory} if resources.memory is not None else {}
    requests: dict[str, Data] = {**({"cpu": resources.cpu} if resources.cpu is not None else {}), **memory}
    limits: dict[str, Data] = {
        **memory,
        **({"nvidia.com/gpu": str(resources.gpu)} if resources.gpu else {}),
    }
    fields: dict[str, Data] = {}
    if requests:
        fields["requests"] = requests
    if limits:
        fields["limits"] = limits
    return {"resources": fields} if fields else {}


def seconds(duration: timedelta) -> int:
    """Whole seconds of a duration."""
    return int(duration.total_seconds())
