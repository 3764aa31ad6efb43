"""The Argo Workflows backend: one manifest a pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from dagwright.backends.argo.divided import divided
from dagwright.backends.argo.manifest import manifest
from dagwright.backends.argo.table import SUPPORT
from dagwright.backends.argo.verify import verify
from dagwright.backends.support import Artifact, Feature, Support
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.printing.yaml import documents


class ArgoBackend:
    """Prints pipelines for Argo Workflows 4."""

    name = "argo"

    def support(self, pipeline: Pipeline | None) -> Mapping[Feature, Support]:
        """The same for every version that is accepted."""
        return SUPPORT

    def check(self, pipeline: Pipeline, report: Report) -> None:
        """Report what a manifest cannot hold of this pipeline."""
        verify(pipeline, report)

    def divided(self, pipeline: Pipeline) -> tuple[str, ...]:
        """Where the manifest is cut, and why."""
        return divided(pipeline)

    def emit(self, pipeline: Pipeline) -> tuple[Artifact, ...]:
        """`argo/<name>.yaml`."""
        return (Artifact(f"argo/{pipeline.name}.yaml", documents(manifest(pipeline))),)


BACKEND = ArgoBackend()
