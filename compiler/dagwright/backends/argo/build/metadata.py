"""Labels and annotations of pods and workflows."""

from __future__ import annotations

from collections.abc import Mapping

from dagwright.printing.yaml import Data

DESCRIPTION = "workflows.argoproj.io/description"
OWNER = "dagwright.dev/owner"
DIGEST = "dagwright.dev/spec-sha256"


def metadata(labels: Mapping[str, str], description: str) -> dict[str, Data]:
    """The `metadata` of a template: the labels and annotations of its pods."""
    found: dict[str, Data] = {}
    if labels:
        found["labels"] = dict(labels)
    if description:
        found["annotations"] = {DESCRIPTION: without_tags(description)}
    return {"metadata": found} if found else {}


def without_tags(description: str) -> str:
    """A description without tags, for a place where Argo replaces tags."""
    return description.replace("{{", "{ {")
