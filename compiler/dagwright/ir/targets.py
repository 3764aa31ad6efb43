"""The `targets:` block: settings per engine, which do not change a pipeline's meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

from dagwright.ir.data import Fields
from dagwright.source.span import NOWHERE, Span


class Runtime(Enum):
    """The place where Airflow runs a task: `auto` is `kubernetes` if the task has an image, else `process`."""

    AUTO = "auto"
    PROCESS = "process"
    KUBERNETES = "kubernetes"


@dataclass(frozen=True, slots=True)
class AirflowTarget:
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


@dataclass(frozen=True, slots=True)
class ArgoTarget:
    """`targets.argo`. `artifact_repository` is the pair (config map, key) for `artifactRepositoryRef`.

    `patch` is copied unchanged into the spec of the Workflow.
    """

    version: tuple[int, int] = (4, 0)
    image: str | None = None
    image_pull_policy: str | None = None
    namespace: str | None = None
    service_account: str | None = None
    artifact_repository: tuple[str, str] | None = None
    parallelism: int | None = None
    ttl: timedelta | None = None
    patch: Fields = field(default_factory=Fields)
    origin: Span = field(default=NOWHERE, compare=False, repr=False)
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """`targets.local`. `max_parallel` limits parallel tasks; None means one per core.

    `workdirs` maps folders of images to folders below the work folder.
    """

    max_parallel: int | None = None
    pass_env: tuple[str, ...] = ()
    workdirs: tuple[tuple[str, str], ...] = ()
    origin: Span = field(default=NOWHERE, compare=False, repr=False)
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Targets:
    """The settings of all targets; `named` lists the targets that the spec names, in its order."""

    airflow: AirflowTarget = AirflowTarget()
    argo: ArgoTarget = ArgoTarget()
    local: LocalTarget = LocalTarget()
    named: tuple[str, ...] = ()
