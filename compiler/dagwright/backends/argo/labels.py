"""Labels and annotations of pods and workflows."""

from __future__ import annotations

import re

from dagwright.printing.yaml import Data

_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?").fullmatch
_KEY = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?"
).fullmatch

DESCRIPTION = "workflows.argoproj.io/description"
OWNER = "dagwright.dev/owner"
DIGEST = "dagwright.dev/spec-sha256"


def is_key(text: str) -> bool:
    """Whether Kubernetes takes the text as the key of a label or an annotation."""
    return bool(_KEY(text))


def split(labels: tuple[tuple[str, str], ...]) -> tuple[dict[str, Data], dict[str, Data]]:
    """Labels that Kubernetes takes as labels, and those whose values only an annotation can hold."""
    kept: dict[str, Data] = {key: value for key, value in labels if _LABEL_VALUE(value)}
    return kept, {key: value for key, value in labels if key not in kept}


def metadata(labels: tuple[tuple[str, str], ...], description: str) -> dict[str, Data]:
    """The `metadata` of a template: what its pods are labelled with."""
    kept, annotations = split(labels)
    if description:
        annotations[DESCRIPTION] = description.replace("{{", "{ {")
    found: dict[str, Data] = {}
    if kept:
        found["labels"] = kept
    if annotations:
        found["annotations"] = annotations
    return {"metadata": found} if found else {}
