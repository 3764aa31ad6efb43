"""The plan of a pipeline: plain JSON data, built from the IR alone, for `dagwright.runtime.model`.

Default values are left out, so a generated script shows only the author's settings.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, assert_never

from dagwright import __version__
from dagwright.backends.local.settings import LocalSettings, settings
from dagwright.backends.processes import process_workdir
from dagwright.expressions.encode import encode, encode_text
from dagwright.ir.model import (
    Command,
    FanOut,
    ForEach,
    ForEachItems,
    Matrix,
    Output,
    Param,
    Pipeline,
    Retry,
    Script,
    Task,
    TriggerRule,
)

Plain = dict[str, Any]


def make_plan(pipeline: Pipeline) -> Plain:
    """The plan of a whole pipeline."""
    local = settings(pipeline)
    return _without_nothing(
        {
            "name": pipeline.name,
            "digest": pipeline.digest,
            "tool": __version__,
            "description": pipeline.description or None,
            "timezone": pipeline.schedule.timezone if pipeline.schedule is not None else None,
            "max_parallel": local.max_parallel,
            "pass_env": list(local.pass_env),
            "images": any(task.image is not None for task in pipeline.all_tasks) or None,
            "image_workdirs": sorted({str(task.workdir) for task in pipeline.all_tasks if _is_lost(task, local)}),
            "watched": False if pipeline.targets.named == ("local",) else None,
            "params": [_param(param) for param in pipeline.params],
            "tasks": [_task(task, local) for task in pipeline.tasks] or None,
            "finally": [_task(task, local) for task in pipeline.finally_tasks],
        }
    ) | ({} if pipeline.tasks else {"tasks": []})


def _without_nothing(entry: Plain) -> Plain:
    return {key: value for key, value in entry.items() if value is not None and value != [] and value != {}}


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())


def _param(param: Param) -> Plain:
    return _without_nothing(
        {
            "name": param.name,
            "type": param.type.value,
            "default": None if param.default is None else param.default.text,
            "minimum": param.minimum,
            "maximum": param.maximum,
            "min_length": param.min_length,
            "max_length": param.max_length,
            "enum": [choice.text for choice in param.enum],
            "description": param.description or None,
        }
    )


def _task(task: Task, local: LocalSettings) -> Plain:
    entry: Plain = {"name": task.name}
    if task.needs:
        entry["needs"] = list(task.needs)
    if task.trigger_rule is not TriggerRule.ALL_SUCCESS:
        entry["trigger_rule"] = task.trigger_rule.value
    if task.when is not None:
        entry["when"] = encode(task.when)
    if task.fan_out is not None:
        entry["fan_out"] = _fan_out(task.fan_out)
    if task.max_parallel is not None:
        entry["max_parallel"] = task.max_parallel
    entry |= _action(task.action)
    workdir = process_workdir(task, local.workdirs)
    if workdir is not None:
        entry["workdir"] = workdir
    if task.inputs:
        entry["inputs"] = [
            {"name": given.name, "task": given.task, "output": given.output, "filename": given.filename}
            | ({"fan_out": True} if given.fan_out else {})
            for given in task.inputs
        ]
    if task.outputs:
        entry["outputs"] = [_output(output) for output in task.outputs]
    if task.env:
        entry["env"] = {variable.name: encode_text(variable.value) for variable in task.env}
    if task.secrets:
        entry["secrets"] = {secret.env: [secret.name, secret.key] for secret in task.secrets}
    if task.retry.limit:
        entry["retry"] = _retry(task.retry)
    if task.timeout is not None:
        entry["timeout"] = _seconds(task.timeout)
    return entry


def _is_lost(task: Task, local: LocalSettings) -> bool:
    """Whether a task starts in a folder of its image that `workdirs` does not map to a folder here."""
    return task.workdir is not None and process_workdir(task, local.workdirs) is None


def _action(action: Command | Script) -> Plain:
    match action:
        case Command(argv=argv):
            return {"command": [encode_text(text) for text in argv]}
        case Script(interpreter=interpreter, source=source):
            return {"interpreter": list(interpreter), "script": source.split("\n")}
        case _:
            assert_never(action)


def _output(output: Output) -> Plain:
    entry: Plain = {"name": output.name, "type": output.type.value}
    if output.filename != output.name:
        entry["filename"] = output.filename
    if output.default is not None:
        entry["default"] = output.default.text
    return entry


def _retry(retry: Retry) -> Plain:
    entry: Plain = {"limit": retry.limit}
    if retry.delay:
        entry["delay"] = _seconds(retry.delay)
    if retry.factor != 1:
        entry["factor"] = retry.factor
    if retry.max_delay is not None:
        entry["max_delay"] = _seconds(retry.max_delay)
    return entry


def _fan_out(fan_out: FanOut) -> Plain:
    match fan_out:
        case Matrix(axes=axes, rows=rows):
            return {"axes": list(axes), "rows": [[encode(cell) for cell in row] for row in rows]}
        case ForEachItems(items=items):
            return {"items": [encode(item) for item in items]}
        case ForEach(source=source):
            return {"source": encode(source)}
        case _:
            assert_never(fan_out)
