"""The pod of a task is the same on Airflow and on Argo, for every golden with the same values.

Airflow's operator reports the pod it would request; Argo's controller creates its pods. Texts are compared after
expansion by Kubernetes.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from golden_pipelines import pipelines

from dagwright.backends.airflow.backend import BACKEND
from dagwright.backends.airflow.settings import Runtime, settings
from dagwright.backends.argo.settings import settings as argo_settings
from dagwright.ir.data import plain_fields
from dagwright.ir.expr import OutputRef
from dagwright.ir.model import ForEach, Param, Pipeline, TriggerRule
from dagwright.ir.types import Type
from dagwright.meaning.values import canonical, canonical_json
from engines import airflow as engines
from engines import argo_pods, missing
from engines.argo_cluster import NAMESPACE

pytestmark = pytest.mark.engine("airflow-3.3", "argo")

ASK = Path(__file__).with_name("ask_pods.py")
NASTY = "a {{ b }} {{= c }} $(HOME) $$ 'd' \"e\" \\ {% f %} \u00e9\U0001f40d"
VALUES: dict[Type, Any] = {
    Type.STRING: NASTY,
    Type.INTEGER: 7,
    Type.NUMBER: 2.5,
    Type.BOOLEAN: True,
    Type.JSON: {"a": [1, NASTY], "k": [1, 2.5]},
}
LIST = ["one", NASTY, 3]
# Labels and variables that the controller and the operator use to find their pods and communicate with them.
THEIRS = re.compile(
    r"workflows\.argoproj\.io/.*|ARGO_.*|DW_LBRACE"
    r"|dag_id|task_id|run_id|map_index|try_number|airflow_.*|kubernetes_pod_operator"
)


def prepared(pipeline: Pipeline) -> Pipeline:
    """The pipeline with every task in a pod, with the same image, account and namespace, and without conditions."""
    kubernetes = replace(
        settings(pipeline),
        runtime=Runtime.KUBERNETES,
        artifacts_volume_claim="claim",
        namespace=NAMESPACE,
        service_account="runner",
    )
    workflows = replace(
        argo_settings(pipeline),
        image="busybox",
        namespace=NAMESPACE,
        service_account="runner",
        artifact_repository=None,
    )

    def always(tasks: Any) -> Any:
        rule = TriggerRule.ALL_SUCCESS
        return tuple(replace(t, image=t.image or "busybox", when=None, trigger_rule=rule) for t in tasks)

    return replace(
        pipeline,
        tasks=always(pipeline.tasks),
        finally_tasks=always(pipeline.finally_tasks),
        targets=pipeline.targets.replace("airflow", kubernetes).replace("argo", workflows),
    )


def outputs_of(pipeline: Pipeline) -> dict[str, dict[str, str]]:
    """The text of every output; a list if a task loops over it; for an artifact a path."""
    loops = {
        (t.fan_out.source.task, t.fan_out.source.output)
        for t in pipeline.all_tasks
        if isinstance(t.fan_out, ForEach) and isinstance(t.fan_out.source, OutputRef)
    }

    def text(task: str, output: Any) -> str:
        if output.type.is_artifact:
            return f"at/{task}/{output.filename}"
        value = LIST if (task, output.name) in loops and output.type is Type.JSON else VALUES[output.type]
        return value if output.type is Type.STRING else canonical(value)

    return {task.name: {output.name: text(task.name, output) for output in task.outputs} for task in pipeline.all_tasks}


def params_of(pipeline: Pipeline) -> dict[str, Any]:
    """The params of a run."""
    return {param.name: value_of(param) for param in pipeline.params}


def value_of(param: Param) -> Any:
    if param.enum:
        return param.enum[-1].value
    bounded = param.min_length is not None or param.max_length is not None
    if param.default is not None and (param.type is not Type.STRING or bounded):
        return param.default.value
    return VALUES[param.type]


def on_airflow(pod: Mapping[str, Any]) -> dict[str, Any]:
    container = container_of(pod, "base")
    return seen(pod, container, [*container["command"], *container.get("args", [])])


def on_argo(pod: Mapping[str, Any]) -> dict[str, Any]:
    """The comparable pod of Argo: its command follows the command of Argo's executor, which runs it."""
    container = container_of(pod, "main")
    argv = [*container["command"], *container.get("args", [])]
    return seen(pod, container, argv[argv.index("--") + 1 :])


