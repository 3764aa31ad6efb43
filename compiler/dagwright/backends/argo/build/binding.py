"""A container template in Argo's syntax: values that it cannot compute become its inputs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.exprlang.escape import LBRACE, LBRACE_NAME
from dagwright.backends.argo.exprlang.references import References
from dagwright.backends.argo.exprlang.texts import TemplateTexts
from dagwright.backends.argo.model import Container, Inputs, OutputArtifact, OutputParameter, Outputs, Value, Variable
from dagwright.ir.expr import Expr
from dagwright.meaning.environment import FIXED_VARIABLES


@dataclass(frozen=True, slots=True)
class ContainerTemplate:
    """A container template in Argo's syntax, and the expressions whose texts its calls pass to it, by input."""

    container: Container
    arguments: tuple[tuple[str, Expr], ...]


def bind(facts: Facts, container: Container) -> ContainerTemplate:
    """The template in Argo's syntax, with an input for every expression that only the caller can evaluate."""
    inputs = container.inputs
    texts = TemplateTexts(container.task, References(facts, container.task), taken={names.INDEX, *inputs.parameters})

    def text(value: Value) -> str:
        return value if isinstance(value, str) else texts.render(value)

    command, args = tuple(map(text, container.command)), tuple(map(text, container.args))
    variables = [(variable.name, text(variable.value)) for variable in container.env]
    env = [*_promised(facts, container).items(), *variables]
    parameters = (*inputs.parameters, *texts.by_expr.values())
    escaped = any(name != names.INDEX for name in parameters)  # arguments contain escaped text
    if escaped or any(LBRACE in word for word in (*command, *args, *(value for _, value in env))):
        env.insert(0, (LBRACE_NAME, "{"))
    bound = replace(
        container,
        inputs=Inputs(parameters, inputs.artifacts),
        command=command,
        args=args,
        env=tuple(Variable(name, value) for name, value in env),
    )
    return ContainerTemplate(bound, tuple((name, expr) for expr, name in texts.by_expr.items()))


def _promised(facts: Facts, container: Container) -> dict[str, str]:
    """The variables that the language promises, and their values."""
    own = {variable.name for variable in container.env} | {secret.env for secret in container.secrets}
    return {
        "DW_OUT": names.OUT_PATH,
        "DW_IN": names.IN_PATH,
        "DW_RUN_ID": "{{workflow.name}}",
        "DW_PIPELINE": facts.pipeline.name,
        "DW_TASK": container.task_name,
        "DW_ATTEMPT": "{{= int(retries) + 1 }}" if container.retry.limit else "1",
        "DW_INDEX": names.input_tag(names.INDEX) if names.INDEX in container.inputs.parameters else "",
        **{name: value for name, value in FIXED_VARIABLES.items() if name not in own},
    }


def named(container: Container) -> Container:
    """The template with the name of its task instead of the caller's, for a template that only this task calls."""
    return replace(container, task_name=container.task.name, outputs=_named_outputs(container))


def _named_outputs(container: Container) -> Outputs:
    def here(text: str | None) -> str | None:
        return None if text is None else text.replace(names.CALLER, container.name)

    return Outputs(
        tuple(OutputParameter(o.name, o.source, here(o.global_name)) for o in container.outputs.parameters),
        tuple(OutputArtifact(o.name, o.path, here(o.key), o.archived) for o in container.outputs.artifacts),
    )
