"""The protocol of a backend, its files, and its levels of support."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, runtime_checkable

from dagwright.backends.features import Feature
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline

PROTOCOL = 1  # the version of the protocol of backends; a package of another version is refused


class Level(Enum):
    """NATIVE: built into the engine; EMULATED: provided by generated code; ADVISORY: cannot change a trace;
    DEGRADED: differs, and a warning says how; UNSUPPORTED: refused."""

    NATIVE = "native"
    EMULATED = "emulated"
    ADVISORY = "advisory"
    DEGRADED = "degraded"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Support:
    """A level with a short explanation; `since` is a later version of the target that supports the feature."""

    level: Level
    how: str
    since: str = ""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A generated file: its path relative to the output folder, and its text (ASCII or UTF-8, `\\n` line ends)."""

    path: str
    text: str


class Backend(Protocol):
    """The protocol of a backend. `dagwright.backends.registry` finds backends by name."""

    name: str

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        """The levels of features, for the engine version of the pipeline (None: the default version).

        A feature without an entry is not supported.
        """
        ...

    def check(self, pipeline: Pipeline, report: Report) -> None:
        """Report (E6xx, W6xx) problems of this pipeline on this engine that are not in the table of features."""
        ...

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        """The generated files of a pipeline that passed `check`."""
        ...


def support_of(feature: Feature, table: Mapping[Feature, Support]) -> Support:
    """The support of a feature by a backend with this table."""
    return table.get(feature, _UNKNOWN)


_UNKNOWN = Support(Level.UNSUPPORTED, "the backend does not know this feature")


@runtime_checkable
class Partitions(Protocol):
    """A backend that cuts large pipelines into parts."""

    def explain_partition(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Readable lines about the parts and the reasons; empty if the pipeline is not cut."""
        ...
