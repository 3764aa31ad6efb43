"""`targets.airflow`: the settings, and their readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from dagwright.backends.settings import (
    Reader,
    read_number,
    read_settings,
    read_text,
    read_texts,
    read_version,
    settings_of,
)
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
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
}


def settings(pipeline: Pipeline) -> AirflowSettings:
    """The settings of a pipeline, or the defaults."""
    return settings_of(pipeline, "airflow", AirflowSettings)


def read(node: Node, report: Report) -> AirflowSettings:
    """The settings of a valid `targets.airflow`."""
    values = read_settings(node, _READERS, report)
    artifacts = child(node, "artifacts") if isinstance(node, Mapping) else None
    if artifacts is not None:
        values["artifacts_path"] = optional_text(child(artifacts, "path"))
        values["artifacts_volume_claim"] = optional_text(child(artifacts, "volume_claim"))
    return AirflowSettings(**values)
