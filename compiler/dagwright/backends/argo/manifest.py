"""The whole manifest: a Workflow, or a WorkflowTemplate and a CronWorkflow if the pipeline has a schedule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Plan
from dagwright.backends.argo.analysis.partition import Part
from dagwright.backends.argo.build.conditions import any_of, target
from dagwright.backends.argo.build.container import GRACE_SECONDS, seconds
from dagwright.backends.argo.build.metadata import DESCRIPTION, DIGEST, OWNER, without_tags
from dagwright.backends.argo.build.part import common_templates, part_call, stand_in, states
from dagwright.backends.argo.build.setup import Start, outputs_templates, param_starts
from dagwright.backends.argo.build.task import called
from dagwright.backends.argo.fit.objects import Held, held, library_prefix
from dagwright.ir.data import plain_fields
from dagwright.ir.model import Overlap, Pipeline, Schedule, Task
from dagwright.printing.yaml import Data, document

API = "argoproj.io/v1alpha1"
STARTING_DEADLINE = 300
POD_PATCH = f'{{"enableServiceLinks": false, "terminationGracePeriodSeconds": {GRACE_SECONDS}}}'


@dataclass(frozen=True, slots=True)
class Printed:
    """The objects of a manifest, and the text of each."""

    objects: list[dict[str, Data]]
    texts: list[str]

    @property
    def text(self) -> str:
        return "---\n".join(self.texts)


def printed(pipeline: Pipeline) -> Printed:
    """The manifest of a pipeline."""
    objects = manifest(pipeline)
    return Printed(objects, [document(found) for found in objects])


def manifest(pipeline: Pipeline) -> list[dict[str, Data]]:
    """The objects of a pipeline, in the order of creation."""
    spec = _spec(Plan(pipeline))
    own, *others = held(spec["templates"], library_prefix(pipeline))
    spec["templates"] = own.templates
    libraries = [_library(pipeline, other) for other in others]
    if pipeline.schedule is None:
        metadata = _metadata(pipeline, generate=True)
        return [*libraries, {"apiVersion": API, "kind": "Workflow", "metadata": metadata, "spec": spec}]
    return [
        *libraries,
        {
            "apiVersion": API,
            "kind": "WorkflowTemplate",
            "metadata": _metadata(pipeline),
            "spec": {**spec, "workflowMetadata": _workflow_metadata(pipeline)},
        },
        _cron(pipeline, pipeline.schedule),
    ]


def _library(pipeline: Pipeline, held: Held) -> dict[str, Data]:
    """A WorkflowTemplate with templates that do not fit into the pipeline's own object."""
    metadata = {**_metadata(pipeline), "name": held.name}
    return {"apiVersion": API, "kind": "WorkflowTemplate", "metadata": metadata, "spec": {"templates": held.templates}}


def _metadata(pipeline: Pipeline, *, generate: bool = False) -> dict[str, Data]:
    target_namespace = pipeline.targets.argo.namespace
    annotations: dict[str, Data] = {DIGEST: pipeline.digest}
    if pipeline.description:
        annotations[DESCRIPTION] = pipeline.description
    if pipeline.owner is not None:
        annotations[OWNER] = pipeline.owner
    return {
        **({"generateName": f"{pipeline.name}-"} if generate else {"name": pipeline.name}),
        **({"namespace": target_namespace} if target_namespace is not None else {}),
        "labels": {**_OWN_LABELS, "app.kubernetes.io/name": pipeline.name, **dict(pipeline.labels)},
        "annotations": annotations,
    }


_OWN_LABELS: dict[str, Data] = {"app.kubernetes.io/managed-by": "dagwright"}


def _workflow_metadata(pipeline: Pipeline) -> dict[str, Data]:
    """The labels and annotations of every Workflow created from the template."""
    return {
        "labels": {**_OWN_LABELS, "app.kubernetes.io/name": pipeline.name, **dict(pipeline.labels)},
        "annotations": {DIGEST: pipeline.digest},
    }


