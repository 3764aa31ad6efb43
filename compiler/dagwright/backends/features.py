"""The features of pipelines, and the places at which a pipeline uses them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum

from dagwright.ir.expr import ArtifactRef, Expr, Op, OutputRef, RunField, RunRef, StatusRef, walk
from dagwright.ir.model import (
    Command,
    ForEach,
    ForEachItems,
    Matrix,
    Overlap,
    Pipeline,
    Script,
    Task,
    TriggerRule,
    expressions,
)
from dagwright.source.span import Span


class Feature(Enum):
    """A feature of pipelines, one per line of `dagwright support`; the value is its name in the documentation."""

    COMMAND = "command"
    SCRIPT = "script"
    PARAMS = "params"
    PARAM_CONSTRAINTS = "params: required, minimum, maximum, lengths, enum"
    NEEDS = "needs"
    WHEN = "when"
    RULE_NONE_FAILED = "trigger_rule: none_failed"
    RULE_MIN_ONE_SUCCESS = "trigger_rule: none_failed_min_one_success"
    RULE_ANY_FAILED = "trigger_rule: any_failed"
    RULE_ALL_DONE = "trigger_rule: all_done"
    VALUE_OUTPUTS = "outputs: values"
    OUTPUT_DEFAULTS = "outputs: default"
    ARTIFACTS = "outputs and inputs: files and directories"
    FAN_OUT_VALUES = "values of a fan-out, as a list"
    FAN_OUT_ARTIFACTS = "artifacts of a fan-out, as a directory"
    EXPRESSIONS = "computed expressions"
    TASK_STATUS = "tasks.t.status"
    RUN_ID = "run.id"
    RUN_DATES = "run.scheduled_at, run.date"
    MATRIX = "matrix"
    FOREACH_LITERAL = "foreach over a literal list"
    FOREACH_RUNTIME = "foreach over a list made at run time"
    MAX_PARALLEL = "max_parallel"
    RETRY = "retry.limit, retry.delay"
    RETRY_BACKOFF = "retry.factor, retry.max_delay"
    TIMEOUT = "timeout"
    ENV = "env"
    SECRETS = "secrets"
    WORKDIR = "workdir"
    IMAGE = "image"
    RESOURCES = "resources"
    FINALLY = "finally"
    RUN_STATUS = "run.status"
    SCHEDULE = "schedule: cron, timezone"
    OVERLAP_FORBID = "schedule.overlap: forbid"
    OVERLAP_ALLOW = "schedule.overlap: allow"
    CATCHUP = "schedule.catchup"
    SCHEDULE_START = "schedule.start"
    LABELS = "labels, owner, description"


Use = tuple[Feature, Span]


_RULES = {rule: Feature(f"trigger_rule: {rule.value}") for rule in TriggerRule if rule is not TriggerRule.ALL_SUCCESS}


_RUN_FIELDS = {
    RunField.ID: Feature.RUN_ID,
    RunField.SCHEDULED_AT: Feature.RUN_DATES,
    RunField.DATE: Feature.RUN_DATES,
    RunField.STATUS: Feature.RUN_STATUS,
}


_FAN_OUTS = {Matrix: Feature.MATRIX, ForEachItems: Feature.FOREACH_LITERAL, ForEach: Feature.FOREACH_RUNTIME}


def _expression_uses(expr: Expr) -> Iterator[Use]:
    for part in walk(expr):
        match part:
            case OutputRef(fan_out=True):
                yield Feature.FAN_OUT_VALUES, part.origin
            case StatusRef():
                yield Feature.TASK_STATUS, part.origin
            case RunRef():
                yield _RUN_FIELDS[part.name], part.origin
            case Op():
                yield Feature.EXPRESSIONS, part.origin
            case ArtifactRef():
                raise AssertionError("an artifact reference was left in the IR")


_PRESENCE: tuple[tuple[Feature, str, Callable[[Task], object]], ...] = (
    (Feature.NEEDS, "needs", lambda t: t.needs),
    (Feature.WHEN, "when", lambda t: t.when is not None),
    (Feature.MAX_PARALLEL, "max_parallel", lambda t: t.max_parallel is not None),
    (Feature.RETRY, "retry", lambda t: t.retry.limit),
    (Feature.RETRY_BACKOFF, "retry.factor", lambda t: t.retry.limit and t.retry.factor > 1),
    (Feature.TIMEOUT, "timeout", lambda t: t.timeout is not None),
    (Feature.ENV, "env", lambda t: t.env),
    (Feature.SECRETS, "secrets", lambda t: t.secrets),
    (Feature.WORKDIR, "workdir", lambda t: t.workdir is not None),
    (Feature.IMAGE, "image", lambda t: t.image is not None),
    (Feature.RESOURCES, "resources", lambda t: t.resources is not None),
    (Feature.LABELS, "labels", lambda t: t.labels or t.description),
    (Feature.COMMAND, "command", lambda t: isinstance(t.action, Command)),
    (Feature.SCRIPT, "script", lambda t: isinstance(t.action, Script)),
)


def _task_uses(task: Task) -> Iterator[Use]:
    for feature, key, present in _PRESENCE:
        if present(task):
            yield feature, task.origin_of(key)
    if task.trigger_rule is not TriggerRule.ALL_SUCCESS:
        yield _RULES[task.trigger_rule], task.origin_of("trigger_rule")
    if task.fan_out is not None:
        yield _FAN_OUTS[type(task.fan_out)], task.fan_out.origin
    for output in task.outputs:
        yield (Feature.ARTIFACTS if output.type.is_artifact else Feature.VALUE_OUTPUTS), output.origin
        if output.default is not None:
            yield Feature.OUTPUT_DEFAULTS, output.origin
    for given in task.inputs:
        yield (Feature.FAN_OUT_ARTIFACTS if given.fan_out else Feature.ARTIFACTS), given.origin
    for expr in expressions(task):
        yield from _expression_uses(expr)


def uses(pipeline: Pipeline) -> Iterator[Use]:
    """Every use of every feature, with its place; a feature may occur many times."""
    for param in pipeline.params:
        yield Feature.PARAMS, param.origin
        constrained = (param.minimum, param.maximum, param.min_length, param.max_length)
        if param.default is None or param.enum or any(c is not None for c in constrained):
            yield Feature.PARAM_CONSTRAINTS, param.origin
    if pipeline.labels or pipeline.owner or pipeline.description:
        yield Feature.LABELS, pipeline.origin
    if pipeline.schedule is not None:
        schedule = pipeline.schedule
        yield Feature.SCHEDULE, schedule.origin
        if schedule.overlap is Overlap.ALLOW:
            yield Feature.OVERLAP_ALLOW, schedule.origin_of("overlap")
        elif "overlap" in dict(schedule.origins):  # as the default it promises only what all engines keep
            yield Feature.OVERLAP_FORBID, schedule.origin_of("overlap")
        if schedule.catchup:
            yield Feature.CATCHUP, schedule.origin_of("catchup")
        if schedule.start is not None:
            yield Feature.SCHEDULE_START, schedule.origin_of("start")
    if pipeline.finally_tasks:
        yield Feature.FINALLY, pipeline.finally_tasks[0].origin
    for task in pipeline.all_tasks:
        yield from _task_uses(task)
