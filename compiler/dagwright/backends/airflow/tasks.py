"""Tasks of the IR as trees of operator calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from dagwright.backends.airflow.callbacks import Callbacks
from dagwright.backends.airflow.references import Reader, ids
from dagwright.backends.airflow.settings import (
    OF_OPERATORS,
    OF_PODS,
    RETRY_POLICY_SINCE,
    AirflowSettings,
    of_task,
    settings,
)
from dagwright.backends.airflow.shape import Shape, airflow_rule, guarded, in_pod, instances_of, shape_of
from dagwright.backends.processes import process_workdir
from dagwright.expressions.encode import typed_text
from dagwright.ir.data import plain_fields
from dagwright.ir.expr import Const
from dagwright.ir.model import (
    ArtifactInput,
    Command,
    ForEach,
    ForEachItems,
    Matrix,
    Output,
    Pipeline,
    Resources,
    Retry,
    Script,
    Task,
)
from dagwright.printing.code import Tree, call, constant, name
from dagwright.runtime.model import secret_variable

# Added to `timeout` for an `execution_timeout` that never decides first: ten seconds of grace, inputs and outputs.
MARGIN = timedelta(minutes=10)
_UNITS = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))


def duration(value: timedelta) -> Tree:
    """`timedelta(hours=1)`, in the largest unit that gives a whole number."""
    seconds = int(value.total_seconds())
    unit, size = next((u for u in _UNITS if seconds and seconds % u[1] == 0), _UNITS[-1])
    return call("timedelta", **{unit: seconds // size})


class TaskPrinter:
    """The printer of the tasks of one pipeline; facts about all tasks are computed once."""

    def __init__(self, pipeline: Pipeline, callbacks: Callbacks) -> None:
        self.pipeline = pipeline
        self.target: AirflowSettings = settings(pipeline)
        self.guarded = guarded(pipeline)
        self.callbacks = callbacks

    def ids(self, tasks: Iterable[Task]) -> Tree:
        """The ids of the operators of these tasks."""
        return ids((task.name for task in tasks), self.pipeline)

    def _reader(self, task: Task) -> Reader:
        return Reader(task, self.pipeline)

    # ---- the operator ----------------------------------------------------------------------------------------------

    def operator(self, task: Task) -> str:
        """The class of the operator."""
        artifacts = bool(task.inputs) or any(output.type.is_artifact for output in task.outputs)
        if in_pod(task, self.pipeline):
            return "ContainerArtifactTask" if artifacts else "ContainerTask"
        return "ArtifactTask" if artifacts else "ProcessTask"

    def keywords(self, task: Task, task_id: Tree) -> dict[str, object]:
        """The arguments of every instance of the task, in printing order."""
        found: dict[str, object] = {"task_id": task_id, "step": self.step(task)}
        if in_pod(task, self.pipeline):
            found |= self._pod(task)
        found |= self.own(task)
        found["trigger_rule"] = airflow_rule(task)
        found |= _retries(task.retry, self.target.version)
        if task.timeout is not None:
            start = self.target.startup_timeout if in_pod(task, self.pipeline) else timedelta()
            found["execution_timeout"] = duration(task.timeout + start + MARGIN)
        if task.max_parallel is not None and task.fan_out is not None:
            found["max_active_tis_per_dagrun"] = task.max_parallel
        documentation = self._documentation(task)
        if documentation:
            found["doc_md"] = documentation
        return found

    def own(self, task: Task) -> dict[str, object]:
        """The arguments from the task's own `targets.airflow`, except those of pods."""
        given = plain_fields(of_task(task))
        found: dict[str, object] = {key: given[key] for key in OF_OPERATORS if key in given}
        callbacks = given.get("callbacks")
        if isinstance(callbacks, Mapping):
            found |= {f"{event}_callback": self.callbacks.read(str(path)) for event, path in callbacks.items()}
        return found

    def _pod(self, task: Task) -> dict[str, object]:
        target = self.target
        found: dict[str, object] = {"image": task.image}
        if target.namespace is not None:
            found["namespace"] = target.namespace
        if target.service_account is not None:
            found["service_account_name"] = target.service_account
        if task.resources is not None:
            found |= _pod_resources(task.resources)
        labels = dict(self.pipeline.labels) | dict(task.labels)
        if labels:
            found["labels"] = labels
        if task.timeout is not None:
            found["active_deadline_seconds"] = int(task.timeout.total_seconds())
        common = {key: getattr(target, key) for key in OF_PODS if getattr(target, key) is not None}
        found |= common | {key: value for key, value in plain_fields(of_task(task)).items() if key in OF_PODS}
        found["startup_timeout_seconds"] = int(target.startup_timeout.total_seconds())
        return found

    def _documentation(self, task: Task) -> str:
        """The text for the task's page: the description, and the settings that a process does not use."""
        lines = [task.description] if task.description else []
        if not in_pod(task, self.pipeline):
            lines += [f"* {key}: `{value}`" for key, value in task.labels]
            lines += [f"* image (not used by a process): `{task.image}`"] if task.image is not None else []
            if task.resources is not None:
                given = [(k, getattr(task.resources, k)) for k in ("cpu", "memory", "gpu")]
                lines += [
                    f"* {key} (not reserved for a process): `{value}`" for key, value in given if value is not None
                ]
        return "\n".join(lines)

    # ---- the step --------------------------------------------------------------------------------------------------

    def step(self, task: Task) -> Tree:
        """`Step(…)`: the settings of a task that Airflow itself does not have."""
        found: dict[str, object] = {}
        if shape_of(task) is not Shape.RUNTIME:
            found |= self._start(task)
        found["command"] = self._command(task)
        if task.env:
            found["env"] = {v.name: self._reader(task).text(v.value) for v in task.env}
        if task.inputs:
            found["inputs"] = [self._input(given) for given in task.inputs]
        if task.outputs:
            found["outputs"] = [_output(output) for output in task.outputs]
        workdir = task.workdir if in_pod(task, self.pipeline) else process_workdir(task)
        if workdir is not None:
            found["workdir"] = workdir
        if in_pod(task, self.pipeline):
            if task.secrets:
                found["secrets"] = {s.env: (s.name, s.key) for s in task.secrets}
        else:
            if task.timeout is not None:
                found["timeout"] = duration(task.timeout)
            if task.secrets:
                found["secrets"] = {s.env: secret_variable(s.name, s.key) for s in task.secrets}
            if self.target.pass_env:
                found["pass_env"] = name("PASS_ENV")
        return call("Step", **found)

    def start(self, task: Task) -> Tree:
        """The `Step` of an operator that only decides whether the fan-out runs."""
        return call("Step", **self._start(task))

    def _start(self, task: Task) -> dict[str, object]:
        found: dict[str, object] = {}
        if task.name in self.guarded:
            found["rule"] = task.trigger_rule.value
            found["needs"] = ids(task.needs, self.pipeline)
        if task.when is not None:
            found["when"] = self._reader(task).function(task.when)
        return found

    def _command(self, task: Task) -> Tree:
        match task.action:
            case Command(argv=argv):
                return constant([self._reader(task).text(part) for part in argv])
            case Script(interpreter=interpreter, source=source):
                return constant([*interpreter, source])

    def _input(self, given: ArtifactInput) -> Tree:
        producers = ids((given.task,), self.pipeline, instances_only=True)
        if given.fan_out:
            return call("Input", given.name, producers, given.output)
        return call("Input", given.name, producers, given.output, given.filename)

    # ---- instances -------------------------------------------------------------------------------------------------

    def items(self, task: Task) -> Tree:
        """The function for the list of a run-time fan-out."""
        assert isinstance(task.fan_out, ForEach)
        return self._reader(task).items(task.fan_out.source)


