"""The Argo Workflows backend: one manifest per pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from dagwright.backends.argo.check import check_pipeline
from dagwright.backends.argo.manifest import Printed, printed
from dagwright.backends.argo.support import SUPPORT
from dagwright.backends.backend import Artifact, Support
from dagwright.backends.features import Feature
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline


class ArgoBackend:
    """The backend for Argo Workflows 4."""

    name = "argo"

    def __init__(self) -> None:
        self._last: tuple[Pipeline, Printed] | None = None

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        """The support of all features, the same for every accepted version."""
        return SUPPORT

    def check(self, pipeline: Pipeline, report: Report) -> None:
        """Report the parts of a pipeline that a manifest cannot contain."""
        check_pipeline(pipeline, report, self._printed)

    def explain_partition(self, pipeline: Pipeline) -> tuple[str, ...]:
        """The parts and the objects of the manifest, with the reasons for them."""
        from dagwright.backends.argo.explain import explain_partition

        return explain_partition(pipeline)

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        """`argo/<name>.yaml`."""
        return (Artifact(f"argo/{pipeline.name}.yaml", self._printed(pipeline).text),)

    def _printed(self, pipeline: Pipeline) -> Printed:
        """The manifest of a pipeline; the last one is cached, since `check` prints large manifests."""
        if self._last is None or self._last[0] is not pipeline:
            self._last = pipeline, printed(pipeline)
        return self._last[1]


BACKEND = ArgoBackend()
