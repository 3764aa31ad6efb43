"""The template of a task: one container."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.build.metadata import metadata
from dagwright.backends.argo.exprlang.escape import LBRACE, LBRACE_NAME, held_default, literal
from dagwright.backends.argo.exprlang.references import References
from dagwright.backends.argo.exprlang.texts import Inputs
from dagwright.backends.argo.fit.share import Kind
from dagwright.ir.expr import Expr, Text
from dagwright.ir.model import Command, Output, Resources, Retry, Script, Task
from dagwright.ir.types import Type
from dagwright.meaning.environment import FIXED_VARIABLES
from dagwright.printing.yaml import Data

GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Leaf:
    """A container template by name, and the arguments of its call. `template` is None if another task emits it.

    `arguments` are expressions whose texts the template takes; `texts` are the arguments of a shared template.
    """

    name: str
    template: dict[str, Data] | None
    arguments: tuple[tuple[str, Expr], ...] = ()
    texts: tuple[tuple[str, Text], ...] = ()


def leaf(plan: Plan, task: Task) -> Leaf:
    """The template of a task."""
    kind = plan.kinds.get(task.name)
    if kind is None:
        inputs = Inputs(task, References(plan, task))
        template = _template(plan, task, inputs, None)
        return Leaf(names.kebab(task.name), template, tuple((name, expr) for expr, name in inputs.by_expr.items()))
    argv = task.action.argv if isinstance(task.action, Command) else ()
    texts = [(name, argv[at]) for at, name in kind.argv.items()]
    texts += [(name, task.env[at].value) for at, name in kind.env.items()]
    inputs = Inputs(task, References(plan, task))
    return Leaf(
        kind.name,
        _template(plan, task, inputs, kind) if task is kind.like else None,
        texts=tuple(texts),
    )


def _template(plan: Plan, task: Task, inputs: Inputs, kind: Kind | None) -> dict[str, Data]:
    command, args = _action(task, inputs, kind)
    env = _environment(plan, task, inputs, kind)
    taken = [*inputs.by_expr.values()] if kind is None else [*kind.argv.values(), *kind.env.values()]
    if taken or any(LBRACE in str(text) for text in (*command, *args, *(e.get("value") for e in env))):
        env.insert(0, {"name": LBRACE_NAME, "value": "{"})  # arguments contain escaped text
    return {
        "name": names.kebab(task.name) if kind is None else kind.name,
        **_inputs(task, taken),
        **_outputs(plan, task, "{{tasks.name}}" if kind is not None else names.kebab(task.name)),
        **metadata(dict(plan.pipeline.labels) | dict(task.labels), task.description),
        **_retry(task.retry),
        **({"activeDeadlineSeconds": seconds(task.timeout)} if task.timeout is not None else {}),
        "container": {
            **_image(plan, task),
            "command": command,
            **({"args": args} if args else {}),
            **({"workingDir": task.workdir} if task.workdir is not None else {}),
            "env": env,
            **_resources(task.resources),
            "volumeMounts": [
                {"name": names.OUT_VOLUME, "mountPath": names.OUT_PATH},
                {"name": names.IN_VOLUME, "mountPath": names.IN_PATH},
            ],
        },
    }


def _action(task: Task, inputs: Inputs, kind: Kind | None) -> tuple[list[str], list[str]]:
    match task.action:
        case Command():
            handed = kind.argv if kind is not None else {}
            argv = [_given(handed[at]) if at in handed else inputs.render(t) for at, t in enumerate(task.action.argv)]
            return argv[:1], argv[1:]
        case Script():
            return [literal(word) for word in task.action.interpreter], [literal(task.action.source)]


def _given(name: str) -> str:
    return "{{inputs.parameters." + name + "}}"


def _environment(plan: Plan, task: Task, inputs: Inputs, kind: Kind | None) -> list[dict[str, Data]]:
    """The environment: variables of the language, then those of the task."""
    index = _given(names.INDEX) if task.fan_out is not None else ""
    name_of_caller = "{{tasks.name}}" if kind is not None and kind.plain else "{{= replace(tasks.name, '-', '_') }}"
    handed = kind.env if kind is not None else {}
    promised = {
        "DW_OUT": names.OUT_PATH,
        "DW_IN": names.IN_PATH,
        "DW_RUN_ID": "{{workflow.name}}",
        "DW_PIPELINE": plan.pipeline.name,
        "DW_TASK": task.name if kind is None else name_of_caller,
        "DW_ATTEMPT": "{{= int(retries) + 1 }}" if task.retry.limit else "1",
        "DW_INDEX": index,
    }
    own = {variable.name for variable in task.env} | {secret.env for secret in task.secrets}
    promised |= {name: value for name, value in FIXED_VARIABLES.items() if name not in own}
    env: list[dict[str, Data]] = [{"name": name, "value": value} for name, value in promised.items()]
    env += [
        {"name": v.name, "value": _given(handed[at]) if at in handed else inputs.render(v.value)}
        for at, v in enumerate(task.env)
    ]
    env += [{"name": s.env, "valueFrom": {"secretKeyRef": {"name": s.name, "key": s.key}}} for s in task.secrets]
    return env


def _inputs(task: Task, arguments: list[str]) -> dict[str, Data]:
    found: dict[str, Data] = {}
    parameters = [*([names.INDEX] if task.fan_out is not None else []), *arguments]
    if parameters:
        found["parameters"] = [{"name": name} for name in parameters]
    if task.inputs:
        found["artifacts"] = [
            {
                "name": names.artifact(i.name),
                "path": f"{names.IN_PATH}/{i.name}" if i.fan_out else f"{names.IN_PATH}/{i.name}/{i.filename}",
            }
            for i in task.inputs
        ]
    return {"inputs": found} if found else {}


def _outputs(plan: Plan, task: Task, named: str) -> dict[str, Data]:
    """The outputs; `named` is the name of the DAG's task, or the tag of that name in a shared template."""
    found: dict[str, Data] = {}
    values = [o for o in task.outputs if not o.type.is_artifact]
    artifacts = [o for o in task.outputs if o.type.is_artifact]
    if values:
        found["parameters"] = [_value(plan, task, o, named) for o in values]
    if artifacts:
        found["artifacts"] = [_artifact(plan, task, o, named) for o in artifacts]
    return {"outputs": found} if found else {}


