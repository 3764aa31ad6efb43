"""`dagwright plan`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from dagwright.backends.backend import Partitions
from dagwright.backends.registry import backend
from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import files, targets
from dagwright.cli.discovery import only_spec
from dagwright.cli.options import compiling, one_target, params_file_option, params_option
from dagwright.cli.run import refuse, resolve
from dagwright.cli.session import Session
from dagwright.ir.model import Pipeline
from dagwright.runtime.inputs import Refused
from dagwright.runtime.model import Plan, TaskPlan

_TICKS = 3


@command(short_help="Show what a run would do, without running it.")
@click.argument("path", required=False, metavar="[PATH]", callback=only_spec, shell_complete=files)
@params_option
@params_file_option
@click.option(
    "-t",
    "--target",
    "target",
    callback=one_target,
    shell_complete=targets,
    metavar="NAME",
    help="Also show how this target splits a large pipeline, and why.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@compiling
def plan(
    path: str, params: tuple[str, ...], params_file: str | None, target: str | None, as_json: bool, **given: Any
) -> int:
    """Show the tasks in the order in which they would start, without running them.

    Shows params, instances and commands as far as they are known before a run, and the next three times of the
    schedule. PATH is a spec, a folder with one spec, or `-` for standard input; without it, the only spec in the
    current folder is used.

    \b
    Examples:
      dagwright plan churn.yaml
      dagwright plan churn.yaml --param min_auc=0.7
      dagwright plan churn.yaml --json
      dagwright plan churn.yaml -t argo
    """
    session = Session(given, prints=True)
    pipeline = session.load(path)
    if pipeline is None:
        return session.finish()
    from dagwright.backends.local.plan import make_plan
    from dagwright.runtime.dry_run import describe_run
    from dagwright.runtime.model import read_plan

    made = read_plan(make_plan(pipeline))
    try:
        texts, _ = resolve(made, {"params": params, "params_file": params_file, "dry_run": True}, ".")
    except Refused as refusal:
        refuse(session.report, pipeline, refusal)
        session.finish()
        return exits.USAGE
    session.finish()
    cuts = explain_partition(pipeline, target) if target is not None else None
    ticks = [tick.strftime("%Y-%m-%dT%H:%M:%SZ") for tick in _next_ticks(pipeline)]
    if as_json:
        click.echo(json.dumps(_as_json(made, texts, ticks, cuts), indent=2))
        return exits.OK
    sys.stdout.write(describe_run(made, texts))
    if cuts is not None:
        click.echo("\n".join(f"{target}: {line}" for line in cuts or ("undivided",)))
    if pipeline.schedule is not None:
        where = f"{pipeline.schedule.cron} in {pipeline.schedule.timezone}"
        click.echo(f"schedule {where}; next: {', '.join(ticks)}")
    return exits.OK


def _next_ticks(pipeline: Pipeline) -> tuple[datetime, ...]:
    """The next instants at which the schedule starts a run, in UTC."""
    if pipeline.schedule is None:
        return ()
    from dagwright.schedule.cron import Cron, parse_cron
    from dagwright.schedule.ticks import next_ticks
    from dagwright.schedule.zones import find_zone

    cron, zone = parse_cron(pipeline.schedule.cron), find_zone(pipeline.schedule.timezone)
    assert isinstance(cron, Cron)
    assert zone is not None
    start = max(datetime.now(UTC), pipeline.schedule.start or datetime.min.replace(tzinfo=UTC))
    return tuple(tick.astimezone(UTC) for tick in next_ticks(cron, zone, start, _TICKS))


def explain_partition(pipeline: Pipeline, target: str) -> tuple[str, ...]:
    """Readable lines about the parts of a pipeline on a target; empty if the target does not cut it."""
    chosen = backend(target)
    return chosen.explain_partition(pipeline) if isinstance(chosen, Partitions) else ()


def _as_json(made: Plan, params: Mapping[str, str], ticks: list[str], cuts: tuple[str, ...] | None) -> dict[str, Any]:
    """`{"pipeline", "params", "waves": [[task]], "finally": [[task]], "next_ticks"}`; unknown `instances` are null.

    With a target, also `cuts`: lines about the parts of the pipeline.
    """
    return {
        **({"cuts": list(cuts)} if cuts is not None else {}),
        "pipeline": made.name,
        "params": dict(params),
        "waves": _waves(made.tasks, params),
        "finally": _waves(made.finally_tasks, params),
        "next_ticks": ticks,
    }


def _waves(tasks: Iterable[TaskPlan], params: Mapping[str, str]) -> list[list[dict[str, Any]]]:
    from dagwright.runtime.dry_run import known_instances, waves_of

    return [
        [
            {
                "task": task.name,
                "needs": list(task.needs),
                "trigger_rule": task.rule,
                "conditional": task.when is not None,
                "fan_out": task.fan_out is not None,
                "instances": known_instances(task, params),
            }
            for task in wave
        ]
        for wave in waves_of(tasks)
    ]
