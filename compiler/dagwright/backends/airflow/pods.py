"""The runtime of generated DAG files for tasks in pods; the compiler copies this module and never imports it."""

# mypy: disable-error-code="import-not-found, misc, no-any-return"
from __future__ import annotations

import shlex
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.providers.cncf.kubernetes.utils.xcom_sidecar import PodDefaults
from airflow.providers.common.compat.sdk import AirflowException
from kubernetes.client import models as k8s
from kubernetes.stream import stream

from dagwright.backends.airflow.runtime import Run, Step, shown_command
from dagwright.meaning.environment import FIXED_VARIABLES
from dagwright.runtime.step import ARTIFACT_TYPES, GRACE, VALUE_LIMIT, StepFailed, value_text

# A generated file defines the settings that it needs.
ARTIFACTS_CLAIM = "artifacts"

OUT, IN = "/dw/out", "/dw/in"  # `$DW_OUT` and `$DW_IN` of every pod
MISSING = "missing"
# Shell functions that print one line per output: `=` and its content in base64, or an error.
LOOK = rf"""
value() {{
  if [ -f "$1" ]; then echo "=$(head -c {VALUE_LIMIT + 2} "$1" | base64 | tr -d '\n')"
  elif [ -e "$1" ]; then echo 'is not a file'; else echo {MISSING}; fi
}}
file() {{
  if [ -f "$1" ] && [ ! -h "$1" ]; then echo =; elif [ -e "$1" ]; then echo 'is not a file'; else echo {MISSING}; fi
}}
directory() {{
  if [ ! -e "$1" ]; then echo {MISSING}; elif [ ! -d "$1" ] || [ -h "$1" ]; then echo 'is not a directory'
  elif [ "$(find "$1" ! -type f ! -type d | head -n 1)" ]; then echo 'holds a link or a special file'; else echo =; fi
}}
"""


def kubernetes_text(text: str) -> str:
    """A text escaped for arguments and variables of a pod, in which Kubernetes replaces `$(NAME)`."""
    return text.replace("$", "$$")


def secret_variable(name: str, secret: str, key: str) -> k8s.V1EnvVar:
    """A variable with its value from an entry of a Kubernetes secret."""
    reference = k8s.V1SecretKeySelector(name=secret, key=key)
    return k8s.V1EnvVar(name=name, value_from=k8s.V1EnvVarSource(secret_key_ref=reference))


def has_succeeded(pod: k8s.V1Pod, container: str) -> bool:
    """Whether a container of a pod has exited with 0."""
    ended = [found.state.terminated for found in pod.status.container_statuses or () if found.name == container]
    return any(end is not None and end.exit_code == 0 for end in ended)