def _value(plan: Plan, task: Task, output: Output, named: str) -> Data:
    default = {"default": held_default(output.default.text)} if output.default is not None else {}
    published = task.fan_out is None and (task.name, output.name) in plan.published
    return {
        "name": output.name,
        "valueFrom": {"path": f"{names.OUT_PATH}/{output.filename}", **default},
        **({"globalName": names.global_output(named, output.name)} if published else {}),
    }


def _artifact(plan: Plan, task: Task, output: Output, named: str) -> Data:
    """An artifact output: a file unchanged; a directory as an archive, which keeps modes and empty folders.

    If readers want all instances of a fan-out as one directory, the instances write below a common key, without
    archives. An artifact read in another part also has its own key.
    """
    found: dict[str, Data] = {"name": output.name, "path": f"{names.OUT_PATH}/{output.filename}"}
    gathered = (task.name, output.name) in plan.gathered
    if gathered:
        found["s3"] = {"key": gathered_key(task.name, output.name) + "/{{inputs.parameters." + names.INDEX + "}}"}
    elif (task.name, output.name) in plan.carried:
        found["s3"] = {"key": carried_key(named, output.name)}
    if gathered or output.type is Type.FILE:
        found["archive"] = {"none": {}}
    return found


def gathered_key(task: str, output: str) -> str:
    """The key below which the instances of a fan-out store an artifact, one entry per index."""
    return f"{{{{workflow.name}}}}/{{{{workflow.uid}}}}/{task}/{output}"


def carried_key(named: str, output: str) -> str:
    """The key of an artifact that a task of another part reads."""
    return f"{{{{workflow.name}}}}/{{{{workflow.uid}}}}/{names.kebab(named)}/{output}"


def _retry(retry: Retry) -> dict[str, Data]:
    if not retry.limit:
        return {}
    found: dict[str, Data] = {"limit": str(retry.limit), "retryPolicy": "Always"}
    if retry.delay:
        found["backoff"] = {
            "duration": f"{seconds(retry.delay)}s",
            "factor": str(retry.factor),
            **({"cap": f"{seconds(retry.max_delay)}s"} if retry.max_delay is not None else {}),
        }
    return {"retryStrategy": found}


def _image(plan: Plan, task: Task) -> dict[str, Data]:
    target = plan.pipeline.targets.argo
    image = task.image if task.image is not None else target.image
    policy = {"imagePullPolicy": target.image_pull_policy} if target.image_pull_policy is not None else {}
    return {"image": image, **policy}


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
    found: dict[str, Data] = {}
    if requests:
        found["requests"] = requests
    if limits:
        found["limits"] = limits
    return {"resources": found} if found else {}


def seconds(duration: timedelta) -> int:
    """Whole seconds of a duration."""
    return int(duration.total_seconds())
