"""The support of Argo Workflows for each feature."""

from __future__ import annotations

from dagwright.backends.backend import Level, Support
from dagwright.backends.features import Feature


def _native(how: str) -> Support:
    return Support(Level.NATIVE, how)


def _emulated(how: str) -> Support:
    return Support(Level.EMULATED, how)


SUPPORT: dict[Feature, Support] = {
    Feature.COMMAND: _native("container.command and args"),
    Feature.SCRIPT: _native("the interpreter as container.command, the text as its last argument"),
    Feature.PARAMS: _native("arguments.parameters; a first task without a pod stores texts"),
    Feature.PARAM_CONSTRAINTS: _emulated("a first task without a pod checks types and bounds"),
    Feature.NEEDS: _native("depends, with explicit results"),
    Feature.WHEN: _native('when: "{{= ... }}"'),
    Feature.RULE_NONE_FAILED: _native("depends: Succeeded or Skipped"),
    Feature.RULE_MIN_ONE_SUCCESS: _emulated("depends, and a when over the needs' status"),
    Feature.RULE_ANY_FAILED: _emulated("depends, and a when over the needs' status"),
    Feature.RULE_ALL_DONE: _native("depends: every result; target keeps failures visible"),
    Feature.VALUE_OUTPUTS: _native("outputs.parameters, valueFrom.path; size, NUL and UTF-8 are not checked"),
    Feature.OUTPUT_DEFAULTS: _emulated("valueFrom.default, and globalName where the task may not have run"),
    Feature.ARTIFACTS: _native("outputs.artifacts to inputs.artifacts, through the artifact repository"),
    Feature.FAN_OUT_VALUES: _emulated("Argo's list of texts, joined by expression"),
    Feature.FAN_OUT_ARTIFACTS: _emulated("S3 keys below one prefix, one entry per index"),
    Feature.EXPRESSIONS: _emulated("expr-lang in {{= ... }}"),
    Feature.TASK_STATUS: _native("tasks['t'].status"),
    Feature.RUN_ID: _native("workflow.name"),
    Feature.RUN_DATES: _emulated("workflow.scheduledTime, else the creation time, as UTC"),
    Feature.MATRIX: _native("withItems, or a counted loop over lists"),
    Feature.FOREACH_LITERAL: _native("withItems, or a counted loop over a list"),
    Feature.FOREACH_RUNTIME: _emulated("a counted loop in its own DAG"),
    Feature.MAX_PARALLEL: _native("parallelism of the loop's own DAG"),
    Feature.RETRY: _native("retryStrategy.limit, backoff.duration, retryPolicy Always"),
    Feature.RETRY_BACKOFF: _native("backoff.factor, backoff.cap"),
    Feature.TIMEOUT: _native("activeDeadlineSeconds; 10 s of grace"),
    Feature.ENV: _native("container.env"),
    Feature.SECRETS: _native("secretKeyRef"),
    Feature.WORKDIR: _native("container.workingDir, absolute"),
    Feature.IMAGE: _native("container.image"),
    Feature.RESOURCES: Support(Level.ADVISORY, "container.resources"),
    Feature.FINALLY: _native("onExit, a DAG"),
    Feature.RUN_STATUS: _native("workflow.status"),
    Feature.SCHEDULE: _native("CronWorkflow schedules, timezone"),
    Feature.OVERLAP_FORBID: _native("concurrencyPolicy Forbid: a blocked run is dropped"),
    Feature.OVERLAP_ALLOW: _native("concurrencyPolicy Allow"),
    Feature.CATCHUP: Support(Level.UNSUPPORTED, "Argo Workflows starts at most the last missed run"),
    Feature.SCHEDULE_START: _emulated("CronWorkflow when: not before that time"),
    Feature.LABELS: Support(Level.ADVISORY, "labels and annotations of the Workflow and its pods"),
}
