"""Creates the objects of files on the API server of KUBECONFIG, Workflows suspended, and prints each refusal.

`testbed up -- python argo_create.py FILE…`: a JSON object a line, `{"file", "kind", "error"}`. Unknown fields are
errors.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.request
from base64 import b64decode
from pathlib import Path
from typing import Any

import yaml

PLURALS = {"Workflow": "workflows", "WorkflowTemplate": "workflowtemplates", "CronWorkflow": "cronworkflows"}


def main() -> int:
    text = Path(os.environ["KUBECONFIG"]).read_text(encoding="utf-8")
    server, authority, token = (
        found[1]
        for word in ("server", "certificate-authority-data", "token")
        if (found := re.search(rf"^\s*{word}: (\S+)$", text, re.MULTILINE))
    )
    trusted = ssl.create_default_context(cadata=b64decode(authority).decode("ascii"))
    for file in sys.argv[1:]:
        for found in yaml.load_all(Path(file).read_text(encoding="utf-8"), yaml.CSafeLoader):
            print(json.dumps({"file": file, "kind": found["kind"], "error": create(server, token, trusted, found)}))
    return 0


def create(server: str, token: str, trusted: ssl.SSLContext, found: dict[str, Any]) -> str | None:
    """Why the object is refused, if it is."""
    found["metadata"].pop("namespace", None)
    if found["kind"] != "WorkflowTemplate":
        found["spec"]["suspend"] = True
    path = f"/apis/{found['apiVersion']}/namespaces/argo/{PLURALS[found['kind']]}?fieldValidation=Strict"
    request = urllib.request.Request(
        server + path,
        data=json.dumps(found).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, context=trusted, timeout=120):
            return None
    except urllib.error.HTTPError as error:
        return error.read().decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
