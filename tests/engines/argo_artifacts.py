"""Runs a command inside a cluster of the testbed and then copies what lies in its artifact store into a folder.

`testbed up -- python argo_artifacts.py FOLDER COMMAND…`: the store ends with the cluster. Standard library only.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

CONFIGURATION = "/api/v1/namespaces/argo/configmaps/workflow-controller-configmap"
BUCKET = "artifacts"
XML = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def main() -> int:
    folder, command = Path(sys.argv[1]), sys.argv[2:]
    code = subprocess.run(command, check=False).returncode
    store = f"http://{endpoint()}/{BUCKET}"
    for key in keys(store):
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with urllib.request.urlopen(f"{store}/{urllib.parse.quote(key)}", timeout=60) as answer:
            path.write_bytes(answer.read())
    return code


def endpoint() -> str:
    """Host and port of the store, as the controller was told."""
    text = Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8")
    server, authority, token = (
        found[1]
        for word in ("server", "certificate-authority-data", "token")
        if (found := re.search(rf"^\s*{word}: (\S+)$", text, re.MULTILINE))
    )
    trusted = ssl.create_default_context(cadata=b64decode(authority).decode("ascii"))
    request = urllib.request.Request(server + CONFIGURATION, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, context=trusted, timeout=60) as answer:
        repository = json.load(answer)["data"]["artifactRepository"]
    found = re.search(r"endpoint: (\S+)", repository)
    assert found is not None, repository
    return found[1]


def keys(store: str) -> Iterator[str]:
    """The keys of everything that lies in the store."""
    marker = ""
    while True:
        with urllib.request.urlopen(f"{store}?marker={urllib.parse.quote(marker)}", timeout=60) as answer:
            listing = ElementTree.fromstring(answer.read())
        found = [entry.findtext(f"{XML}Key") or "" for entry in listing.iter(f"{XML}Contents")]
        yield from (key for key in found if key and not key.endswith("/"))
        if listing.findtext(f"{XML}IsTruncated") != "true" or not found:
            return
        marker = found[-1]


if __name__ == "__main__":
    sys.exit(main())
