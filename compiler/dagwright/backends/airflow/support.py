"""Airflow's support for each feature, by version, and further checks of this backend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from dagwright.backends.airflow.callbacks import check_callbacks
from dagwright.backends.airflow.settings import OF_PODS, RETRY_POLICY_SINCE, AirflowSettings, of_task, settings
from dagwright.backends.airflow.shape import in_pod
from dagwright.backends.backend import Level, Support
from dagwright.backends.features import Feature
from dagwright.backends.processes import check_workdirs
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline, Task
from dagwright.source.span import Span

_TABLE: dict[Feature, tuple[Level, str]] = {
    Feature.COMMAND: (Level.NATIVE, "an operator in the file; Jinja renders nothing"),
    Feature.SCRIPT: (Level.NATIVE, "the last argument of its interpreter"),
    Feature.PARAMS: (Level.NATIVE, "`Param` with a JSON schema"),
    Feature.PARAM_CONSTRAINTS: (Level.NATIVE, "the schema of `Param`; a run with a wrong value is refused"),
    Feature.NEEDS: (Level.NATIVE, "edges"),
    Feature.WHEN: (Level.EMULATED, "evaluated when the task starts; false skips it"),
    Feature.RULE_NONE_FAILED: (Level.NATIVE, "trigger_rule none_failed"),
    Feature.RULE_MIN_ONE_SUCCESS: (Level.EMULATED, "trigger_rule none_failed, and the task checks its needs"),
    Feature.RULE_ANY_FAILED: (Level.EMULATED, "trigger_rule all_done, and the task checks its needs"),
    Feature.RULE_ALL_DONE: (Level.NATIVE, "trigger_rule all_done, with edges from all tasks that may still run"),
    Feature.VALUE_OUTPUTS: (Level.EMULATED, "files of the task, read into one XCom"),
    Feature.OUTPUT_DEFAULTS: (Level.EMULATED, "used when the XCom is written or read"),
    Feature.ARTIFACTS: (Level.EMULATED, "a folder or volume that all workers share"),
    Feature.FAN_OUT_VALUES: (Level.EMULATED, "built by the reader from the XComs of the instances"),
    Feature.FAN_OUT_ARTIFACTS: (Level.EMULATED, "a folder of links, or mounts, with one entry per instance"),
    Feature.EXPRESSIONS: (Level.EMULATED, "printed as Python, evaluated when the task starts"),
    Feature.TASK_STATUS: (Level.NATIVE, "states of the task instances"),
    Feature.RUN_ID: (Level.NATIVE, "run_id"),
    Feature.RUN_DATES: (Level.NATIVE, "logical_date, else run_after"),
    Feature.MATRIX: (Level.NATIVE, "one task per instance, in a task group; mapped if max_parallel is given"),
    Feature.FOREACH_LITERAL: (Level.NATIVE, "one task per instance, in a task group; mapped if max_parallel is given"),
    Feature.FOREACH_RUNTIME: (Level.NATIVE, "dynamic task mapping over a list that a first task checks"),
    Feature.MAX_PARALLEL: (Level.NATIVE, "max_active_tis_per_dagrun"),
    Feature.RETRY: (Level.NATIVE, "retries and retry_delay, always written"),
    Feature.RETRY_BACKOFF: (Level.NATIVE, "a RetryPolicy with exact pauses"),
    Feature.TIMEOUT: (
        Level.EMULATED,
        "TERM, 10 s, KILL to all its processes; activeDeadlineSeconds for pods",
    ),
    Feature.ENV: (Level.NATIVE, "the environment of the process or of the container"),
    Feature.SECRETS: (Level.NATIVE, "Kubernetes secrets; for processes, DW_SECRET_<NAME>_<KEY> of the worker"),
    Feature.WORKDIR: (Level.NATIVE, "the working directory of the process or of the container"),
    Feature.IMAGE: (Level.NATIVE, "KubernetesPodOperator, unless targets.airflow.runtime says process"),
    Feature.RESOURCES: (Level.NATIVE, "requests and limits of the pod; only documented for processes"),
    Feature.FINALLY: (Level.EMULATED, "after a task that is downstream of all others"),
    Feature.RUN_STATUS: (Level.EMULATED, "computed by the task before finally"),
    Feature.SCHEDULE: (Level.NATIVE, "CronTriggerTimetable"),
    Feature.OVERLAP_FORBID: (Level.DEGRADED, "max_active_runs 1: a blocked run starts late, where Argo drops it"),
    Feature.OVERLAP_ALLOW: (Level.NATIVE, "max_active_runs 16"),
    Feature.CATCHUP: (Level.NATIVE, "catchup"),
    Feature.SCHEDULE_START: (Level.NATIVE, "start_date"),
    Feature.LABELS: (Level.NATIVE, "tags, labels of pods, doc_md"),
}


@cache
def table(version: tuple[int, int]) -> Mapping[Feature, Support]:
    """The level of every feature on an Airflow of this version or later."""
    found = {feature: Support(level, how) for feature, (level, how) in _TABLE.items()}
    if version < RETRY_POLICY_SINCE:
        found[Feature.RETRY_BACKOFF] = Support(
            Level.DEGRADED,
            "Airflow before 3.3 adds jitter, up to the delay itself; old versions only double the delay",
            since="3.3",
        )
    return found


def check(pipeline: Pipeline, report: Report) -> None:
    """Report errors that depend on several settings at once."""
    target = settings(pipeline)
    for task in pipeline.all_tasks:
        if in_pod(task, pipeline):
            _check_pod(task, report)
        else:
            _check_no_pod(task, report)
    check_workdirs((task for task in pipeline.all_tasks if not in_pod(task, pipeline)), report)
    _check_storage(pipeline, target, report)
    check_callbacks(pipeline, report)


def _check_pod(task: Task, report: Report) -> None:
    if task.image is None:
        report.error(
            "E612",
            f"`{task.name}` has no image, and `targets.airflow.runtime` wants a pod",
            task.origin,
            label="needs an image",
            help="add `image: ...` to the task, or set `runtime: auto`",
        )
    if task.workdir is not None and not task.workdir.startswith("/"):
        report.error(
            "E613",
            "a pod needs an absolute `workdir`",
            task.origin_of("workdir"),
            label="relative",
            notes=["Kubernetes does not know the image's own directory, to which this would be relative"],
            help=f"write the whole path inside the image, such as `workdir: /app/{task.workdir}`",
        )


def _check_no_pod(task: Task, report: Report) -> None:
    """Report settings of pods for a task that has no pod."""
    for entry in of_task(task).entries:
        if entry.key in OF_PODS:
            report.error(
                "E615",
                f"`{task.name}` runs as a process on Airflow, and `{entry.key}` is a setting of pods",
                entry.origin,
                label="has no effect",
                help="remove it, or add `image: ...` to the task",
            )


def _check_storage(pipeline: Pipeline, target: AirflowSettings, report: Report) -> None:
    """Report missing storage: pods need a claim; pods and processes that exchange artifacts need a common folder."""
    pods, processes = set[str](), set[str]()
    for task in pipeline.all_tasks:
        spans = list(_artifact_spans(task))
        if not spans:
            continue
        if not in_pod(task, pipeline):
            processes.add(task.name)
            continue
        pods.add(task.name)
        if target.artifacts_volume_claim is None:
            report.error(
                "E610",
                f"`{task.name}` runs in a pod, which has nowhere to keep files",
                spans[0],
                label="a file or directory",
                notes=["pods exchange files through a volume that all of them mount"],
                help="set `targets: {airflow: {artifacts: {volume_claim: <name of the claim>}}}`",
            )
    mixed = _exchanges(pipeline, pods, processes)
    if mixed is not None and target.artifacts_volume_claim is not None and target.artifacts_path is None:
        reader, span = mixed
        report.error(
            "E611",
            f"`{reader}` exchanges files between a pod and a process",
            span,
            label="written by one, read by the other",
            notes=["the claim must also be mounted on the workers"],
            help="set `targets: {airflow: {artifacts: {path: <where the workers mount the claim>}}}` as well",
        )


def _artifact_spans(task: Task) -> Iterator[Span]:
    yield from (output.origin for output in task.outputs if output.type.is_artifact)
    yield from (given.origin for given in task.inputs)


def _exchanges(pipeline: Pipeline, pods: set[str], processes: set[str]) -> tuple[str, Span] | None:
    for task in pipeline.all_tasks:
        for given in task.inputs:
            if (task.name in pods and given.task in processes) or (task.name in processes and given.task in pods):
                return task.name, given.origin
    return None