def container_of(pod: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(container for container in pod["spec"]["containers"] if container["name"] == name)


def seen(pod: Mapping[str, Any], container: Mapping[str, Any], argv: list[str]) -> dict[str, Any]:
    """The comparable parts of a pod."""
    spec, env = pod["spec"], expanded(container)
    return {
        "argv": [expand(text, env) for text in argv],
        "env": theirs_left_out(env),
        "secrets": {v["name"]: ref for v in container["env"] if (ref := v.get("valueFrom", {}).get("secretKeyRef"))},
        "image": container["image"],
        "resources": amounts(container.get("resources") or {}),
        "workdir": container.get("workingDir"),
        "deadline": spec.get("activeDeadlineSeconds"),
        "grace": spec["terminationGracePeriodSeconds"],
        "service links": spec["enableServiceLinks"],
        "account": spec["serviceAccountName"],
        "place": pod["metadata"]["namespace"],
        "labels": theirs_left_out(pod["metadata"]["labels"]),
        "mounts": {above[:3] for m in container["volumeMounts"] if (above := Path(m["mountPath"]).parts)[1] == "dw"},
    }  # fmt: skip


def theirs_left_out(found: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in found.items() if not THEIRS.fullmatch(name)}


def expanded(container: Mapping[str, Any]) -> dict[str, str]:
    """The text variables of a container, each expanded with the variables before it."""
    env: dict[str, str] = {}
    for variable in container["env"]:
        if "valueFrom" not in variable:
            env[variable["name"]] = expand(variable.get("value", ""), env)
    return env


def expand(text: str, env: Mapping[str, str]) -> str:
    """The text after Kubernetes' expansion of `$(NAME)` and `$$`."""
    return re.sub(r"\$\$|\$\(([^)]*)\)", lambda f: "$" if f[0] == "$$" else env.get(f[1], f[0]), text)


def amounts(resources: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Resources as stored by the API server: a limit is a request too, and cores are written in thousandths."""
    limits = resources.get("limits", {})
    found = {"limits": limits, "requests": {**limits, **resources.get("requests", {})}}
    return {kind: {n: cores(text) if n == "cpu" else text for n, text in some.items()} for kind, some in found.items()}


def cores(text: str) -> str:
    return text if text.endswith("m") else f"{float(text) * 1000:g}m"


def differences(airflows: Mapping[str, Any], argos: Mapping[str, Any]) -> list[str]:
    return [f"{k}: {airflows[k]!r} on Airflow, {argos[k]!r} on Argo" for k in argos if airflows[k] != argos[k]]


@pytest.fixture(scope="module")
def goldens() -> dict[str, Pipeline]:
    return {name: prepared(pipeline) for name, pipeline in pipelines().items()}


@pytest.fixture(scope="module")
def made_by_argo(goldens: dict[str, Pipeline], tmp_path_factory: pytest.TempPathFactory) -> dict[str, argo_pods.Run]:
    """A run of every golden."""
    some = list(goldens.values())
    folder = tmp_path_factory.mktemp("argo")
    try:
        params = [{n: v if isinstance(v, str) else canonical(v) for n, v in params_of(p).items()} for p in some]
        runs = argo_pods.pods_of(some, params, [*map(outputs_of, some)], folder)
    except missing.Unavailable as why:
        missing.skip(why)
    return dict(zip(goldens, runs, strict=True))


@pytest.fixture(scope="module")
def asked_by_airflow(
    goldens: dict[str, Pipeline], made_by_argo: dict[str, argo_pods.Run], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The answers of `ask_pods.py`, by golden, for runs of the same names and times."""
    folder = tmp_path_factory.mktemp("pods")
    questions = []
    for name, pipeline in goldens.items():
        file = folder / f"{name}.py"
        file.write_text(BACKEND.emit(pipeline)[0].text, encoding="utf-8")
        run = {"run": made_by_argo[name].name, "moment": made_by_argo[name].created}
        params = {n: json.loads(canonical_json(value)) for n, value in params_of(pipeline).items()}
        given = {"outputs": outputs_of(pipeline), "params": params}
        questions.append({"file": str(file), "dag_id": pipeline.name, **run, **given})
    try:
        interpreter = engines.python("3.3")
    except engines.Unavailable as why:
        missing.skip(why)
    done = subprocess.run(
        [interpreter, "-P", str(ASK)],
        input=json.dumps(questions),
        env={**engines.environment(folder), "AIRFLOW_CONN_KUBERNETES_DEFAULT": "kubernetes://"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    lines = [line for line in done.stdout.splitlines() if line.startswith("[{")]
    return dict(zip(goldens, map(json.loads, lines), strict=True))


NAMES = sorted(pipelines())


@pytest.mark.parametrize("name", NAMES)
def test_pods_are_the_same(name: str, made_by_argo: dict[str, argo_pods.Run], asked_by_airflow: dict[str, Any]) -> None:
    run = made_by_argo[name]
    assert run.phase == "Succeeded"
    argos = {(found["env"]["DW_TASK"], found["env"]["DW_INDEX"]): found for found in map(on_argo, run.pods)}
    airflows = {(p["task"], p["index"]): p.get("pod") for p in asked_by_airflow[name]}
    assert len(argos) == len(run.pods)
    assert argos.keys() == airflows.keys()
    for key, found in argos.items():
        assert not differences(on_airflow(airflows[key]), found), key


def test_values_are_compared(made_by_argo: dict[str, argo_pods.Run]) -> None:
    """The text with special characters occurs in arguments and variables."""
    pods = [on_argo(pod) for run in made_by_argo.values() for pod in run.pods]
    assert sum(NASTY in [*pod["argv"], *pod["env"].values()] for pod in pods) >= 3


def test_a_patch_for_argo_is_in_every_pod(goldens: dict[str, Pipeline], made_by_argo: dict[str, argo_pods.Run]) -> None:
    """The controller's pods have the values of the golden's `targets.argo.patch`, and its own tolerations."""
    wanted: Any = plain_fields(argo_settings(goldens["targets"]).patch)
    (pod,) = made_by_argo["targets"].pods
    spec = pod["spec"]
    assert spec["nodeSelector"] == wanted["nodeSelector"]
    assert wanted["tolerations"][0] in spec["tolerations"]
    assert spec["imagePullSecrets"] == wanted["imagePullSecrets"]
    assert spec["securityContext"] == wanted["securityContext"]
    assert spec["dnsPolicy"] == wanted["dnsPolicy"]
    assert spec["hostAliases"] == wanted["hostAliases"]
    assert wanted["podMetadata"]["annotations"].items() <= pod["metadata"]["annotations"].items()
    others = [pod["spec"] for name, run in made_by_argo.items() if name != "targets" for pod in run.pods]
    assert others
    assert not [found for found in others if "nodeSelector" in found or "hostAliases" in found]
