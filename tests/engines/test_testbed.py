"""The testbed's own kubelet: plain pods on one cluster, most of which end within a second."""

from __future__ import annotations

import base64
import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from engines.argo_cluster import CORE, Cluster, Refused, cluster
from engines.missing import Unavailable, skip

pytestmark = pytest.mark.engine("argo")

LIMIT = 30  # seconds for a step that takes one second, on a busy machine
STAND_IN = "#!/bin/sh\necho stood in for: $*\n"
SLEEP = "while :; do sleep 0.02; done"
Pod = Mapping[str, Any]


@dataclass(frozen=True)
class Testbed:
    """A cluster and its folder."""

    __test__ = False
    api: Cluster
    folder: Path
    names: Iterator[str] = field(default_factory=lambda: map("pod-{}".format, itertools.count()))

    def start(self, *containers: Mapping[str, Any], **spec: Any) -> str:
        """Create a pod, and return its name. Containers without a name are called c0, c1, …"""
        name = next(self.names)
        self.create_pod(name, *containers, **spec)
        return name

    def create_pod(self, name: str, *containers: Mapping[str, Any], **spec: Any) -> None:
        parts = {"containers": named("c", containers), "restartPolicy": "Never", **spec}
        parts["initContainers"] = named("i", spec.get("initContainers", ()))
        self.create("Pod", name, spec=parts)

    def run(self, *containers: Mapping[str, Any], **spec: Any) -> Pod:
        """Run a pod to its end."""
        return self.ended(self.start(*containers, **spec))

    def ended(self, name: str) -> Pod:
        wait(f"the end of {name}", lambda: self.pod(name)["status"]["phase"] in ("Succeeded", "Failed"))
        return self.pod(name)

    def pod(self, name: str) -> Pod:
        return self.api.get("Pod", name, CORE)

    def create(self, kind: str, name: str, **parts: Any) -> None:
        self.api.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **parts}, CORE)

    def there(self, name: str) -> bool:
        try:
            self.pod(name)
        except Refused as why:
            if "not found" not in str(why):
                raise
            return False
        return True

    def own(self, pod: Pod) -> Path:
        """The kubelet's folder for a pod."""
        return self.folder / "pods" / str(pod["metadata"]["uid"])

    def empty_dirs(self, pod: Pod) -> list[Path]:
        """The folders of a pod's `emptyDir` volumes: in memory, or beside the cluster."""
        uid = pod["metadata"]["uid"]
        return [found for place in (Path("/dev/shm"), self.folder) for found in place.glob(f"testbed-*/{uid}")]

    def lines(self, pod: Pod, container: str = "c0") -> list[str]:
        return self.api.log(pod["metadata"]["name"], container).splitlines()


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Testbed]:
    folder = tmp_path_factory.mktemp("testbed")
    stand_in = folder / "stand-in"
    stand_in.write_text(STAND_IN, encoding="utf-8")
    stand_in.chmod(0o755)
    try:
        with cluster(folder / "cluster", stand_in) as found:
            yield Testbed(found, folder / "cluster")
    except Unavailable as why:
        skip(why)