class ContainerTask(KubernetesPodOperator):
    """An operator that runs each attempt of a step in its own pod.

    The command is a template field so that Airflow shows it; nothing is rendered. The provider's sidecar sees the
    folder of the outputs, outlives the step, and sends the outputs. The operator is never deferrable, even if the
    installation's default is: it must read the outputs itself.
    """

    template_fields: Sequence[str] = ("command",)
    overwrite_rtif_after_execution = True

    def __init__(self, *, step: Step, matrix: Any = None, item: Any = None, index: Any = None, **kwargs: Any) -> None:
        super().__init__(
            do_xcom_push=bool(step.outputs),
            deferrable=False,
            termination_grace_period=int(GRACE),
            log_events_on_failure=True,
            log_pod_spec_on_failure=False,
            **{**kwargs, "logger_name": "dagwright"},
        )
        self.step, self.matrix, self.item, self.index = step, matrix, item, index
        self.reattach_on_restart = False  # each attempt has its own pod
        self.command: Sequence[str] = ()
        self.attempt: Any = None
        self.problem = ""

    def render_template_fields(self, context: Any, jinja_env: Any = None) -> None:
        """Render nothing."""

    def execute(self, context: Any) -> Any:
        self.attempt = run = Run(context, self)
        run.start(self.step)
        self.command, variables = run.command(self.step, OUT, IN)
        fixed = {name: text for name, text in FIXED_VARIABLES.items() if name not in self.step.secrets}
        variables = {**fixed, **variables, **run.identity(OUT, IN)}
        self.cmds = [kubernetes_text(text) for text in self.command]
        self.env_vars = [k8s.V1EnvVar(name=name, value=kubernetes_text(text)) for name, text in variables.items()]
        self.env_vars += [secret_variable(name, *entry) for name, entry in self.step.secrets.items()]
        self.pod = self.pod_request_obj = None
        self.log.info("%s, in a pod of %s: %s", run.attempt(), self.image, shown_command(self.command))
        try:
            return super().execute(context)
        except Exception:
            if self.problem:  # otherwise the provider reports only that the pod has failed
                raise AirflowException(self.problem) from None
            raise

    def build_pod_request_obj(self, context: Any = None, **kwargs: Any) -> k8s.V1Pod:
        """The provider's pod with the folders of the step, and without variables of the cluster's services."""
        pod = super().build_pod_request_obj(context, **kwargs)
        pod.spec.enable_service_links = False
        pod.spec.share_process_namespace = True  # as process 1, the step would ignore signals from its own processes
        task, *sidecars = pod.spec.containers
        if self.step.workdir:
            task.working_dir = self.step.workdir
        volumes, out, mounts = self.mounts()
        pod.spec.volumes = [*(pod.spec.volumes or []), *volumes]
        task.volume_mounts = [*(task.volume_mounts or []), out, *mounts]
        for sidecar in sidecars:
            if sidecar.name == PodDefaults.SIDECAR_CONTAINER_NAME:
                sidecar.volume_mounts = [*(sidecar.volume_mounts or []), out]
        return pod

    def mounts(self) -> tuple[list[k8s.V1Volume], k8s.V1VolumeMount, list[k8s.V1VolumeMount]]:
        """The volumes of the step, the mount of `$DW_OUT`, and the mounts of its inputs."""
        empty = k8s.V1EmptyDirVolumeSource()
        out, inputs = k8s.V1Volume(name="dw-out", empty_dir=empty), k8s.V1Volume(name="dw-in", empty_dir=empty)
        mounts = [k8s.V1VolumeMount(name=inputs.name, mount_path=IN)]
        return [out, inputs], k8s.V1VolumeMount(name=out.name, mount_path=OUT), mounts

    def extract_xcom(self, pod: k8s.V1Pod, **kwargs: Any) -> dict[str, str] | None:
        """The declared outputs of a successful step, else None; the sidecar ends in any case."""
        try:
            if not has_succeeded(self.pod_manager.read_pod(pod), self.base_container_name):
                return None
            answers = self.ask_sidecar(pod)
            return {o["name"]: self.output_text(o, answers[at]) for at, o in enumerate(self.step.outputs)}
        except StepFailed as error:
            self.problem = str(error)
            raise AirflowException(self.problem) from None
        finally:
            self.end_sidecar(pod)

    def end_sidecar(self, pod: k8s.V1Pod) -> None:
        """End the sidecar, and so the pod. Errors are ignored: the pod is deleted later, and its outputs are valid."""
        try:
            self.pod_manager.extract_xcom_kill(pod)
        except Exception as error:
            self.log.warning("the sidecar cannot be ended: %s", error)

    def output_text(self, declared: Mapping[str, Any], answer: str) -> str:
        """The return value for an output, from the sidecar's line about the output. Raises StepFailed."""
        if answer.startswith("="):
            if declared["type"] in ARTIFACT_TYPES:
                return self.attempt.artifact_paths(self.step)[declared["name"]]
            return value_text(b64decode(answer[1:]), f"output `{declared['name']}`")
        if answer == MISSING:
            if declared["default"] is not None:
                return declared["default"]
            answer = f"is missing: there is no $DW_OUT/{declared['filename']}"
        raise StepFailed(f"output `{declared['name']}` {answer}")

    def ask_sidecar(self, pod: k8s.V1Pod) -> list[str]:
        """The sidecar's lines about all outputs; repeats the request after an incomplete answer. Raises StepFailed."""
        script = LOOK
        for declared in self.step.outputs:
            question = declared["type"] if declared["type"] in ARTIFACT_TYPES else "value"
            script += f"{question} {shlex.quote(OUT + '/' + declared['filename'])}\n"
        for _ in range(3):
            lines = self.run_in_sidecar(pod, script + "echo end").splitlines()
            if lines[-1:] == ["end"]:
                return lines[:-1]
        raise StepFailed("the outputs could not be read: the pod's sidecar gave no complete answer")

    def run_in_sidecar(self, pod: k8s.V1Pod, script: str) -> str:
        """The output of a shell script in the sidecar, possibly incomplete."""
        try:
            answer = stream(
                self.client.connect_get_namespaced_pod_exec,
                pod.metadata.name,
                pod.metadata.namespace,
                container=PodDefaults.SIDECAR_CONTAINER_NAME,
                command=["/bin/sh", "-c", script],
                stdin=False,
                stdout=True,
                stderr=False,
                tty=False,
                _preload_content=False,
            )
            with closing(answer) as client:
                client.run_forever()
                return client.read_all()
        except Exception as error:
            self.log.warning("the sidecar cannot be asked: %s", error)
            return ""


class ContainerArtifactTask(ContainerTask):
    """An operator for a pod that reads or writes artifacts, stored on a volume that all pods mount."""

    def mounts(self) -> tuple[list[k8s.V1Volume], k8s.V1VolumeMount, list[k8s.V1VolumeMount]]:
        (_, empty), _, mounts = super().mounts()
        claim = k8s.V1PersistentVolumeClaimVolumeSource(claim_name=ARTIFACTS_CLAIM)
        artifacts = k8s.V1Volume(name="dw-artifacts", persistent_volume_claim=claim)
        out = k8s.V1VolumeMount(name=artifacts.name, mount_path=OUT, sub_path=self.attempt.folder())
        mounts += [
            k8s.V1VolumeMount(name=artifacts.name, mount_path=f"{IN}/{path}", sub_path=artifact, read_only=True)
            for path, artifact in self.attempt.artifacts(self.step)
        ]
        return [artifacts, empty], out, mounts
