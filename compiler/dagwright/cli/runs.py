"""`dagwright runs`: the table of runs, one run in detail, and the removal of old runs."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from dagwright.cli import exits
from dagwright.cli.command import Command
from dagwright.cli.completing import run_ids
from dagwright.cli.looking import looking, past_run, runs_folder, runs_option
from dagwright.diagnostics.visible import visible
from dagwright.runtime.inputs import Refused
from dagwright.runtime.past import Past, read_past, run_names

_STATES = ("succeeded", "failed", "cancelled", "interrupted", "running")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class _Runs(Command, click.Group):
    """A group that is a command, too."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group(cls=_Runs, invoke_without_command=True, short_help="List runs; show one; remove old ones.")
@click.option("--pipeline", metavar="NAME", help="Only runs of this pipeline.")
@click.option("--state", type=click.Choice(_STATES), help="Only runs in this state.")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the newest N of these runs.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@runs_option
@click.pass_context
def runs(
    context: click.Context,
    pipeline: str | None,
    state: str | None,
    last: int | None,
    as_json: bool,
    runs_dir: str | None,
) -> int:
    """List the local runs, newest first, each with its pipeline, state, start, duration and states of tasks.

    A run is `interrupted` if its runner was killed before the end.

    \b
    Examples:
      dagwright runs
      dagwright runs --state failed --last 5
      dagwright runs --pipeline churn --json
    """
    if context.invoked_subcommand is not None:
        return exits.OK
    folder = runs_folder(runs_dir)
    rows: list[dict[str, Any]] = []
    for name in run_names(folder):
        if last is not None and len(rows) == last:
            break
        try:
            row = _summary(read_past(os.path.join(folder, name)))
        except Refused:
            row = {"id": name, "pipeline": "", "state": "unreadable", "started": "", "seconds": 0.0, "tasks": {}}
        if pipeline in (None, row["pipeline"]) and state in (None, row["state"]):
            rows.append(row)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return exits.OK
    table = [["RUN", "PIPELINE", "STATE", "STARTED", "TIME", "TASKS"]]
    for row in rows:
        tasks = ", ".join(f"{count} {name}" for name, count in row["tasks"].items())
        table.append(
            [row["id"], row["pipeline"], row["state"], _local(row["started"]), f"{row['seconds']:.1f} s", tasks]
        )
    click.echo(_table(table))
    return exits.OK


@runs.command("show", cls=Command)
@click.argument("run", default="latest", metavar="[RUN]", shell_complete=run_ids)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@runs_option
@looking
def show(run: str, as_json: bool, runs_dir: str | None) -> int:
    """Show a run: where it comes from, its params, and the state of each task with its attempts and reason.

    RUN is the id of a run, the beginning of one, or `latest`, the default. If lines of the
    record are damaged, the others are shown.

    \b
    Examples:
      dagwright runs show
      dagwright runs show 20260102T1030 --json
    """
    past = past_run(runs_folder(runs_dir), run)
    found = {**_summary(past), **_details(past)}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return exits.OK
    head = [
        ["run", past.id],
        ["pipeline", found["pipeline"]],
        ["state", found["state"]],
        ["started", _local(found["started"])],
        ["time", f"{found['seconds']:.1f} s"],
        ["work folder", past.opening.get("workdir", "")],
    ]
    git = past.opening.get("git")
    if git:
        head.append(["commit", git["commit"] + ("" if git["clean"] else ", with changes")])
    head += [[f"param {name}", text] for name, text in past.opening.get("params", {}).items()]
    if past.damaged:
        head.append(["damaged", f"{past.damaged} lines of the record cannot be read"])
    click.echo(_table(head) + "\n")
    rows = [[task["task"], task["state"], str(task["attempts"] or ""), task["reason"]] for task in found["details"]]
    click.echo(_table([["TASK", "STATE", "ATTEMPTS", "REASON"], *rows]))
    return exits.OK


@runs.command("prune", cls=Command)
@click.option("--keep", type=click.IntRange(0), metavar="N", help="Keep the newest N runs.")
@click.option("--older", metavar="AGE", help="Remove only runs that are older, such as 30d, 12h or 2w.")
@click.option("--dry-run", is_flag=True, help="Print the runs, and remove nothing.")
@runs_option
@looking
def prune(keep: int | None, older: str | None, dry_run: bool, runs_dir: str | None) -> int:
    """Remove the folders of old runs, with their logs and outputs. Runs in progress stay.

    With both options, a run is removed if neither keeps it.

    \b
    Examples:
      dagwright runs prune --keep 20
      dagwright runs prune --keep 20 --older 30d --dry-run
    """
    if keep is None and older is None:
        raise click.UsageError("Give --keep, --older or both.")
    age = _age(older) if older is not None else timedelta(0)
    from dagwright.runtime.record import RunFolder

    folder = runs_folder(runs_dir)
    before = f"{datetime.now(UTC) - age:%Y%m%dT%H%M%S}"
    for name in run_names(folder)[keep or 0 :]:
        if name >= before:
            continue
        try:
            run = RunFolder(folder, name)
        except BlockingIOError:
            continue
        if dry_run:
            run.close()
        else:
            run.discard()
        click.echo(f"{'would remove' if dry_run else 'removed'} {name}")
    return exits.OK


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,5})([mhdw])", text)
    if match is None:
        raise click.BadParameter(f"'{text}' is not an age such as 30d, 12h or 2w.", param_hint="'--older'")
    return int(match[1]) * _UNITS[match[2]]


def _summary(past: Past) -> dict[str, Any]:
    states = list(past.states.values())
    started = past.first.get("at", "")
    seconds = (_moment(past.ended) - _moment(started)).total_seconds() if started and past.ended else 0.0
    return {
        "id": past.id,
        "pipeline": past.first.get("pipeline", ""),
        "state": past.state,
        "started": started,
        "seconds": round(seconds, 3),
        "tasks": {state: states.count(state) for state in dict.fromkeys(states)},
    }


def _details(past: Past) -> dict[str, Any]:
    attempts: dict[str, int] = {}
    for label, count in past.attempts.items():
        task, _, index = label.rpartition(".")
        name = task if task and index.isdecimal() else label
        attempts[name] = attempts.get(name, 0) + count
    names = dict.fromkeys([*past.states, *attempts])
    details = [
        {
            "task": name,
            "state": past.states.get(name, "open"),
            "attempts": attempts.get(name, 0),
            "reason": past.reasons.get(name, ""),
        }
        for name in names
    ]
    return {"opening": dict(past.opening), "damaged": past.damaged, "details": details}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _local(text: str) -> str:
    return f"{_moment(text).astimezone():%Y-%m-%d %H:%M:%S}" if text else ""


def _table(rows: list[list[str]]) -> str:
    """Aligned columns; texts of the record are made printable."""
    rows = [[visible(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