def named(letter: str, containers: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": f"{letter}{at}", "image": "any", **container} for at, container in enumerate(containers)]


def shell(script: str, **parts: Any) -> dict[str, Any]:
    return {"command": ["sh", "-c", script], **parts}


def mounted(path: str, **parts: Any) -> list[dict[str, Any]]:
    return [{"name": "it", "mountPath": path, **parts}]


def wait(what: str, met: Callable[[], bool]) -> float:
    """Wait until a condition holds, and return the waiting time."""
    start = time.monotonic()
    while not met():
        assert time.monotonic() < start + LIMIT, f"not seen in {LIMIT} s: {what}"
        time.sleep(0.03)
    return time.monotonic() - start


def ends(pod: Pod, kind: str = "containerStatuses") -> list[tuple[int, str]]:
    """The exit code and reason of every container."""
    states = [status["state"]["terminated"] for status in pod["status"][kind]]
    return [(state["exitCode"], state["reason"]) for state in states]


def message(pod: Pod) -> str:
    text: str = pod["status"]["containerStatuses"][0]["state"]["terminated"].get("message", "")
    return text


@pytest.mark.parametrize(
    ("containers", "phase", "found"),
    [
        ([shell("exit 0")], "Succeeded", [(0, "Completed")]),
        ([shell("exit 3")], "Failed", [(3, "Error")]),
        ([shell("sh -c 'kill -KILL $$$$'")], "Failed", [(137, "Error")]),
        ([{"command": ["no-such-command-here"]}], "Failed", [(128, "StartError")]),
        ([{"args": ["echo"]}], "Failed", [(128, "CreateContainerConfigError")]),
        ([shell("sleep 0.2"), shell("exit 0")], "Succeeded", [(0, "Completed"), (0, "Completed")]),
        ([shell("exit 3"), shell("sleep 0.2")], "Failed", [(3, "Error"), (0, "Completed")]),
        ([{"command": ["no-such-command-here"]}, shell("")], "Failed", [(128, "StartError"), (0, "Completed")]),
    ],
    ids=["good", "bad", "killed", "no such command", "no command", "two", "two, one bad", "two, one not started"],
)
def test_ends(on: Testbed, containers: list[dict[str, Any]], phase: str, found: list[tuple[int, str]]) -> None:
    pod = on.run(*containers)
    assert (pod["status"]["phase"], ends(pod)) == (phase, found)
    assert "reason" not in pod["status"]
    assert pod["spec"]["nodeName"] == "testbed"


def test_running(on: Testbed) -> None:
    name = on.start(shell("sleep 0.5"), shell("exit 0"))
    wait(f"{name} half done", lambda: states(on.pod(name)) == ["running", "terminated"])
    assert on.pod(name)["status"]["phase"] == "Running"
    assert states(on.ended(name)) == ["terminated", "terminated"]


def states(pod: Pod) -> list[str]:
    return [state for status in pod["status"].get("containerStatuses", ()) for state in status["state"]]


@pytest.mark.parametrize(
    ("container", "found"),
    [
        (shell("printf told > /dev/termination-log; exit 1"), "told"),
        (shell("printf told > /tmp/why", terminationMessagePath="/tmp/why"), "told"),
        (shell("head -c 5000 /dev/zero | tr '\\0' x > /dev/termination-log"), "x" * 4096),
        (shell("echo not this"), ""),
        ({"command": ["/no/such/file"]}, 'exec: "/no/such/file": no such executable file'),
    ],
    ids=["file", "other file", "long", "none", "not started"],
)
def test_termination_message(on: Testbed, container: dict[str, Any], found: str) -> None:
    assert message(on.run(container)) == found


def test_log(on: Testbed) -> None:
    pod = on.run(shell("echo one; echo two >&2; printf three"), shell("echo other"))
    name = pod["metadata"]["name"]
    assert on.api.log(name, "c0") == "one\ntwo\nthree"
    assert on.api.log(name, "c1") == "other\n"
    assert on.api.log(name, "c0", tailLines=1, follow="true").endswith("three")
    stamped = on.api.log(name, "c0", timestamps="true").splitlines()
    assert [re.sub(r"^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z ", "@", line) for line in stamped] == ["@one", "@two", "@three"]


def test_init_containers_run_one_after_the_other(on: Testbed) -> None:
    parts = {"volumeMounts": mounted("/it")}
    pod = on.run(
        shell("cat /it/order", **parts),
        initContainers=[shell("sleep 0.2; echo 0 >> /it/order", **parts), shell("echo 1 >> /it/order", **parts)],
        volumes=[{"name": "it", "emptyDir": {}}],
    )
    assert pod["status"]["phase"] == "Succeeded"
    assert ends(pod, "initContainerStatuses") == [(0, "Completed")] * 2
    assert on.lines(pod) == ["0", "1"]


def test_an_init_container_that_fails_is_the_last(on: Testbed) -> None:
    pod = on.run(shell("exit 0"), initContainers=[shell("exit 4"), shell("exit 0")])
    assert pod["status"]["phase"] == "Failed"
    first, second = pod["status"]["initContainerStatuses"]
    assert first["state"]["terminated"]["exitCode"] == 4
    assert list(second["state"]) == ["waiting"]
    assert states(pod) == ["waiting"]
    assert [path.name for path in on.own(pod).glob("*.log")] == ["i0.log"]


def test_an_empty_dir_is_shared_and_goes_with_the_pod(on: Testbed) -> None:
    await_file = "until [ -e /it/{} ]; do sleep 0.02; done"
    parts = {"volumeMounts": mounted("/it")}
    name = on.start(
        shell(f"echo text > /it/written; {await_file.format('end')}", **parts),
        shell(f"{await_file.format('written')}; cat /it/written; {await_file.format('end')}", **parts),
        volumes=[{"name": "it", "emptyDir": {}}],
    )
    wait(f"both containers of {name}", lambda: states(on.pod(name)) == ["running"] * 2)
    pod = on.pod(name)
    wait("what the second has read", lambda: on.lines(pod, "c1") == ["text"])
    (volumes,) = on.empty_dirs(pod)
    assert (volumes / "it" / "written").read_text(encoding="utf-8") == "text\n"
    (volumes / "it" / "end").touch()
    assert on.ended(name)["status"]["phase"] == "Succeeded"
    wait("the end of the volume", lambda: not on.empty_dirs(pod))
    wait("the end of the files", lambda: not {"boxes", "volumes"} & {path.name for path in on.own(pod).iterdir()})
    assert (on.own(pod) / "c1.log").read_text(encoding="utf-8").endswith(" text\n")
    assert on.lines(pod, "c1") == ["text"]


def test_secret_and_config_map_volumes(on: Testbed) -> None:
    on.create("Secret", "volume", stringData={"one": "1\n", "two": "2\n"})
    on.create("ConfigMap", "volume", data={"a": "A\n"}, binaryData={"b": base64.b64encode(b"B\n").decode()})
    pod = on.run(
        shell(
            "cat /secret/deep/one /all/a /all/b /single; ls /secret /all /none; touch /all/new",
            volumeMounts=[
                {"name": "secret", "mountPath": "/secret"},
                {"name": "all", "mountPath": "/all"},
                {"name": "all", "mountPath": "/single", "subPath": "a"},
                {"name": "none", "mountPath": "/none"},
            ],
        ),
        volumes=[
            {"name": "secret", "secret": {"secretName": "volume", "items": [{"key": "one", "path": "deep/one"}]}},
            {"name": "all", "configMap": {"name": "volume"}},
            {"name": "none", "configMap": {"name": "missing", "optional": True}},
        ],
    )
    read, refusal = on.lines(pod)[:-1], on.lines(pod)[-1]
    assert read == ["1", "A", "B", "A", "/all:", "a", "b", "", "/none:", "", "/secret:", "deep"]
    assert "Read-only" in refusal
    assert ends(pod) == [(1, "Error")]


@pytest.mark.parametrize(
    ("volume", "told"),
    [
        ({"configMap": {"name": "missing"}}, '"missing" not found'),
        ({"secret": {"secretName": "s3", "items": [{"key": "none", "path": "a"}]}}, "non-existent config key: none"),
        ({"nfs": {"server": "a", "path": "/b"}}, "a kind that this testbed does not have"),
    ],
    ids=["object", "key", "kind"],
)
def test_a_volume_that_is_missing(on: Testbed, volume: dict[str, Any], told: str) -> None:
    status = on.run(shell("exit 0", volumeMounts=mounted("/it")), volumes=[{"name": "it", **volume}])["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "FailedMount")
    assert told in status["message"]


def test_a_claim_outlives_a_pod(on: Testbed) -> None:
    parts: dict[str, Any] = {"volumes": [{"name": "it", "persistentVolumeClaim": {"claimName": "claim"}}]}
    on.run(shell("echo text > /it/kept", volumeMounts=mounted("/it")), **parts)
    assert on.lines(on.run(shell("cat /it/kept", volumeMounts=mounted("/it")), **parts)) == ["text"]


def test_environment(on: Testbed) -> None:
    on.create("Secret", "values", stringData={"key": "hidden", "x": "1"})
    on.create("ConfigMap", "values", data={"key": "open"})
    told = {
        "FIRST": {"value": "one"},
        "THEN": {"value": "$(FIRST) and $(CONFIG_key)"},
        "AS_IS": {"value": "$$(FIRST) $FIRST $(NOBODY) $(LATER)"},
        "LATER": {"value": "late"},
        "HIDDEN": {"valueFrom": {"secretKeyRef": {"name": "values", "key": "key"}}},
        "OPEN": {"valueFrom": {"configMapKeyRef": {"name": "values", "key": "key"}}},
        "NONE": {"valueFrom": {"secretKeyRef": {"name": "values", "key": "none", "optional": True}}},
        "POD": {"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
    }
    pod = on.run(
        {
            "command": ["sh", "-c", 'env; echo "argument $*"', "$(FIRST)"],
            "args": ["$(LATER)", "$$(LATER)", "$(NOBODY)"],
            "env": [{"name": name, **value} for name, value in told.items()],
            "envFrom": [{"prefix": "CONFIG_", "configMapRef": {"name": "values"}}, {"secretRef": {"name": "values"}}],
        }
    )
    lines = on.lines(pod)
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    name = pod["metadata"]["name"]
    assert {key: found.get(key) for key in [*told, "CONFIG_key", "x", "HOSTNAME"]} == {
        "FIRST": "one",
        "THEN": "one and open",
        "AS_IS": "$(FIRST) $FIRST $(NOBODY) $(LATER)",
        "LATER": "late",
        "HIDDEN": "hidden",
        "OPEN": "open",
        "NONE": None,
        "POD": name,
        "CONFIG_key": "open",
        "x": "1",
        "HOSTNAME": name,
    }
    assert not [key for key in found if key.startswith("TESTBED")], "nothing of ours comes in"
    assert lines[-1] == "argument late $(LATER) $(NOBODY)"


def test_a_variable_that_is_missing(on: Testbed) -> None:
    wanted = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s3", "key": "none"}}}
    pod = on.run(shell("exit 0", env=[wanted]))
    assert ends(pod) == [(128, "CreateContainerConfigError")]
    assert "s3/none" in message(pod)


@pytest.mark.parametrize(
    ("name", "spec", "seen"),
    [
        ("a" * 63, {}, "a" * 63),
        ("b" * 64, {}, "b" * 63),
        ("c" * 62 + "." + "c" * 5, {}, "c" * 62),
        ("d" * 62 + "-" + "d" * 70, {}, "d" * 62),
        ("e" * 200, {"hostname": "asked-for"}, "asked-for"),
        ("f" * 200, {"hostNetwork": True}, "testbed"),
    ],
    ids=["63", "64", "cut before a dot", "cut before a hyphen", "asked for", "of the node"],
)
def test_host_name(on: Testbed, name: str, spec: dict[str, Any], seen: str) -> None:
    on.create_pod(name, shell("cat /proc/sys/kernel/hostname; echo $HOSTNAME"), **spec)
    assert on.lines(on.ended(name)) == [seen, seen]


def test_no_node_has_room_for_the_longest_names(on: Testbed) -> None:
    name = "a" * 253
    on.create_pod(name, shell("exit 0"))
    wait("its containers", lambda: "containerStatuses" in on.pod(name)["status"])
    time.sleep(0.5)
    status = on.pod(name)["status"]
    (container,) = status["containerStatuses"]
    assert (status["phase"], list(container["state"])) == ("Pending", ["waiting"])
    on.api.delete("Pod", name, 1, CORE)
    wait(f"the end of {name}", lambda: not on.there(name))


@pytest.mark.parametrize(
    ("name", "parts", "refusal"),
    [
        ("a" * 254, {}, "must be no more than 253"),
        ("My-Pod", {}, "lowercase RFC 1123 subdomain"),
        ("a--", {}, "lowercase RFC 1123 subdomain"),
        ("a", {"labels": {"x": "a" * 64}}, "must be no more than 63"),
        ("a", {"hostname": "a" * 64}, "must be no more than 63"),
        ("a", {"hostname": "a.b"}, "spec.hostname"),
        ("a", {"containers": [shell("", name="a" * 64, image="any")]}, "must be no more than 63"),
        ("a", {"volumes": [{"name": "a" * 64, "emptyDir": {}}]}, "must be no more than 63"),
        ("a", {"containers": [shell("", name="a", image="any", env=[{"name": "A=B"}])]}, "env[0].name"),
    ],
    ids=["name", "letters", "end", "label", "host name", "dotted host name", "container", "volume", "variable"],
)
def test_names_that_are_refused(on: Testbed, name: str, parts: dict[str, Any], refusal: str) -> None:
    spec = {"containers": named("c", [shell("")]), "restartPolicy": "Never", **parts}
    metadata = {"name": name, "labels": spec.pop("labels", {})}
    with pytest.raises(Refused, match=re.escape(refusal)):
        on.api.create({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}, CORE)


def test_users_and_processes(on: Testbed) -> None:
    parts = {"securityContext": {"runAsUser": 1234}}
    script = "id -u; [ $$$$ = 1 ] && echo first || echo later"
    pod = on.run(shell(script), shell(script, securityContext={"runAsUser": 2345}), **parts)
    assert [on.lines(pod, name) for name in ("c0", "c1")] == [["1234", "first"], ["2345", "first"]]
    assert on.lines(on.run(shell(script), shareProcessNamespace=True)) == ["0", "later"]


@pytest.mark.parametrize(
    ("script", "found", "seconds"),
    [(f"trap 'exit 7' TERM; {SLEEP}", (7, "Error"), 1), (f"trap '' TERM; {SLEEP}", (137, "Error"), 2)],
    ids=["in order", "killed"],
)
def test_deadline(on: Testbed, script: str, found: tuple[int, str], seconds: int) -> None:
    start = time.monotonic()
    pod = on.run(shell(script), activeDeadlineSeconds=1, terminationGracePeriodSeconds=1)
    assert (pod["status"]["phase"], pod["status"]["reason"]) == ("Failed", "DeadlineExceeded")
    assert ends(pod) == [found]
    assert seconds <= time.monotonic() - start < 15, "it had its time, and only then its grace"


def test_a_deadline_that_is_kept(on: Testbed) -> None:
    status = on.run(shell("exit 0"), activeDeadlineSeconds=1)["status"]
    assert status["phase"] == "Succeeded"
    assert "reason" not in status


def stubborn(on: Testbed, folder: Path, reaction: str) -> str:
    """A running pod with a reaction to TERM; it can write to a folder of the machine, mounted at /it."""
    name = on.start(
        shell(f"trap '{reaction}' TERM; touch /it/ready; {SLEEP}", volumeMounts=mounted("/it")),
        volumes=[{"name": "it", "hostPath": {"path": str(folder)}}],
    )
    wait(f"the start of {name}", (folder / "ready").exists)
    return name


def test_deletion(on: Testbed, tmp_path: Path) -> None:
    name = stubborn(on, tmp_path, "sleep 0.3; touch /it/in-order; exit 0")
    pod = on.pod(name)
    on.api.delete("Pod", name, 20, CORE)
    assert on.pod(name)["metadata"]["deletionGracePeriodSeconds"] == 20
    assert wait(f"the end of {name}", lambda: not on.there(name)) < 15
    assert (tmp_path / "in-order").exists()
    wait("the end of its files", lambda: not on.own(pod).exists())


def test_deletion_after_grace(on: Testbed, tmp_path: Path) -> None:
    name = stubborn(on, tmp_path, "touch /it/asked")
    on.api.delete("Pod", name, 1, CORE)
    took = wait(f"the end of {name}", lambda: not on.there(name))
    assert 0.9 < took < 15
    assert (tmp_path / "asked").exists()


def test_deletion_at_once(on: Testbed, tmp_path: Path) -> None:
    """Immediate deletion also ends a pod with a long grace period, and other pods do not wait."""
    name = stubborn(on, tmp_path, "touch /it/asked")
    pod = on.pod(name)
    on.api.delete("Pod", name, 600, CORE)
    wait("the order to end", (tmp_path / "asked").exists)
    assert on.there(name)
    on.api.delete("Pod", name, 0, CORE)
    assert not on.there(name)
    wait("the end of its files", lambda: not on.own(pod).exists())
    assert on.run(shell("exit 0"))["status"]["phase"] == "Succeeded"


@pytest.mark.parametrize(
    ("container", "found"),
    [
        ({"name": "main", "command": ["env", "--", "echo"], "args": ["a", "--", "b"]}, "stood in for: echo a -- b"),
        ({"name": "main", "command": ["echo", "as it is"]}, "as it is"),
        ({"name": "wait", "command": ["env", "--", "echo", "as it is"]}, "as it is"),
    ],
    ids=["command", "main without command", "other container"],
)
def test_stand_in(on: Testbed, container: dict[str, Any], found: str) -> None:
    pod = on.run(container)
    assert pod["status"]["phase"] == "Succeeded"
    assert on.lines(pod, container["name"]) == [found]
    (made,) = pod["spec"]["containers"]
    assert made["command"] == container["command"], "the pod stays as it was made"