def _spec(plan: Plan) -> dict[str, Any]:
    pipeline = plan.pipeline
    wanted = pipeline.targets.argo
    arguments = list(_arguments(pipeline))
    first, templates = _templates(plan)
    repository = wanted.artifact_repository
    return {
        "entrypoint": first,
        **({"serviceAccountName": wanted.service_account} if wanted.service_account is not None else {}),
        **({"arguments": {"parameters": arguments}} if arguments else {}),
        **({"parallelism": wanted.parallelism} if wanted.parallelism is not None else {}),
        **({"ttlStrategy": {"secondsAfterCompletion": seconds(wanted.ttl)}} if wanted.ttl is not None else {}),
        **(
            {"artifactRepositoryRef": {"configMap": repository[0], "key": repository[1]}}
            if repository is not None
            else {}
        ),
        **plain_fields(wanted.patch),
        "podSpecPatch": POD_PATCH,
        "volumes": [{"name": names.OUT_VOLUME, "emptyDir": {}}, {"name": names.IN_VOLUME, "emptyDir": {}}],
        "templates": templates,
    }


def _arguments(pipeline: Pipeline) -> Iterator[dict[str, Data]]:
    """The params as arguments of the Workflow."""
    for param in pipeline.params:
        yield {
            "name": param.name,
            **({"value": param.default.text} if param.default is not None else {}),
            **({"description": without_tags(param.description)} if param.description else {}),
        }


def _templates(plan: Plan) -> tuple[str, list[dict[str, Data]]]:
    """The name of the first template, and all templates, in reading order."""
    pipeline = plan.pipeline
    first = names.entrypoint(frozenset(names.kebab(task.name) for task in pipeline.all_tasks))
    gates = param_starts(plan)
    if not pipeline.finally_tasks:
        calls, targets, templates = _group(plan, gates)
        dag = _dag(first, calls, targets)
    else:
        inner, inner_targets, inner_templates = _group(plan, ())
        entry_calls, entry, starts = _starts(plan, pipeline.finally_tasks, gates, "--finally")
        after = any_of(names.TASKS, ["Succeeded", "Failed", "Errored"])
        calls, templates = _calls(plan, pipeline.finally_tasks, after)
        main: dict[str, Data] = {
            "name": names.TASKS,
            "template": names.TASKS,
            **({"depends": entry} if entry else {}),
        }
        calls = [*entry_calls, main, *calls]
        dag = _dag(first, calls, target(pipeline.finally_tasks, (names.TASKS,)))
        templates = [*starts, _dag(names.TASKS, inner, inner_targets), *inner_templates, *templates]
    found = [dag, *templates]
    return first, [*found, *common_templates(found)]


def _group(plan: Plan, gates: tuple[Start, ...]) -> tuple[list[dict[str, Data]], str | None, list[dict[str, Data]]]:
    """The calls of the DAG of all tasks, with its first tasks; its targets; and the templates that they call."""
    tasks = plan.pipeline.tasks
    if plan.cut.parts:
        start_calls, entry, start_templates = _start_calls(gates)
        calls, targets, templates = _part_calls(plan, plan.cut.top, entry)
    else:
        start_calls, entry, start_templates = _starts(plan, tasks, gates, "")
        calls, templates = _calls(plan, tasks, entry)
        targets = target(tasks)
    return [*start_calls, *calls], targets, [*start_templates, *templates]


def _part_calls(
    plan: Plan, parts: tuple[Part, ...], entry: str
) -> tuple[list[dict[str, Data]], str | None, list[dict[str, Data]]]:
    """The calls of parts; each part is a target, since later parts run after it in any state."""
    templates = [template for part in parts for template in _part(plan, part)]
    return [part_call(part, entry) for part in parts], " ".join(part.name for part in parts), templates


