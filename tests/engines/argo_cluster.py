"""A running cluster of the testbed, with a small client for tests."""

from __future__ import annotations

import base64
import json
import os
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from .argo_testbed import only_cluster, program
from .processes import owned

NAMESPACE = "argo"
GROUP = "/apis/argoproj.io/v1alpha1"
CORE = "/api/v1"
START = 240


class Refused(Exception):  # noqa: N818 - an answer of the server
    """Raised when the API server refuses a request; the text is its answer."""


@dataclass(frozen=True)
class Cluster:
    """The API server of a running testbed, with one namespace. The default API group is Argo's."""

    server: str
    token: str
    trust: ssl.SSLContext
    kubeconfig: Path

    def create(self, found: Mapping[str, Any], group: str = GROUP) -> dict[str, Any]:
        """Create an object; an unknown field is refused."""
        return self._ask("POST", f"{plural(found['kind'])}?fieldValidation=Strict", found, group=group)

    def delete(self, kind: str, name: str, grace: int, group: str = GROUP) -> None:
        """Delete an object, with a grace period in seconds."""
        self._ask("DELETE", f"{plural(kind)}/{name}?gracePeriodSeconds={grace}", group=group)

    def log(self, pod: str, container: str, **query: object) -> str:
        """The output of a container, as shown by `kubectl logs`."""
        return self._send("GET", f"pods/{pod}/log?{urlencode({'container': container, **query})}", group=CORE).decode()

    def patch(self, kind: str, name: str, change: Mapping[str, Any]) -> dict[str, Any]:
        return self._ask(
            "PATCH", f"{plural(kind)}/{name}?fieldValidation=Strict", change, "application/merge-patch+json"
        )

    def get(self, kind: str, name: str, group: str = GROUP) -> dict[str, Any]:
        return self._ask("GET", f"{plural(kind)}/{name}", group=group)

    def list(self, kind: str, group: str = GROUP) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._ask("GET", plural(kind), group=group)["items"]
        return found

    def _ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content: str = "application/json",
        group: str = GROUP,
    ) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._send(method, path, body, content, group))
        return found

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        content: str = "application/json",
        group: str = GROUP,
    ) -> bytes:
        request = urllib.request.Request(
            f"{self.server}{group}/namespaces/{NAMESPACE}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": content, "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.trust) as answer:
                found: bytes = answer.read()
                return found
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(json.load(error)["message"]) from None


def plural(kind: str) -> str:
    return kind.lower() + "s"


@contextmanager
def cluster(folder: Path, stand_in: Path | None = None) -> Iterator[Cluster]:
    """A cluster stored in a folder, which ends with the block. Raises Unavailable.

    `stand_in` is a program that replaces the commands of all Workflows.
    """
    environment = {**os.environ, **({"TESTBED_STAND_IN": str(stand_in)} if stand_in else {})}
    with only_cluster(), tempfile.TemporaryFile("w+") as log:
        command = [str(program()), "up", "--dir", str(folder)]
        with owned(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment) as child:
            wait_until_ready(child, log)
            yield client(folder / "kubeconfig")
            assert child.poll() is None, ended(folder, log)


def wait_until_ready(child: subprocess.Popen[bytes], log: Any) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        log.seek(0)
        text = log.read()
        if "ready:" in text:
            return
        assert child.poll() is None, text
        time.sleep(0.2)
    raise AssertionError(f"no cluster after {START} s: {text}")


def ended(folder: Path, log: Any) -> str:
    """The last log lines of a cluster that ended by itself, and of its servers."""
    log.seek(0)
    words = [log.read(), *(file.read_text(errors="replace") for file in sorted(folder.glob("*.log")))]
    return "\n".join(text[-1000:] for text in words)


def client(kubeconfig: Path) -> Cluster:
    told = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
    to, user = told["clusters"][0]["cluster"], told["users"][0]["user"]
    authority = base64.b64decode(to["certificate-authority-data"]).decode()
    return Cluster(to["server"], user["token"], ssl.create_default_context(cadata=authority), kubeconfig)
