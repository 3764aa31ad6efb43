"""No field of the IR is dropped: changing only that field changes each backend's artifact.

A field without an effect must be declared: in the capability table (ADVISORY, DEGRADED or UNSUPPORTED), or in
`MEANINGLESS` with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dagwright.backends.airflow.settings import AirflowSettings, Runtime
from dagwright.backends.argo.settings import ArgoSettings
from dagwright.backends.backend import Level
from dagwright.backends.features import Feature
from dagwright.backends.local.settings import LocalSettings
from dagwright.backends.registry import BACKENDS, backend
from dagwright.ir.data import Atom, Entry, Fields
from dagwright.ir.expr import Const, ItemRef, MatrixRef, ParamRef, Text
from dagwright.ir.model import (
    ArtifactInput,
    Command,
    EnvVar,
    ForEach,
    ForEachItems,
    Matrix,
    Output,
    Overlap,
    Param,
    Pipeline,
    Resources,
    Retry,
    Schedule,
    Script,
    Secret,
    Task,
    TriggerRule,
)
from dagwright.ir.targets import Targets
from dagwright.ir.types import Type
from dagwright.schema.rules import document


def integer(n: int) -> Const:
    return Const(Type.INTEGER, n, str(n))


def string(s: str) -> Const:
    return Const(Type.STRING, s, s)


AIRFLOW = AirflowSettings(artifacts_path="/srv/artifacts", artifacts_volume_claim="claim")
ARGO = ArgoSettings(image="busybox")
TARGETS = Targets((("airflow", AIRFLOW), ("argo", ARGO), ("local", LocalSettings())))


def of_airflow(key: str, value: object) -> tuple[tuple[str, Fields], ...]:
    """The settings of a task with one setting of Airflow."""
    entries = [Entry(name, Atom(text)) for name, text in value.items()] if isinstance(value, dict) else []
    given = Fields(tuple(entries)) if entries else Atom(value)  # type: ignore[arg-type]
    return (("airflow", Fields((Entry(key, given),))),)


MADE = Task(
    "made",
    Command((Text(("make",)),)),
    outputs=(Output("rows", Type.INTEGER, "rows", default=integer(0)), Output("data", Type.FILE, "data.csv"),
             Output("rest", Type.FILE, "rest.csv")),
)  # fmt: skip
OTHER = Task("other", Command((Text(("other",)),)), outputs=MADE.outputs)
WORK = Task(
    "work",
    Command((Text(("work", ParamRef("n", Type.INTEGER))), Text(("plain",)))),
    needs=("made", "other"),
    trigger_rule=TriggerRule.NONE_FAILED,
    inputs=(ArtifactInput("data", "made", "data", Type.FILE, "data.csv"),),
    outputs=(Output("auc", Type.NUMBER, "auc"),),
    env=(EnvVar("A", Text(("a",))),),
    secrets=(Secret("TOKEN", "hub", "token"),),
    retry=Retry(3, timedelta(seconds=5), 2, timedelta(minutes=1)),
    timeout=timedelta(seconds=60),
)
PIPELINE = Pipeline(
    "demo",
    "0" * 64,
    (MADE, OTHER, WORK),
    finally_tasks=(Task("last", Command((Text(("last",)),))),),
    params=(Param("n", Type.INTEGER, default=integer(1), minimum=0, maximum=9),
            Param("s", Type.STRING, default=string("abc"), min_length=1, max_length=9,
                  enum=(string("abc"), string("x")))),
    schedule=Schedule("30 4 * * *", "Europe/Berlin"),
    targets=TARGETS,
)  # fmt: skip


def work(**changes: Any) -> Pipeline:
    return replace(PIPELINE, tasks=(MADE, OTHER, replace(WORK, **changes)))


def made(index: int = 0, **changes: Any) -> Pipeline:
    outputs = list(MADE.outputs)
    outputs[index] = replace(outputs[index], **changes)
    return replace(PIPELINE, tasks=(replace(MADE, outputs=tuple(outputs)), OTHER, WORK))


def param(index: int = 0, **changes: Any) -> Pipeline:
    params = list(PIPELINE.params)
    params[index] = replace(params[index], **changes)
    return replace(PIPELINE, params=tuple(params))


def schedule(**changes: Any) -> Pipeline:
    assert PIPELINE.schedule is not None
    return replace(PIPELINE, schedule=replace(PIPELINE.schedule, **changes))


MATRIX = Matrix(("m",), ((string("a"),), (string("b"),)))
PER_ROW = Command((Text(("work", MatrixRef("m", Type.STRING))),))
PER_ITEM = Command((Text(("work", ItemRef(Type.STRING))),))


def fanned(**changes: Any) -> Pipeline:
    return work(**{"action": PER_ROW, "fan_out": MATRIX, **changes})


def items(**changes: Any) -> Pipeline:
    fan_out = ForEachItems((string("a"), string("b")), Type.STRING)
    return work(action=PER_ITEM, fan_out=replace(fan_out, **changes))


def secret(**changes: Any) -> Pipeline:
    return work(secrets=(replace(WORK.secrets[0], **changes),))


def given(**changes: Any) -> Pipeline:
    return work(inputs=(replace(WORK.inputs[0], **changes),))


def script(**changes: Any) -> Pipeline:
    return work(action=replace(Script(("sh", "-euc"), "echo"), **changes))


def resources(**changes: Any) -> Pipeline:
    return work(image="busybox", resources=replace(Resources(cpu="1", memory="1Gi", gpu=1), **changes))


def foreach(name: str) -> Pipeline:
    fan_out = ForEach(ParamRef(name, Type.JSON), Type.JSON)
    params = (*PIPELINE.params, *(Param(n, Type.JSON, default=Const(Type.JSON, [], "[]")) for n in ("l", "k")))
    return replace(work(action=Command((Text((ItemRef(Type.JSON),)),)), fan_out=fan_out), params=params)


# (class, field) → (before, after): two pipelines that differ only in that field
CHANGES: dict[tuple[type, str], tuple[Callable[[], Pipeline], Callable[[], Pipeline]]] = {
    (Pipeline, "name"): (lambda: PIPELINE, lambda: replace(PIPELINE, name="demo-two")),
    (Pipeline, "digest"): (lambda: PIPELINE, lambda: replace(PIPELINE, digest="1" * 64)),
    (Pipeline, "tasks"): (lambda: PIPELINE, lambda: replace(PIPELINE, tasks=(MADE, OTHER))),
    (Pipeline, "finally_tasks"): (lambda: PIPELINE, lambda: replace(PIPELINE, finally_tasks=())),
    (Pipeline, "params"): (lambda: PIPELINE, lambda: replace(PIPELINE, params=PIPELINE.params[:1])),
    (Pipeline, "schedule"): (lambda: PIPELINE, lambda: replace(PIPELINE, schedule=None)),
    (Pipeline, "description"): (lambda: PIPELINE, lambda: replace(PIPELINE, description="Trains.")),
    (Pipeline, "owner"): (lambda: PIPELINE, lambda: replace(PIPELINE, owner="growth")),
    (Pipeline, "labels"): (lambda: PIPELINE, lambda: replace(PIPELINE, labels=(("team", "growth"),))),
    (Task, "name"): (lambda: PIPELINE, lambda: work(name="working")),
    (Task, "action"): (lambda: PIPELINE, lambda: work(action=Command((Text(("job",)),)))),
    (Task, "needs"): (lambda: PIPELINE, lambda: work(needs=("made",))),
    (Task, "trigger_rule"): (lambda: PIPELINE, lambda: work(trigger_rule=TriggerRule.ALL_DONE)),
    (Task, "when"): (lambda: PIPELINE, lambda: work(when=Const(Type.BOOLEAN, False, "false"))),
    (Task, "fan_out"): (lambda: PIPELINE, lambda: work(fan_out=MATRIX)),
    (Task, "max_parallel"): (lambda: fanned(), lambda: fanned(max_parallel=1)),
    (Task, "inputs"): (lambda: PIPELINE, lambda: work(inputs=())),
    (Task, "outputs"): (lambda: PIPELINE, lambda: work(outputs=())),
    (Task, "env"): (lambda: PIPELINE, lambda: work(env=())),
    (Task, "secrets"): (lambda: PIPELINE, lambda: work(secrets=())),
    (Task, "image"): (lambda: work(image="busybox"), lambda: work(image="alpine")),
    (Task, "workdir"): (lambda: work(workdir="one"), lambda: work(workdir="two")),
    (Task, "targets"): (lambda: PIPELINE, lambda: work(targets=of_airflow("pool", "gpu"))),
    (Task, "retry"): (lambda: PIPELINE, lambda: work(retry=Retry())),
    (Task, "timeout"): (lambda: PIPELINE, lambda: work(timeout=timedelta(seconds=61))),
    (Task, "resources"): (lambda: resources(), lambda: work(image="busybox")),
    (Task, "description"): (lambda: PIPELINE, lambda: work(description="Works.")),
    (Task, "labels"): (lambda: work(image="busybox"), lambda: work(image="busybox", labels=(("tier", "low"),))),
    (Task, "component"): (lambda: PIPELINE, lambda: work(component="worker")),
    (Param, "name"): (lambda: PIPELINE, lambda: param(1, name="t")),
    (Param, "type"): (lambda: param(minimum=None, maximum=None),
                      lambda: param(type=Type.STRING, default=string("1"), minimum=None, maximum=None)),
    (Param, "default"): (lambda: PIPELINE, lambda: param(default=integer(2))),
    (Param, "minimum"): (lambda: PIPELINE, lambda: param(minimum=1)),
    (Param, "maximum"): (lambda: PIPELINE, lambda: param(maximum=8)),
    (Param, "min_length"): (lambda: PIPELINE, lambda: param(1, min_length=2)),
    (Param, "max_length"): (lambda: PIPELINE, lambda: param(1, max_length=8)),
    (Param, "enum"): (lambda: PIPELINE, lambda: param(1, enum=(string("abc"),))),
    (Param, "description"): (lambda: PIPELINE, lambda: param(description="How deep.")),
    (Output, "name"): (lambda: PIPELINE, lambda: made(2, name="remainder")),
    (Output, "type"): (lambda: PIPELINE, lambda: made(2, type=Type.DIRECTORY)),
    (Output, "filename"): (lambda: PIPELINE, lambda: made(2, filename="r.csv")),
    (Output, "default"): (lambda: PIPELINE, lambda: made(0, default=integer(7))),
    (Output, "description"): (lambda: PIPELINE, lambda: made(0, description="How many.")),
    (ArtifactInput, "name"): (lambda: PIPELINE, lambda: given(name="table")),
    (ArtifactInput, "task"): (lambda: PIPELINE, lambda: given(task="other")),
    (ArtifactInput, "output"): (lambda: PIPELINE, lambda: given(output="rest", filename="rest.csv")),
    (EnvVar, "name"): (lambda: PIPELINE, lambda: work(env=(EnvVar("B", Text(("a",))),))),
    (EnvVar, "value"): (lambda: PIPELINE, lambda: work(env=(EnvVar("A", Text(("b",))),))),
    (Secret, "env"): (lambda: PIPELINE, lambda: secret(env="KEY")),
    (Secret, "name"): (lambda: PIPELINE, lambda: secret(name="store")),
    (Secret, "key"): (lambda: PIPELINE, lambda: secret(key="password")),
    (Retry, "limit"): (lambda: PIPELINE, lambda: work(retry=replace(WORK.retry, limit=4))),
    (Retry, "delay"): (lambda: PIPELINE, lambda: work(retry=replace(WORK.retry, delay=timedelta(seconds=6)))),
    (Retry, "factor"): (lambda: PIPELINE, lambda: work(retry=replace(WORK.retry, factor=3))),
    (Retry, "max_delay"): (lambda: PIPELINE, lambda: work(retry=replace(WORK.retry, max_delay=None))),
    (Resources, "cpu"): (lambda: resources(), lambda: resources(cpu="2")),
    (Resources, "memory"): (lambda: resources(), lambda: resources(memory="2Gi")),
    (Resources, "gpu"): (lambda: resources(), lambda: resources(gpu=2)),
    (Script, "interpreter"): (lambda: script(), lambda: script(interpreter=("bash", "-c"))),
    (Script, "source"): (lambda: script(), lambda: script(source="pwd")),
    (Command, "argv"): (lambda: PIPELINE, lambda: work(action=Command((Text(("work",)),)))),
    (Matrix, "axes"): (lambda: fanned(), lambda: fanned(
        fan_out=replace(MATRIX, axes=("k",)), action=Command((Text(("work", MatrixRef("k", Type.STRING))),)))),
    (Matrix, "rows"): (lambda: fanned(), lambda: fanned(
        fan_out=replace(MATRIX, rows=((string("a"),), (string("c"),))))),
    (ForEachItems, "items"): (lambda: items(), lambda: items(items=(string("a"),))),
    (ForEach, "source"): (lambda: foreach("l"), lambda: foreach("k")),
    (Schedule, "cron"): (lambda: PIPELINE, lambda: schedule(cron="31 4 * * *")),
    (Schedule, "timezone"): (lambda: PIPELINE, lambda: schedule(timezone="Asia/Tokyo")),
    (Schedule, "overlap"): (lambda: PIPELINE, lambda: schedule(overlap=Overlap.ALLOW)),
    (Schedule, "start"): (lambda: PIPELINE, lambda: schedule(start=datetime(2026, 1, 1, tzinfo=UTC))),
    (Schedule, "catchup"): (lambda: schedule(start=datetime(2026, 1, 1, tzinfo=UTC)),
                            lambda: schedule(start=datetime(2026, 1, 1, tzinfo=UTC), catchup=True)),
}  # fmt: skip

# field of `targets.argo` → a value that is not the default
ARGO_CHANGES: dict[str, Any] = {
    "image": "alpine",
    "image_pull_policy": "Always",
    "namespace": "ml",
    "service_account": "runner",
    "artifact_repository": ("repos", "main"),
    "parallelism": 4,
    "ttl": timedelta(days=7),
    "patch": Fields((Entry("nodeSelector", Fields((Entry("disk", Atom("ssd")),))),)),
}
NEVER_PRINTED = {"origin", "origins"}
# (class, field) → the reason why a change of only this field does not change a run
MEANINGLESS = {
    (Pipeline, "targets"): "settings of one engine each; the golden `targets` shows them",
    (ArtifactInput, "type"): "follows from the producer's output",
    (ArtifactInput, "filename"): "follows from the producer's output",
    (ArtifactInput, "fan_out"): "follows from the producer's fan-out",
    (ForEachItems, "element"): "follows from the items",
    (ForEach, "element"): "follows from the type of the list",
    (Task, "targets"): "settings of one engine each; `test_every_setting_of_airflow_shows` has all of them",
    (Task, "component"): "where the task was written; it is already merged in",
    (Param, "description"): "text for people",
    (Output, "description"): "text for people",
}
FEATURES = {
    "image": Feature.IMAGE, "resources": Feature.RESOURCES, "cpu": Feature.RESOURCES, "memory": Feature.RESOURCES,
    "gpu": Feature.RESOURCES, "schedule": Feature.SCHEDULE, "cron": Feature.SCHEDULE, "timezone": Feature.SCHEDULE,
    "overlap": Feature.OVERLAP_ALLOW, "start": Feature.SCHEDULE_START, "catchup": Feature.CATCHUP,
    "labels": Feature.LABELS, "owner": Feature.LABELS, "description": Feature.LABELS,
}  # fmt: skip


def test_every_field_is_covered() -> None:
    classes = {kind for kind, _ in CHANGES} | {kind for kind, _ in MEANINGLESS}
    every = {(kind, f.name) for kind in classes for f in fields(kind) if f.name not in NEVER_PRINTED}
    assert every - set(CHANGES) - set(MEANINGLESS) == set()


@pytest.mark.parametrize("target", BACKENDS)
@pytest.mark.parametrize(("kind", "name"), CHANGES, ids=[f"{k.__name__}.{n}" for k, n in CHANGES])
def test_change_shows(kind: type, name: str, target: str) -> None:
    before, after = (make() for make in CHANGES[kind, name])
    if backend(target).emit(before) == backend(target).emit(after):
        assert is_admitted(kind, name, target, after), f"{target} drops {kind.__name__}.{name} in silence"


def is_admitted(kind: type, name: str, target: str, pipeline: Pipeline) -> bool:
    """Whether a table says that this field has no effect on the target."""
    feature = FEATURES.get(name)
    levels = (Level.ADVISORY, Level.DEGRADED, Level.UNSUPPORTED)
    admitted = feature is not None and backend(target).support(pipeline)[feature].level in levels
    return admitted or (kind, name) in MEANINGLESS


def in_components(before: Pipeline, changed: Pipeline) -> Pipeline:
    """`changed`, in which every task uses a component, after a twin of the task in `before` that uses it too.

    A backend that shares code among the tasks of a component has the twin's code when the changed task comes.
    """
    tasks = tuple(replace(task, name=f"twin_{task.name}", component="job") for task in before.tasks)
    changed_tasks = tuple(replace(task, component="job") for task in changed.tasks)
    return replace(changed, tasks=(*tasks, *changed_tasks))


@pytest.mark.parametrize("target", BACKENDS)
@pytest.mark.parametrize(("kind", "name"), CHANGES, ids=[f"{k.__name__}.{n}" for k, n in CHANGES])
def test_change_shows_among_tasks_of_a_component(kind: type, name: str, target: str) -> None:
    before, after = (make() for make in CHANGES[kind, name])
    same, different = in_components(before, before), in_components(before, after)
    if backend(target).emit(same) == backend(target).emit(different):
        assert is_admitted(kind, name, target, different), f"{target} drops {kind.__name__}.{name} in silence"


def test_every_field_of_a_task_has_a_change() -> None:
    """So that a new field is also changed among tasks of a component."""
    assert {f.name for f in fields(Task)} - NEVER_PRINTED <= {name for kind, name in CHANGES if kind is Task}


def test_every_setting_of_argo_shows() -> None:
    judged = {f.name for f in fields(ArgoSettings)} - NEVER_PRINTED - {"version"}  # the files are the same for all
    assert set(ARGO_CHANGES) == judged
    before = backend("argo").emit(PIPELINE)
    for name, value in ARGO_CHANGES.items():
        targets = TARGETS.replace("argo", replace(ARGO, **{name: value}))
        assert backend("argo").emit(replace(PIPELINE, targets=targets)) != before, name


SHARED_SETTINGS: dict[str, object] = {
    "pool": "gpu", "queue": "gpu", "executor": "LocalExecutor", "priority_weight": 2, "weight_rule": "absolute",
    "depends_on_past": True, "kubernetes_conn_id": "jobs", "in_cluster": False, "cluster_context": "jobs",
    "on_finish_action": "keep_pod",
}  # fmt: skip
AIRFLOW_CHANGES: dict[str, object] = {
    **SHARED_SETTINGS, "tags": ("ml",), "namespace": "ml", "service_account": "runner", "runtime": Runtime.KUBERNETES,
    "workdir": "/srv", "startup_timeout": timedelta(minutes=1), "artifacts_path": "/mnt", "pass_env": ("A",),
    "artifacts_volume_claim": "other", "max_active_tasks": 2, "callbacks": (("on_failure", "acme.page"),),
    "dag_display_name": "Demo", "owner_links": (("growth", "https://acme.org"),), "version": (3, 2),
}  # fmt: skip


def test_every_setting_of_airflow_shows() -> None:
    assert set(AIRFLOW_CHANGES) == {f.name for f in fields(AirflowSettings)} - NEVER_PRINTED
    pipeline = replace(PIPELINE, tasks=(replace(PIPELINE.tasks[0], image="busybox"), *PIPELINE.tasks[1:]))
    before = backend("airflow").emit(pipeline)
    for name, value in AIRFLOW_CHANGES.items():
        targets = TARGETS.replace("airflow", replace(AIRFLOW, **{name: value}))  # type: ignore[arg-type]
        assert backend("airflow").emit(replace(pipeline, targets=targets)) != before, name


def test_every_setting_of_a_task_for_airflow_shows() -> None:
    """The keys are those of the schema."""
    given = {**SHARED_SETTINGS, "callbacks": {"on_failure": "acme.page"}}
    assert set(given) == set(document()["$defs"]["airflow_task"]["properties"])
    events = document()["$defs"]["airflow_task"]["properties"]["callbacks"]["properties"]
    changes = [*SHARED_SETTINGS.items(), *(("callbacks", {event: "acme.page"}) for event in events)]
    files = [backend("airflow").emit(work(image="busybox", targets=of_airflow(*change)))[0].text for change in changes]
    assert len({backend("airflow").emit(work(image="busybox"))[0].text, *files}) == len(changes) + 1
