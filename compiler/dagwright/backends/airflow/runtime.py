"""The runtime of generated DAG files; `printing.inline` copies the parts that a file uses.

The compiler never imports this module. It runs on Python 3.9 or later, with Airflow 2.11 and 3.x. A task returns a dict
of its outputs: for a value the written text, for an artifact the path below the root of all artifacts.
"""

# mypy: disable-error-code="import-not-found, misc, no-any-return"
from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, timezone
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    BaseOperator,
    RetryDecision,
    RetryPolicy,
)

from dagwright.meaning.environment import step_environment, step_identity
from dagwright.meaning.rules import pause
from dagwright.meaning.values import (
    Absent,
    EvaluationError,
    canonical,
    canonical_json,
    describe,
    parse_json,
    parse_number,
    to_json_value,
)
from dagwright.runtime.artifacts import place, seal
from dagwright.runtime.step import (
    ARTIFACT_TYPES,
    StepFailed,
    printable,
    read_outputs,
    run_step,
    unusable_text,
)

# A generated file defines the settings that it needs.
WORK_FOLDER = os.getcwd()
ARTIFACTS = os.path.join(WORK_FOLDER, "artifacts")

MAX_INSTANCES = 1000
SHOWN = 4000  # characters of a command in the log
SHOWN_VALUES = 200  # characters of the values of an instance in its name
# Templates for the names of instances of mapped tasks. A value is a text, or a pair of a text and its value.
ITEM_NAME = "{{ (task.item if task.item is string else task.item[0])|truncate(200, True) }}"
MATRIX_NAME = (
    "{% filter truncate(200, True) %}{% for axis, value in task.matrix.items() %}{{ '' if loop.first else ', ' }}"
    "{{ axis }}={{ value if value is string else value[0] }}{% endfor %}{% endfilter %}"
)
STOP_GRACE = 3.0  # seconds between TERM and KILL; Airflow 3 gives a stopped task five seconds in all
# The part of each trigger rule that Airflow does not decide: the states of needs with which a task runs.
SKIPS_UNLESS = {
    "all_success": lambda states: "skipped" not in states,
    "none_failed_min_one_success": lambda states: "success" in states,
    "any_failed": lambda states: "failed" in states or "upstream_failed" in states,
}


def output(name: str, kind: str, filename: str = "", default: str | None = None) -> dict[str, Any]:
    """A declared output: the file or directory `$DW_OUT/<filename>`; for a value, the text in the file."""
    return {"name": name, "type": kind, "filename": filename or name, "default": default}


@dataclass(frozen=True)
class Input:
    """An artifact of other tasks, at `$DW_IN/<name>/<filename>`; for a fan-out, one entry per instance: 0, 1, ..."""

    name: str
    tasks: Sequence[str]
    output: str
    filename: str | None = None


@dataclass(frozen=True)
class Step:
    """The action of a task and its conditions. Each text is a string, or a function of the run.

    Airflow stores the arguments of mapped tasks by their `repr`, which therefore contains no changing parts.
    """

    command: Sequence[str | Callable[[Run], str]] = ()
    env: Mapping[str, str | Callable[[Run], str]] = field(default_factory=dict)
    inputs: Sequence[Input] = ()
    outputs: Sequence[dict[str, Any]] = ()
    rule: str | None = None
    needs: Sequence[str] = ()
    when: Callable[[Run], bool] | None = None
    workdir: str = ""
    timeout: timedelta | None = None
    secrets: Mapping[str, Any] = field(default_factory=dict)
    pass_env: Sequence[str] = ()

    def __repr__(self) -> str:
        return "Step(...)"


def instances(task: str, count: int) -> list[str]:
    """The task ids of a fan-out over a list known at compile time."""
    return [f"{task}.{index}" for index in range(count)]


def instance_name(task: str, values: Any) -> str:
    """The name of an instance for people: `train model=gbm, depth=3` or `load berlin`."""
    found = values.items() if isinstance(values, dict) else [("", values)]
    text = ", ".join([f"{axis}={spelling(value)}" if axis else spelling(value) for axis, value in found])
    return f"{task} {printable(text[:SHOWN_VALUES])}"


def states_of(context: Any, tasks: Sequence[str]) -> list[str]:
    """The states of tasks in this run, including all instances of mapped tasks."""
    ti = context["ti"]
    if hasattr(ti, "get_task_states"):  # Airflow 3
        found = ti.get_task_states(dag_id=ti.dag_id, task_ids=list(tasks), run_ids=[ti.run_id])
        return [str(state) for state in found.get(ti.run_id, {}).values()]
    return [str(other.state) for other in context["dag_run"].get_task_instances() if other.task_id in set(tasks)]


