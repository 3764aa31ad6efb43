"""The pod that a task asks for is the same on Airflow and on Argo: for every golden, after the same values were put in.

Image, resources, secrets, labels, deadline, grace and place are compared as they stand; arguments and environment after
both engines' references were resolved and Kubernetes has expanded them; of artifacts, where they are mounted.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from argo_pods import Manifest, expand
from golden_pipelines import pipelines

from dagwright.backends import airflow, argo
from dagwright.backends.support import walk
from dagwright.ir.expr import OutputRef, ParamRef
from dagwright.ir.model import ForEach, Param, Pipeline
from dagwright.ir.targets import Runtime
from dagwright.ir.types import Type
from dagwright.runtime.values import canonical
from engines import airflow as engines
from engines import golang, missing

ASK = Path(__file__).with_name("ask_pods.py")
EXPRLANG = Path(__file__).resolve().parent.parent / "expressions" / "exprlang"
NASTY = "a {{ b }} {{= c }} $(HOME) $$ 'd' \"e\" \\ {% f %} \u00e9\U0001f40d"
VALUES: dict[Type, Any] = {
    Type.STRING: NASTY,
    Type.INTEGER: 7,
    Type.NUMBER: 2.5,
    Type.BOOLEAN: True,
    Type.JSON: {"a": [1, NASTY], "k": [1, 2.5]},
}
LIST = ["one", NASTY, 3]
NOT_COMPARED = {"DW_LBRACE", "DW_RUN_ID"}  # Argo's own means, and the name of the run


def prepared(pipeline: Pipeline) -> Pipeline:
    """Every task in a pod of the same image, account and place on both engines."""
    kubernetes = replace(
        pipeline.targets.airflow,
        runtime=Runtime.KUBERNETES,
        artifacts_volume_claim="claim",
        namespace="ml",
        service_account="runner",
    )
    workflows = replace(pipeline.targets.argo, image="busybox", namespace="ml", service_account="runner")

    def with_image(tasks: Any) -> Any:
        return tuple(replace(task, image=task.image or "busybox") for task in tasks)

    return replace(
        pipeline,
        tasks=with_image(pipeline.tasks),
        finally_tasks=with_image(pipeline.finally_tasks),
        targets=replace(pipeline.targets, airflow=kubernetes, argo=workflows),
    )


def outputs_of(pipeline: Pipeline) -> dict[str, dict[str, str]]:
    """The text of every output; a list where somebody loops over it; of an artifact a path."""
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
    """What a run is given. What a condition reads keeps its default: the texts of a task that Argo skips are empty."""
    conditions = [task.when for task in pipeline.all_tasks if task.when is not None]
    read = {part.name for root in conditions for part in walk(root) if isinstance(part, ParamRef)}
    return {param.name: value_of(param, keep=param.name in read) for param in pipeline.params}


def value_of(param: Param, *, keep: bool) -> Any:
    bounded = param.enum or param.min_length is not None or param.max_length is not None
    if param.default is not None and (param.type is not Type.STRING or bounded or keep):
        return param.default.value
    return VALUES[param.type]


def on_airflow(found: Mapping[str, Any]) -> dict[str, Any]:
    """The comparable parts of a pod that the operator asks for."""
    spec = found["pod"]["spec"]
    container = next(c for c in spec["containers"] if c["name"] == "base")
    plain = {v["name"]: v["value"] for v in container["env"] if "valueFrom" not in v}
    env = {name: expand(text, plain) for name, text in plain.items()}
    return {
        "argv": [expand(text, env) for text in [*container["command"], *container.get("args", [])]],
        "env": {name: text for name, text in env.items() if name not in NOT_COMPARED},
        "secrets": {
            v["name"]: v["valueFrom"]["secretKeyRef"] for v in container["env"] if "valueFrom" in v
        },
        "image": container["image"],
        "resources": container.get("resources") or {},
        "workdir": container.get("workingDir"),
        "deadline": spec.get("activeDeadlineSeconds"),
        "grace": spec["terminationGracePeriodSeconds"],
        "service links": spec["enableServiceLinks"],
        "account": spec["serviceAccountName"],
        "place": found["pod"]["metadata"]["namespace"],
        "labels": found["pod"]["metadata"]["labels"],
        "mounts": sorted(m["mountPath"] for m in container["volumeMounts"] if m["mountPath"].startswith("/dw")),
    }  # fmt: skip


def on_argo(found: Mapping[str, Any], spec: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The comparable parts of a pod that the manifest asks for."""
    template = found["template"]
    container = template["container"]
    patch = json.loads(spec["podSpecPatch"]) | json.loads(template.get("podSpecPatch", "{}"))
    artifacts = [given["path"] for given in template.get("inputs", {}).get("artifacts", ())]
    return {
        "argv": found["argv"],
        "env": {name: text for name, text in found["env"].items() if name not in NOT_COMPARED},
        "secrets": found["secrets"],
        "image": container["image"],
        "resources": container.get("resources") or {},
        "workdir": container.get("workingDir"),
        "deadline": template.get("activeDeadlineSeconds"),
        "grace": patch["terminationGracePeriodSeconds"],
        "service links": patch["enableServiceLinks"],
        "account": spec["serviceAccountName"],
        "place": place,
        "labels": {**spec.get("podMetadata", {}).get("labels", {}), **template.get("metadata", {}).get("labels", {})},
        "mounts": sorted([*(m["mountPath"] for m in container["volumeMounts"]), *artifacts]),
    }


