"""The plan of a pipeline for the runtime, read from plain JSON that the compiler has already checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple, Union

from dagwright.runtime.step import ARTIFACT_TYPES

# A text is a string, or a list of strings and encoded expressions inserted between them.
Text = Union[str, List[Any]]


@dataclass(frozen=True)
class InputPlan:
    """An artifact of `task`, placed at `$DW_IN/<name>/<filename>`; for a fan-out at `$DW_IN/<name>/<index>`."""

    name: str
    task: str
    output: str
    filename: str
    fan_out: bool = False


@dataclass(frozen=True)
class TaskPlan:
    """One task, with times in seconds. `fan_out` is one of `{"axes", "rows"}`, `{"items"}`, `{"source"}`, or None."""

    name: str
    argv: Sequence[Text]
    needs: Sequence[str]
    rule: str
    when: Any
    fan_out: Optional[Mapping[str, Any]]
    max_parallel: Optional[int]
    inputs: Sequence[InputPlan]
    outputs: Sequence[Mapping[str, Any]]
    env: Mapping[str, Text]
    secrets: Sequence[Tuple[str, str]]  # variable of the task, variable of the caller
    workdir: str
    limit: int
    delay: int
    factor: int
    max_delay: Optional[int]
    timeout: Optional[int]
    is_script: bool


@dataclass(frozen=True)
class Plan:
    """A whole pipeline."""

    name: str
    digest: str
    tool: str
    timezone: str
    max_parallel: Optional[int]
    pass_env: Sequence[str]
    images: bool  # whether any task has an image, which is not used here
    image_workdirs: Sequence[str]  # folders of images; their tasks start in the work folder
    watched: bool  # whether the pipeline is also for engines where tasks share no work folder
    params: Sequence[Mapping[str, Any]]
    tasks: Sequence[TaskPlan]
    finally_tasks: Sequence[TaskPlan]
    plain: Mapping[str, Any]  # the JSON form

    @property
    def all_tasks(self) -> List[TaskPlan]:
        return [*self.tasks, *self.finally_tasks]

    @property
    def seen(self) -> Set[str]:
        """The variables that tasks get from the caller or define themselves."""
        tasks = self.all_tasks
        secrets = {name for task in tasks for name, _ in task.secrets}
        return {*self.pass_env, *secrets, *(name for task in tasks for name in task.env)}

    @property
    def results(self) -> List[Tuple[str, str]]:
        """The artifacts that no task reads, each as (task, file name)."""
        tasks = self.all_tasks
        read = {(given.task, given.output) for task in tasks for given in task.inputs}
        return [
            (task.name, output["filename"])
            for task in tasks
            for output in task.outputs
            if output["type"] in ARTIFACT_TYPES and (task.name, output["name"]) not in read
        ]


def read_plan(plan: Mapping[str, Any]) -> Plan:
    """The plan from its JSON form, which leaves out default values."""
    return Plan(
        name=plan["name"],
        digest=plan["digest"],
        tool=plan["tool"],
        timezone=plan.get("timezone", "UTC"),
        max_parallel=plan.get("max_parallel"),
        pass_env=plan.get("pass_env", ()),
        images=plan.get("images", False),
        image_workdirs=plan.get("image_workdirs", ()),
        watched=plan.get("watched", True),
        params=plan.get("params", ()),
        tasks=[_read_task(task) for task in plan["tasks"]],
        finally_tasks=[_read_task(task) for task in plan.get("finally", ())],
        plain=plan,
    )


def _read_task(task: Mapping[str, Any]) -> TaskPlan:
    retry: Mapping[str, Any] = task.get("retry", {})
    return TaskPlan(
        name=task["name"],
        argv=_argv(task),
        needs=task.get("needs", ()),
        rule=task.get("trigger_rule", "all_success"),
        when=task.get("when"),
        fan_out=task.get("fan_out"),
        max_parallel=task.get("max_parallel"),
        inputs=[InputPlan(**given) for given in task.get("inputs", ())],
        outputs=[_read_output(output) for output in task.get("outputs", ())],
        env=task.get("env", {}),
        secrets=[(env, secret_variable(name, key)) for env, (name, key) in task.get("secrets", {}).items()],
        workdir=task.get("workdir", ""),
        limit=retry.get("limit", 0),
        delay=retry.get("delay", 0),
        factor=retry.get("factor", 1),
        max_delay=retry.get("max_delay"),
        timeout=task.get("timeout"),
        is_script="script" in task,
    )


def _argv(task: Mapping[str, Any]) -> List[Text]:
    """The argv of a command; for a script, its interpreter and its text, which the plan stores line by line."""
    if "script" in task:
        return [*task["interpreter"], "\n".join(task["script"])]
    return list(task["command"])


def _read_output(output: Mapping[str, Any]) -> Dict[str, Any]:
    return {
        "name": output["name"],
        "type": output["type"],
        "filename": output.get("filename", output["name"]),
        "default": output.get("default"),
    }


def secret_variable(name: str, key: str) -> str:
    """The variable of the caller with a secret: `DW_SECRET_<NAME>_<KEY>`."""
    return f"DW_SECRET_{name}_{key}".upper().replace("-", "_").replace(".", "_")