def status_of(states: Sequence[str]) -> str:
    """The status of a task, or of a fan-out, from the states of its instances."""
    known = {"failed": "failed", "upstream_failed": "upstream_failed", "success": "succeeded"}
    return next((status for state, status in known.items() if state in states), "skipped")


def spelling(value: Any) -> str:
    """The text of an item, which is a text, or a pair of a text and the canonical text of its value."""
    return value if isinstance(value, str) else value[0]


def spelt_value(value: Any, parse: Callable[[str], Any]) -> Any:
    """The value of an item."""
    return parse(value if isinstance(value, str) else value[1])


def as_items(value: Any) -> list[Any]:
    """The items of a list from an expression: pairs of a text and its JSON."""
    if not isinstance(value, list):
        raise EvaluationError(f"`foreach` needs a list, and this is {describe(value)}")
    return [[canonical(item), canonical_json(item)] for item in value]


class Run:
    """The values that texts and conditions of a task can read: parameters, other tasks, the instance, the run."""

    def __init__(self, context: Any, operator: Any) -> None:
        self.context = context
        self.ti = context["ti"]
        self.operator = operator
        self.out = self.inputs = ""

    @property
    def id(self) -> str:
        """Airflow's id of this run."""
        return self.ti.run_id

    @property
    def task(self) -> str:
        """The name of the task, without the suffix of a fan-out instance."""
        return self.ti.task_id.partition(".")[0]

    @property
    def index(self) -> int | None:
        """The index of this instance of a fan-out, else None."""
        return self.ti.map_index if self.ti.map_index >= 0 else self.operator.index

    def scheduled_at(self) -> str:
        """The scheduled time of this run, in UTC."""
        return self._moment().astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def date(self, zone: str) -> str:
        """The date of `scheduled_at` in a time zone."""
        return self._moment().astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d")

    def _moment(self) -> Any:
        dag_run = self.context["dag_run"]
        return dag_run.logical_date or dag_run.run_after

    def status(self, tasks: Sequence[str]) -> str:
        """The final state of a task or fan-out: succeeded, failed, skipped or upstream_failed."""
        return status_of(states_of(self.context, tasks))

    def param(self, name: str) -> Any:
        """The value of a parameter, as JSON."""
        return self.context["params"][name]

    def number_param(self, name: str) -> float:
        """The value of a parameter that is a number."""
        return parse_number(canonical(self.param(name)))

    def json_param(self, name: str, default: str) -> Any:
        """The JSON of a parameter; numbers of its default keep their text."""
        given = self.param(name)
        is_default = canonical_json(given) == canonical_json(json.loads(default))
        return parse_json(default) if is_default else to_json_value(given)

    def returned(self, task: str) -> Any:
        """The return value of a task of this run; None if the task has not succeeded."""
        return next(iter(self.outputs_of([task])), None)

    def has(self, task: str, output: str) -> bool:
        """Whether the outputs of a task exist, because the task has succeeded."""
        return output in (self.returned(task) or {})

    def output(self, task: str, output: str, default: str | None = None) -> str:
        """The text of an output; its default, if it has one, if its task has not succeeded."""
        found = (self.returned(task) or {}).get(output, default)
        if found is None:
            raise Absent(f"{task} has no output {output}")
        return found

    def outputs(self, tasks: Sequence[str], output: str) -> list[str]:
        """The texts of an output of all instances of a fan-out, in order."""
        found = self.outputs_of(tasks)
        if not found:
            raise Absent(f"not all instances have their output {output}")
        return [returned[output] for returned in found]

    def matrix(self, axis: str) -> str:
        """The text of this instance's value of an axis."""
        return spelling(self.operator.matrix[axis])

    def matrix_value(self, axis: str, parse: Callable[[str], Any]) -> Any:
        """The value of an axis."""
        return spelt_value(self.operator.matrix[axis], parse)

    def item(self) -> str:
        """The text of this instance's item."""
        return spelling(self.operator.item)

    def item_value(self, parse: Callable[[str], Any]) -> Any:
        """The value of the item."""
        return spelt_value(self.operator.item, parse)

    def input_path(self, path: str) -> str:
        """The path of an artifact input."""
        return f"{self.inputs}/{path}"

    def output_path(self, filename: str) -> str:
        """The path of an output."""
        return f"{self.out}/{filename}"

    def outputs_of(self, tasks: Sequence[str]) -> list[dict[str, str]]:
        """The return values of tasks, in order; instances of mapped tasks by index. Empty unless all have succeeded.

        The check uses states, since a cleared task keeps its previous return value until it starts again.
        """
        if set(states_of(self.context, tasks)) != {"success"}:
            return []
        return [returned for returned in self.ti.xcom_pull(task_ids=list(tasks)) if returned is not None]

    def start(self, step: Step) -> None:
        """Check the conditions of the task, and skip or fail it."""
        for check in CONDITIONS.values():
            check(self, step)

    def command(self, step: Step, out: str, inputs: str) -> tuple[list[str], dict[str, str]]:
        """The arguments and the declared variables, with references replaced. Errors here are not retried."""
        self.out, self.inputs = out, inputs
        try:
            argv = [text if isinstance(text, str) else text(self) for text in step.command]
            env = {key: text if isinstance(text, str) else text(self) for key, text in step.env.items()}
        except EvaluationError as error:
            raise AirflowFailException(f"the command cannot be evaluated: {error}") from None
        problem = unusable_text(argv, env)
        if problem is not None:
            raise AirflowFailException(problem)
        return argv, env

    def folder(self) -> str:
        """The folder for this attempt's artifacts below their root: pipeline, run, task and attempt."""
        readable = re.sub(r"[^A-Za-z0-9._-]", "_", self.id)[:80]
        run = f"{readable}-{hashlib.sha256(self.id.encode()).hexdigest()[:8]}"
        task = self.task if self.index is None else f"{self.task}.{self.index}"
        return "/".join((self.ti.dag_id, run, task, str(self.ti.try_number)))

    def artifacts(self, step: Step) -> list[tuple[str, str]]:
        """The inputs of a step: each path below `$DW_IN`, and the path of the artifact below the root."""
        found = []
        for given in step.inputs:
            producers = self.outputs_of(given.tasks)
            if not producers:
                raise AirflowFailException(f"its input `{given.name}` is absent")
            for index, returned in enumerate(producers):
                found.append((f"{given.name}/{given.filename or index}", returned[given.output]))
        return found

    def artifact_paths(self, step: Step) -> dict[str, str]:
        """The paths, below the root, of the artifacts that this attempt writes."""
        declared = [output for output in step.outputs if output["type"] in ARTIFACT_TYPES]
        return {output["name"]: f"{self.folder()}/{output['filename']}" for output in declared}

    def identity(self, out: str, inputs: str) -> dict[str, str]:
        """The `DW_*` variables of this attempt."""
        return step_identity(out, inputs, self.id, self.ti.dag_id, self.task, self.ti.try_number, self.index)

    def attempt(self) -> str:
        """The number of this attempt, for the log; clearing a task adds attempts."""
        return f"attempt {self.ti.try_number} of {max(self.ti.try_number, self.ti.max_tries + 1)}"