def _part(plan: Plan, part: Part) -> list[dict[str, Data]]:
    """The DAG of a part, and the templates that it calls."""
    if part.within:
        calls, targets, templates = _part_calls(plan, part.within, "")
        return [_dag(part.name, calls, targets), *templates]
    number = "--" + part.name.rpartition("--")[2]
    start_calls, entry, start_templates = _starts(plan, part.tasks, (), number)
    calls, templates = _calls(plan, part.tasks, entry)
    stand_ins = [stand_in(plan, need) for need in plan.stand_ins(part.tasks)]
    exported = plan.exported(part.tasks)
    kept = [states(part, exported)] if exported else []
    targets = target(part.tasks, (names.STATES,) if exported else ())
    return [_dag(part.name, [*start_calls, *stand_ins, *calls, *kept], targets), *start_templates, *templates]


def _starts(
    plan: Plan, tasks: tuple[Task, ...], gates: tuple[Start, ...], suffix: str
) -> tuple[list[dict[str, Data]], str, list[dict[str, Data]]]:
    """The first tasks of a DAG in sequence, the `depends` of its roots, and the templates of the first tasks."""
    starts = list(gates)
    templates = outputs_templates(plan, tasks, suffix)
    if templates or _waits(plan, tasks):
        template = templates[0]["name"] if templates else names.NO_POD
        starts.append(Start({"name": names.OUTPUTS, "template": template}, tuple(templates)))
    return _start_calls(starts)


def _waits(plan: Plan, tasks: tuple[Task, ...]) -> bool:
    """Whether a root among the tasks needs a task to wait for; in `finally` there already is one."""
    return any(not task.needs and task.name not in plan.finals and plan.waits(task) for task in tasks)


def _start_calls(starts: Iterable[Start]) -> tuple[list[dict[str, Data]], str, list[dict[str, Data]]]:
    """The calls of first tasks in sequence, the name of the last, and their templates."""
    calls: list[dict[str, Data]] = []
    entry = ""
    for start in starts:
        after = {"depends": entry} if entry else {}
        calls.append({"name": start.call["name"], "template": start.call["template"], **after, **start.call})
        entry = f"{start.call['name']}.Succeeded"
    return calls, entry, [template for start in starts for template in start.templates]


def _calls(plan: Plan, tasks: Iterable[Task], entry: str) -> tuple[list[dict[str, Data]], list[dict[str, Data]]]:
    calls: list[dict[str, Data]] = []
    templates: list[dict[str, Data]] = []
    for task in tasks:
        made = called(plan, task, entry)
        calls.append(made.call)
        templates += made.templates
    return calls, templates


def _dag(name: str, calls: list[dict[str, Data]], targets: str | None) -> dict[str, Data]:
    """A DAG template without `failFast`: every branch runs to its end."""
    return {
        "name": name,
        "dag": {"failFast": False, **({"target": targets} if targets is not None else {}), "tasks": calls},
    }


def _cron(pipeline: Pipeline, schedule: Schedule) -> dict[str, Data]:
    """The CronWorkflow that submits the template."""
    given = list(_arguments(pipeline))
    for argument in given:
        argument.pop("description", None)
    return {
        "apiVersion": API,
        "kind": "CronWorkflow",
        "metadata": _metadata(pipeline),
        "spec": {
            "schedules": [schedule.cron],
            "timezone": schedule.timezone,
            "concurrencyPolicy": "Forbid" if schedule.overlap is Overlap.FORBID else "Allow",
            "startingDeadlineSeconds": STARTING_DEADLINE,
            **_start(schedule),
            "workflowMetadata": _workflow_metadata(pipeline),
            "workflowSpec": {
                "workflowTemplateRef": {"name": pipeline.name},
                **({"arguments": {"parameters": given}} if given else {}),
            },
        },
    }


def _start(schedule: Schedule) -> dict[str, Data]:
    """The `when` of the CronWorkflow, which prevents ticks before the start of the schedule."""
    if schedule.start is None:
        return {}
    return {"when": f"{{{{= now().Unix() >= {int(schedule.start.timestamp())} }}}}"}
