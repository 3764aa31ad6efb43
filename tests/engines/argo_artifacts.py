"""Copies the artifact store of a cluster, which ends with the cluster, into a folder."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from .argo_cluster import CORE, Cluster

BUCKET = "artifacts"
XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def keep_artifacts(there: Cluster, folder: Path) -> None:
    """Write every artifact to a file named by its key."""
    store = f"http://{endpoint(there)}/{BUCKET}"
    for key in keys(store):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(f"{store}/{urllib.parse.quote(key)}", timeout=60) as answer:
            path.write_bytes(answer.read())


def endpoint(there: Cluster) -> str:
    """The host and port of the store, from the controller's configuration."""
    repository = there.get("ConfigMap", "workflow-controller-configmap", CORE)["data"]["artifactRepository"]
    found = re.search(r"endpoint: (\S+)", repository)
    assert found is not None, repository
    return found[1]


def keys(store: str) -> Iterator[str]:
    """The keys of all objects in the store."""
    marker = ""
    while True:
        with urllib.request.urlopen(f"{store}?marker={urllib.parse.quote(marker)}", timeout=60) as answer:
            listing = ElementTree.fromstring(answer.read())
        found = [entry.findtext(f"{XML}Key") or "" for entry in listing.iter(f"{XML}Contents")]
        yield from (key for key in found if key and not key.endswith("/"))
        if listing.findtext(f"{XML}IsTruncated") != "true" or not found:
            return
        marker = found[-1]
