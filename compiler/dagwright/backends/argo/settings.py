"""`targets.argo`: the settings, and their readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from dagwright.backends.settings import (
    Reader,
    read_number,
    read_settings,
    read_text,
    read_version,
    settings_of,
)
from dagwright.diagnostics.model import Report
from dagwright.ir.data import Fields
from dagwright.ir.model import Pipeline
from dagwright.lower.data import fields
from dagwright.lower.names import child, text
from dagwright.lower.scalars import duration
from dagwright.source.span import NOWHERE, Span
from dagwright.source.tree import Node


@dataclass(frozen=True, slots=True)
class ArgoSettings:
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


def _repository(node: Node, _: Report) -> tuple[str, str]:
    return text(child(node, "config_map")), text(child(node, "key"))


_READERS: dict[str, Reader] = {
    "version": read_version,
    "image": read_text,
    "image_pull_policy": read_text,
    "namespace": read_text,
    "service_account": read_text,
    "artifact_repository": _repository,
    "parallelism": read_number,
    "ttl": duration,
    "patch": lambda node, _: fields(node),
}


def settings(pipeline: Pipeline) -> ArgoSettings:
    """The settings of a pipeline, or the defaults."""
    return settings_of(pipeline, "argo", ArgoSettings)


def read(node: Node, report: Report) -> ArgoSettings:
    """The settings of a valid `targets.argo`."""
    return ArgoSettings(**read_settings(node, _READERS, report))
