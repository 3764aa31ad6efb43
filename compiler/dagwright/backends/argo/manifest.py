"""The whole manifest: a Workflow, or a WorkflowTemplate and a CronWorkflow if the pipeline has a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.facts import Facts
from dagwright.backends.argo.build.workflow import build
from dagwright.backends.argo.fit.inputs import bind_inputs
from dagwright.backends.argo.fit.objects import ManifestObject, place_templates
from dagwright.backends.argo.fit.share import share
from dagwright.backends.argo.plain import DESCRIPTION, seconds, template_data, without_tags
from dagwright.backends.argo.settings import settings
from dagwright.ir.data import plain_fields
from dagwright.ir.model import Overlap, Pipeline, Schedule
from dagwright.printing.yaml import Data, document

API = "argoproj.io/v1alpha1"
OWNER = "dagwright.dev/owner"
DIGEST = "dagwright.dev/spec-sha256"
GRACE_SECONDS = 10
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
    return Printed(objects, list(map(document, objects)))


def manifest(pipeline: Pipeline) -> list[dict[str, Data]]:
    """The objects of a pipeline, in the order of creation."""
    facts = Facts(pipeline)
    own, *others = place_templates(bind_inputs(facts, share(build(facts))))
    libraries = [_library(pipeline, other) for other in others]
    spec = _spec(pipeline, own)
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


def _library(pipeline: Pipeline, library: ManifestObject) -> dict[str, Data]:
    """A WorkflowTemplate with templates that do not fit into the pipeline's own object."""
    metadata = {**_metadata(pipeline), "name": library.name}
    templates = list(map(template_data, library.templates))
    return {"apiVersion": API, "kind": "WorkflowTemplate", "metadata": metadata, "spec": {"templates": templates}}


def _metadata(pipeline: Pipeline, *, generate: bool = False) -> dict[str, Data]:
    namespace = settings(pipeline).namespace
    annotations: dict[str, Data] = {DIGEST: pipeline.digest}
    if pipeline.description:
        annotations[DESCRIPTION] = pipeline.description
    if pipeline.owner is not None:
        annotations[OWNER] = pipeline.owner
    return {
        **({"generateName": f"{pipeline.name}-"} if generate else {"name": pipeline.name}),
        **({"namespace": namespace} if namespace is not None else {}),
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


def _spec(pipeline: Pipeline, own: ManifestObject) -> dict[str, Data]:
    """The spec of the Workflow."""
    target = settings(pipeline)
    arguments = list(_arguments(pipeline))
    repository = target.artifact_repository
    return {
        "entrypoint": own.templates[0].name,
        **({"onExit": own.on_exit} if own.on_exit else {}),
        **({"serviceAccountName": target.service_account} if target.service_account is not None else {}),
        **({"arguments": {"parameters": arguments}} if arguments else {}),
        **({"parallelism": target.parallelism} if target.parallelism is not None else {}),
        **({"ttlStrategy": {"secondsAfterCompletion": seconds(target.ttl)}} if target.ttl is not None else {}),
        **(
            {"artifactRepositoryRef": {"configMap": repository[0], "key": repository[1]}}
            if repository is not None
            else {}
        ),
        **plain_fields(target.patch),
        "podSpecPatch": POD_PATCH,
        "volumes": [{"name": names.OUT_VOLUME, "emptyDir": {}}, {"name": names.IN_VOLUME, "emptyDir": {}}],
        "templates": list(map(template_data, own.templates)),
    }


def _arguments(pipeline: Pipeline) -> Iterator[dict[str, Data]]:
    """The params as arguments of the Workflow."""
    for param in pipeline.params:
        yield {
            "name": param.name,
            **({"value": param.default.text} if param.default is not None else {}),
            **({"description": without_tags(param.description)} if param.description else {}),
        }


def _cron(pipeline: Pipeline, schedule: Schedule) -> dict[str, Data]:
    """The CronWorkflow that submits the template."""
    arguments = list(_arguments(pipeline))
    for argument in arguments:
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
                **({"arguments": {"parameters": arguments}} if arguments else {}),
            },
        },
    }


def _start(schedule: Schedule) -> dict[str, Data]:
    """The `when` of the CronWorkflow, which prevents ticks before the start of the schedule."""
    if schedule.start is None:
        return {}
    return {"when": f"{{{{= now().Unix() >= {int(schedule.start.timestamp())} }}}}"}
