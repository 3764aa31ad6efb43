"""`targets.airflow`: the settings, and their readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from dagwright.backends.settings import (
    Reader,
    read_flag,
    read_number,
    read_pairs,
    read_settings,
    read_text,
    read_texts,
    read_version,
    settings_of,
)
from dagwright.diagnostics.model import Report
from dagwright.ir.data import Fields
from dagwright.ir.model import Pipeline, Task
from dagwright.lower.names import child, optional_text
from dagwright.lower.scalars import duration
from dagwright.source.span import NOWHERE, Span
from dagwright.source.tree import Mapping, Node

RETRY_POLICY_SINCE = (3, 3)
NO_START_DATE_SINCE = (3, 0)


class Runtime(Enum):
    """The place where Airflow runs a task: `auto` is `kubernetes` if the task has an image, else `process`."""

    AUTO = "auto"
    PROCESS = "process"
    KUBERNETES = "kubernetes"


# The settings of a pipeline or a task that go to operators and to pods, as arguments with the same names.
OF_OPERATORS = ("pool", "queue", "executor", "priority_weight", "weight_rule", "depends_on_past")
OF_PODS = ("kubernetes_conn_id", "in_cluster", "cluster_context", "on_finish_action")


@dataclass(frozen=True, slots=True)
class AirflowSettings:
    """`targets.airflow`. `version` is (major, minor): the oldest Airflow version that must run the file."""

    version: tuple[int, int] = (3, 3)
    tags: tuple[str, ...] = ()
    pool: str | None = None
    queue: str | None = None
    namespace: str | None = None
    service_account: str | None = None
    runtime: Runtime = Runtime.AUTO
    workdir: str | None = None
    startup_timeout: timedelta = timedelta(hours=1)
    artifacts_path: str | None = None  # process tasks: a folder that all workers share
    artifacts_volume_claim: str | None = None  # container tasks
    pass_env: tuple[str, ...] = ()
    max_active_tasks: int | None = None
    callbacks: tuple[tuple[str, str], ...] = ()  # of runs: `on_failure` → dotted path
    dag_display_name: str | None = None
    owner_links: tuple[tuple[str, str], ...] = ()
    executor: str | None = None
    priority_weight: int | None = None
    weight_rule: str | None = None
    depends_on_past: bool | None = None
    kubernetes_conn_id: str | None = None
    in_cluster: bool | None = None
    cluster_context: str | None = None
    on_finish_action: str | None = None
    origin: Span = field(default=NOWHERE, compare=False, repr=False)
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)


_READERS: dict[str, Reader] = {
    "version": read_version,
    "tags": read_texts,
    "pool": read_text,
    "queue": read_text,
    "namespace": read_text,
    "service_account": read_text,
    "runtime": lambda node, report: Runtime(read_text(node, report)),
    "workdir": read_text,
    "startup_timeout": duration,
    "pass_env": read_texts,
    "max_active_tasks": read_number,
    "callbacks": read_pairs,
    "dag_display_name": read_text,
    "owner_links": read_pairs,
    "executor": read_text,
    "priority_weight": read_number,
    "weight_rule": read_text,
    "depends_on_past": read_flag,
    "kubernetes_conn_id": read_text,
    "in_cluster": read_flag,
    "cluster_context": read_text,
    "on_finish_action": read_text,
}


def settings(pipeline: Pipeline) -> AirflowSettings:
    """The settings of a pipeline, or the defaults."""
    return settings_of(pipeline, "airflow", AirflowSettings)


def of_task(task: Task) -> Fields:
    """A task's own settings."""
    return dict(task.targets).get("airflow", Fields())


def read(node: Node, report: Report) -> AirflowSettings:
    """The settings of a valid `targets.airflow`."""
    values = read_settings(node, _READERS, report)
    artifacts = child(node, "artifacts") if isinstance(node, Mapping) else None
    if artifacts is not None:
        values["artifacts_path"] = optional_text(child(artifacts, "path"))
        values["artifacts_volume_claim"] = optional_text(child(artifacts, "volume_claim"))
    return AirflowSettings(**values)