def check_rule(run: Run, step: Step) -> None:
    """Skip the task if the part of its trigger rule that Airflow does not decide says so."""
    if step.rule is not None and not SKIPS_UNLESS[step.rule](states_of(run.context, step.needs)):
        raise AirflowSkipException(f"the trigger rule {step.rule} says so")


def check_when(run: Run, step: Step) -> None:
    """Skip the task if its condition is false."""
    try:
        wanted = step.when is None or step.when(run)
    except EvaluationError as error:
        raise AirflowFailException(f"the condition cannot be evaluated: {error}") from None
    if not wanted:
        raise AirflowSkipException("the condition is false")


# The conditions of tasks, by the argument of Step that declares them.
CONDITIONS: dict[str, Callable[[Run, Step], None]] = {
    "rule": check_rule,
    "when": check_when,
}


def shown_command(argv: Sequence[str]) -> str:
    """A command for the log, quoted for a shell."""
    text = printable(shlex.join(argv), "\n\t")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


class ProcessTask(BaseOperator):
    """An operator that runs a step as a process of the worker.

    The command is a template field so that Airflow shows it; nothing is rendered, so texts are not changed.
    """

    template_fields: Sequence[str] = ("command",)
    overwrite_rtif_after_execution = True

    def __init__(self, *, step: Step, matrix: Any = None, item: Any = None, index: Any = None, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "logger_name": "dagwright"})
        self.step, self.matrix, self.item, self.index = step, matrix, item, index
        self.command: Sequence[str] = ()
        self.attempt: Any = None

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render nothing."""

    def execute(self, context: Any) -> dict[str, str] | None:
        step: Step = self.step
        run = Run(context, self)
        run.start(step)
        with tempfile.TemporaryDirectory(prefix="dagwright-") as scratch:
            out, inputs = self.output_folder(run, scratch), os.path.join(scratch, "in")
            self.command, variables = run.command(step, out, inputs)
            secrets = secrets_of(step)
            for folder in (out, inputs):
                os.makedirs(folder)
            self.place_inputs(run, inputs)
            env = step_environment(os.environ, step.pass_env, run.identity(out, inputs), variables, secrets)
            folder = os.path.join(WORK_FOLDER, step.workdir)
            self.log.info("%s, in %s: %s", run.attempt(), folder, shown_command(self.command))
            start = time.monotonic()
            try:
                run_step(
                    self.command,
                    env,
                    folder,
                    None if step.timeout is None else step.timeout.total_seconds(),
                    lambda line: self.log.info("%s", line),
                    partial(setattr, self, "attempt"),
                )
                found = self.returned(run, read_outputs(out, step.outputs))
            except StepFailed as error:
                after = f"after {time.monotonic() - start:.0f} s, {run.attempt()}"
                raise AirflowException(f"{self.task_id}: {error} ({after})") from None
            self.log.info("succeeded after %.0f s", time.monotonic() - start)
            return found or None

    def output_folder(self, run: Run, scratch: str) -> str:
        """The folder for `$DW_OUT`: empty, and deleted after the attempt."""
        return os.path.join(scratch, "out")

    def place_inputs(self, run: Run, folder: str) -> None:
        """Put the artifacts that the step reads into `$DW_IN`; this class has none."""

    def returned(self, run: Run, found: dict[str, str]) -> dict[str, str]:
        """The return value of the task, from the outputs found."""
        return found

    def on_kill(self) -> None:
        if self.attempt is not None:
            self.attempt.stop(STOP_GRACE)


class ArtifactTask(ProcessTask):
    """An operator for a process that reads or writes artifacts, stored in a folder that all workers share."""

    def output_folder(self, run: Run, scratch: str) -> str:
        out = os.path.join(ARTIFACTS, run.folder())
        shutil.rmtree(out, ignore_errors=True)
        return out

    def place_inputs(self, run: Run, folder: str) -> None:
        for path, artifact in run.artifacts(self.step):
            try:
                place(os.path.join(ARTIFACTS, artifact), os.path.join(folder, path))
            except FileNotFoundError:
                raise AirflowException(f"its input `{path}` is gone: no {os.path.join(ARTIFACTS, artifact)}") from None

    def returned(self, run: Run, found: dict[str, str]) -> dict[str, str]:
        paths = run.artifact_paths(self.step)
        for path in paths.values():
            seal(os.path.join(ARTIFACTS, path))
        return {**found, **paths}


def secrets_of(step: Step) -> dict[str, str]:
    """The secrets of a step, from variables of the worker; a missing secret fails without retries."""
    missing = sorted(variable for variable in step.secrets.values() if variable not in os.environ)
    if missing:
        raise AirflowFailException("the worker lacks the secrets " + ", ".join(missing))
    return {name: os.environ[variable] for name, variable in step.secrets.items()}


class FanOut(BaseOperator):
    """An operator that decides, before instances exist, whether a fan-out runs, and returns its items."""

    template_fields: Sequence[str] = ()

    def __init__(self, *, step: Step, items: Callable[[Run], list[Any]] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.step, self.items, self.index = step, items, None

    def execute(self, context: Any) -> list[Any]:
        run = Run(context, self)
        run.start(self.step)
        try:
            found = [] if self.items is None else self.items(run)
        except EvaluationError as error:
            raise AirflowFailException(f"the list cannot be evaluated: {error}") from None
        if len(found) > MAX_INSTANCES:
            raise AirflowFailException(f"the list has {len(found)} items, and {MAX_INSTANCES} is the most")
        if not found:
            raise AirflowSkipException("the list is empty")
        return found


class MainStatus(BaseOperator):
    """An operator between the ordinary tasks and those of `finally`; returns the status of the ordinary tasks."""

    template_fields: Sequence[str] = ()

    def __init__(self, *, tasks: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tasks = tasks

    def execute(self, context: Any) -> str:
        states = states_of(context, self.tasks)
        return "failed" if "failed" in states or "upstream_failed" in states else "succeeded"


def growing(factor: int) -> Any:
    """The argument `retry_exponential_backoff`: the factor; older versions of Airflow can only double the delay."""
    return True if isinstance(getattr(BaseOperator, "retry_exponential_backoff", True), bool) else factor


class Backoff(RetryPolicy):
    """A backoff with pauses of min(delay * factor^(k-1), max_delay) after attempt k, without jitter."""

    def __init__(self, *, delay: timedelta, factor: int, max_delay: timedelta | None = None) -> None:
        self.delay, self.factor, self.max_delay = delay, factor, max_delay

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> Any:
        longest = None if self.max_delay is None else int(self.max_delay.total_seconds())
        seconds = pause(int(self.delay.total_seconds()), self.factor, longest, try_number)
        return RetryDecision.retry(delay=timedelta(seconds=seconds))