def rows(task: Task) -> list[object]:
    """The values of each instance of a fan-out over a literal list: an axis → value dict, or the item."""
    match task.fan_out:
        case Matrix(axes=axes, rows=found):
            return [{axis: instance_value(v) for axis, v in zip(axes, row, strict=True)} for row in found]
        case ForEachItems(items=items):
            return [instance_value(item) for item in items]
    raise AssertionError(f"{instances_of(task)} instances")


def instance_value(value: Const) -> object:
    """The text of a constant; with the text of its value if the first does not have the type."""
    text = typed_text(value)
    return value.text if text == value.text else [value.text, text]


def _retries(retry: Retry, version: tuple[int, int]) -> dict[str, object]:
    """The retry arguments, always explicit: Airflow's own default is a pause of five minutes."""
    if not retry.limit:
        return {"retries": 0}
    delay = retry.delay if retry.max_delay is None else min(retry.delay, retry.max_delay)
    found: dict[str, object] = {"retries": retry.limit, "retry_delay": duration(delay)}
    if retry.factor > 1 and version < RETRY_POLICY_SINCE:
        found["retry_exponential_backoff"] = call("growing", retry.factor)
        if retry.max_delay is not None:
            found["max_retry_delay"] = duration(retry.max_delay)
    elif retry.factor > 1:
        limits = {} if retry.max_delay is None else {"max_delay": duration(retry.max_delay)}
        found["retry_policy"] = call("Backoff", delay=duration(retry.delay), factor=retry.factor, **limits)
    return found


def _output(output: Output) -> Tree:
    found: dict[str, object] = {}
    if output.filename != output.name:
        found["filename"] = output.filename
    if output.default is not None:
        found["default"] = output.default.text
    return call("output", output.name, output.type.value, **found)


def _pod_resources(resources: Resources) -> dict[str, object]:
    """The `resources` of a pod: requests, and limits of memory and GPUs, as in Argo's pods."""
    memory = {} if resources.memory is None else {"memory": resources.memory}
    requests = {**({} if resources.cpu is None else {"cpu": resources.cpu}), **memory}
    limits = {**memory, **({"nvidia.com/gpu": str(resources.gpu)} if resources.gpu else {})}
    given = {key: amounts for key, amounts in (("requests", requests), ("limits", limits)) if amounts}
    return {"container_resources": call("k8s.V1ResourceRequirements", **given)} if given else {}
