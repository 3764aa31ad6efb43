"""The protocol of engines for the suite, and the table of engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from dagwright.ir.model import Pipeline

from .case import Retry


@dataclass(frozen=True, slots=True)
class Job:
    """A run to perform. `folder` contains the spec and the files beside it."""

    pipeline: Pipeline
    folder: Path
    params: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    then: tuple[Retry, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run: its trace, and start and end (in seconds) by `task` or `task[index]`.

    `problem` is the reason for a missing trace. `then` are the outcomes after each retry.
    """

    trace: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    problem: str = ""
    then: tuple[Outcome, ...] = ()


class Engine(Protocol):
    """An engine that runs pipelines. `title` is its name with its version, `target` the target to compile for.

    `attempts_count_on` is true if a retry of a run adds to the attempts of its tasks, and false if they start at 1.
    """

    title: str
    target: str
    attempts_count_on: bool

    def missing(self) -> str:
        """The reason why this engine is not available here; empty if it is."""
        ...

    def place(self, pipeline: Pipeline) -> Pipeline:
        """The pipeline with the target settings that this installation needs; its meaning does not change."""
        ...

    def run(self, jobs: Sequence[Job], scratch: Path) -> list[Outcome]:
        """The outcomes of all jobs, in their order. `scratch` is an empty folder."""
        ...


# Each engine is imported at its first use.
ENGINES = {
    "local": ("on_local", "LOCAL"),
    "local-isolated": ("on_local", "LOCAL_ISOLATED"),
    "airflow": ("on_airflow", "AIRFLOW"),
    "airflow-2.11": ("on_airflow", "AIRFLOW_2"),
    "airflow-pods": ("on_airflow_pods", "AIRFLOW_PODS"),
    "argo": ("on_argo", "ARGO"),
}

# The needs of each engine, by the names of the marker `engine` (`engines/marked.py`).
NEEDED: Mapping[str, tuple[str, ...]] = {
    "local": (),
    "local-isolated": (),
    "airflow": ("airflow-3.3",),
    "airflow-2.11": ("airflow-2.11",),
    "airflow-pods": ("airflow-3.3", "argo"),
    "argo": ("argo",),
}

# The engines that must agree on every case before it counts.
MAIN = ("local", "airflow", "argo")

# Engines that run only a sample of the cases, another sample with each commit.
SAMPLED = frozenset({"airflow-2.11", "local-isolated"})

# Engines that run only these cases of the suite, because tasks are slow there, or test nothing new.
CHOSEN = {
    "local-isolated": frozenset(
        {
            "artifact_chain",
            "artifact_directory",
            "component_file",
            "environment",
            "environment_own",
            "fan_out_retry",
            "files",
            "finally_failure",
            "interpreters",
            "retry_empty_folder",
            "workdir",
        }
    ),
    "airflow-pods": frozenset(
        {
            "artifact_chain",
            "artifact_directory",
            "artifact_fan_out",
            "component_merge",
            "exit_codes",
            "fan_out_failing",
            "finally_failure",
            "flow_skip_and_failure",
            "foreach_json",
            "killed",
            "literal_argv",
            "literal_env",
            "literal_script",
            "output_default",
            "output_invalid",
            "output_nasty",
            "output_string",
            "param_given",
            "retry_succeeds",
            "run_id",
            "secrets",
            "timeout_each_attempt",
        }
    ),
}


def judges(name: str, case: str) -> bool:
    """Whether an engine judges a case of the suite; cases called `pods_…` are for pods."""
    return name not in CHOSEN or case in CHOSEN[name] or case.startswith("pods_")


@dataclass(frozen=True)
class EngineWork:
    """Background work (`engines/ahead.py`) on the engine of a name."""

    name: str

    @property
    def engines(self) -> tuple[str, ...]:
        return NEEDED[self.name]


@cache
def engine(name: str) -> Engine:
    """The engine of a name."""
    module, attribute = ENGINES[name]
    return cast(Engine, getattr(import_module(f".{module}", __package__), attribute))
