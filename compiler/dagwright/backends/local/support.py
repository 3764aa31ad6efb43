"""The support of the local runner for each feature of the language."""

from __future__ import annotations

from dagwright.backends.backend import Level, Support
from dagwright.backends.features import Feature

SUPPORT: dict[Feature, Support] = {
    Feature.COMMAND: Support(Level.NATIVE, "a process of the runner, without a shell"),
    Feature.SCRIPT: Support(Level.NATIVE, "the last argument of its interpreter"),
    Feature.PARAMS: Support(Level.NATIVE, "--param, --params-file"),
    Feature.PARAM_CONSTRAINTS: Support(Level.NATIVE, "checked before anything starts"),
    Feature.NEEDS: Support(Level.NATIVE, "the scheduler"),
    Feature.WHEN: Support(Level.NATIVE, "evaluated once all needs have ended"),
    Feature.RULE_NONE_FAILED: Support(Level.NATIVE, "the scheduler"),
    Feature.RULE_MIN_ONE_SUCCESS: Support(Level.NATIVE, "the scheduler"),
    Feature.RULE_ANY_FAILED: Support(Level.NATIVE, "the scheduler"),
    Feature.RULE_ALL_DONE: Support(Level.NATIVE, "the scheduler"),
    Feature.VALUE_OUTPUTS: Support(Level.NATIVE, "files in $DW_OUT, read when the attempt has ended"),
    Feature.OUTPUT_DEFAULTS: Support(Level.NATIVE, "used if the file is missing"),
    Feature.ARTIFACTS: Support(Level.NATIVE, "files of the run's folder, linked into $DW_IN"),
    Feature.FAN_OUT_VALUES: Support(Level.NATIVE, "a list in the order of the instances"),
    Feature.FAN_OUT_ARTIFACTS: Support(Level.NATIVE, "a folder with one entry per instance"),
    Feature.EXPRESSIONS: Support(Level.NATIVE, "the evaluator of the runtime"),
    Feature.TASK_STATUS: Support(Level.NATIVE, "the scheduler"),
    Feature.RUN_ID: Support(Level.NATIVE, "the name of the run's folder"),
    Feature.RUN_DATES: Support(Level.NATIVE, "the time at which the run was started"),
    Feature.MATRIX: Support(Level.NATIVE, "one instance per row"),
    Feature.FOREACH_LITERAL: Support(Level.NATIVE, "one instance per item"),
    Feature.FOREACH_RUNTIME: Support(Level.NATIVE, "instances are created when the list is known"),
    Feature.MAX_PARALLEL: Support(Level.NATIVE, "the scheduler"),
    Feature.RETRY: Support(Level.NATIVE, "the scheduler"),
    Feature.RETRY_BACKOFF: Support(Level.NATIVE, "exact, without jitter"),
    Feature.TIMEOUT: Support(Level.NATIVE, "TERM, 10 s, KILL to all that it has started"),
    Feature.ENV: Support(Level.NATIVE, "the environment of the process"),
    Feature.SECRETS: Support(Level.EMULATED, "DW_SECRET_<NAME>_<KEY> of the caller, or --secrets-file"),
    Feature.WORKDIR: Support(Level.NATIVE, "below the work folder; targets.local.workdirs maps folders of images"),
    Feature.IMAGE: Support(Level.ADVISORY, "not used: tasks are processes"),
    Feature.RESOURCES: Support(Level.ADVISORY, "not enforced"),
    Feature.FINALLY: Support(Level.NATIVE, "a second phase of the run"),
    Feature.RUN_STATUS: Support(Level.NATIVE, "the status of the first phase"),
    Feature.SCHEDULE: Support(Level.ADVISORY, "a run starts when you start it; the time zone applies to run.date"),
    Feature.OVERLAP_FORBID: Support(Level.ADVISORY, "nothing is scheduled"),
    Feature.OVERLAP_ALLOW: Support(Level.ADVISORY, "nothing is scheduled"),
    Feature.CATCHUP: Support(Level.ADVISORY, "nothing is scheduled"),
    Feature.SCHEDULE_START: Support(Level.ADVISORY, "nothing is scheduled"),
    Feature.LABELS: Support(Level.ADVISORY, "the description is shown, the rest is not used"),
}