def differences(airflows: Mapping[str, Any], argos: Mapping[str, Any]) -> list[str]:
    """Where two pods differ. The operator adds labels of its own, and mounts every artifact of a fan-out by itself."""
    found = dict(airflows)
    found["labels"] = {key: value for key, value in airflows["labels"].items() if key in argos["labels"]}
    folders = {path for path in argos["mounts"] if path.startswith("/dw/in/")}
    found["mounts"] = sorted({p if p in argos["mounts"] else str(Path(p).parent) for p in airflows["mounts"]})
    assert len(found["mounts"]) >= len(folders)
    return [f"{key}: {found[key]!r} on Airflow, {argos[key]!r} on Argo" for key in argos if found[key] != argos[key]]


@pytest.fixture(scope="module")
def goldens() -> dict[str, Pipeline]:
    return {name: prepared(pipeline) for name, pipeline in pipelines().items()}


@pytest.fixture(scope="module")
def asked_by_airflow(goldens: dict[str, Pipeline], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answers of `ask_pods.py`, by golden."""
    folder = tmp_path_factory.mktemp("pods")
    questions = []
    for name, pipeline in goldens.items():
        file = folder / f"{name}.py"
        file.write_text(airflow.BACKEND.emit(pipeline)[0].text, encoding="utf-8")
        given = {"outputs": outputs_of(pipeline), "params": params_of(pipeline)}
        questions.append({"file": str(file), "dag_id": pipeline.name, **given})
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


@pytest.fixture(scope="module")
def exprlang() -> Iterator[Any]:
    """Evaluates expressions with the roots that Argo has."""
    try:
        program = golang.build(EXPRLANG)
    except missing.Unavailable as why:
        missing.skip(why)
    with subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def evaluate(expression: str, roots: Mapping[str, Any]) -> dict[str, Any]:
            assert process.stdin is not None
            assert process.stdout is not None
            more = {name: value for name, value in roots.items() if name not in ("tasks", "workflow")}
            question = {"expression": expression, "tasks": roots["tasks"], "workflow": roots["workflow"], "more": more}
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        yield evaluate


NAMES = sorted(pipelines())


@pytest.mark.parametrize("name", NAMES)
def test_pods_are_the_same(
    name: str, goldens: dict[str, Pipeline], asked_by_airflow: dict[str, Any], exprlang: Any
) -> None:
    pipeline = goldens[name]
    objects = list(yaml.safe_load_all(argo.BACKEND.emit(pipeline)[0].text))
    texts = {key: value if isinstance(value, str) else canonical(value) for key, value in params_of(pipeline).items()}
    manifest = Manifest(objects, outputs_of(pipeline), texts, exprlang)
    made = [found for found in manifest.run() if found.get("template") and isinstance(found["template"], dict)]
    argos = {(p["env"]["DW_TASK"], p["env"]["DW_INDEX"]): p for p in made}
    airflows = {(p["task"], p["index"]): p for p in asked_by_airflow[name]}
    failing = {key for key, found in airflows.items() if "error" in found}
    assert argos.keys() == airflows.keys() - failing
    place = objects[-1]["metadata"]["namespace"]
    for key, found in argos.items():
        assert not differences(on_airflow(airflows[key]), on_argo(found, manifest.spec, place)), key


def test_values_are_compared(asked_by_airflow: dict[str, Any]) -> None:
    """No expression of the goldens fails, and the nasty text has reached arguments and variables at all."""
    pods = [found for found in asked_by_airflow.values() for found in found]
    assert [found for found in pods if "error" in found] == []
    assert sum(NASTY in [*on_airflow(found)["argv"], *on_airflow(found)["env"].values()] for found in pods) >= 4
