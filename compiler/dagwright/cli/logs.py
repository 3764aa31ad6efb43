"""`dagwright logs` and `dagwright outputs`."""

from __future__ import annotations

import json
import os
import sys
import time

import click

from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import run_ids
from dagwright.cli.looking import looking, past_run, runs_folder, runs_option
from dagwright.diagnostics.visible import visible
from dagwright.runtime.inputs import Complaint, Refused, shorten
from dagwright.runtime.past import Past, label_of

_PAUSE = 0.1  # seconds between two looks at a growing log


@command(short_help="Print the log of a task of a run.")
@click.argument("task", metavar="TASK")
@click.option("--run", default="latest", metavar="RUN", shell_complete=run_ids, show_default=True, help="The run.")
@click.option("--attempt", type=click.IntRange(1), metavar="N", show_default="the last one", help="The attempt.")
@click.option("-f", "--follow", is_flag=True, help="Also print what is added, until the attempt has ended.")
@runs_option
@looking
def logs(task: str, run: str, attempt: int | None, follow: bool, runs_dir: str | None) -> int:
    """Print the log of a task, unchanged: what the task wrote to its standard output and standard error.

    TASK is a task, or an instance of a `matrix` or `foreach` such as train.0.

    \b
    Examples:
      dagwright logs train.1
      dagwright logs train.1 --attempt 1 --run 20260102T1030
      dagwright logs -f train.1
    """
    past = past_run(runs_folder(runs_dir), run)
    number = attempt or past.attempts.get(task, 0)
    path = os.path.join(past.path, "logs", f"{task}.attempt-{number}.log")
    if task not in past.attempts or not os.path.isfile(path):
        raise Refused([_no_log(past, task, number)])
    with open(path, "rb") as file:
        while True:
            ended = not follow or _has_ended(past.path, task, number)
            while chunk := file.read(1 << 16):
                sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            if ended:
                return exits.OK
            time.sleep(_PAUSE)


def _no_log(past: Past, task: str, number: int) -> Complaint:
    labels = sorted(past.attempts)
    if task in past.attempts:
        advice = f"its attempts are 1 to {past.attempts[task]}"
        return Complaint("E816", f"attempt {number} of `{task}` has no log in the run {past.id}", advice)
    instances = [label for label in labels if label.startswith(f"{task}.")]
    shown = ", ".join((instances or labels)[:20]) or "none"
    return Complaint("E816", f"`{shorten(task)}` has no log in the run {past.id}", f"there are logs of: {shown}")


def _has_ended(path: str, task: str, number: int) -> bool:
    """Whether an attempt has ended, or its run."""
    from dagwright.runtime.record import is_live, read_record

    if not is_live(path):
        return True
    return any(
        event["event"] == "end" and event["attempt"] == number and label_of(event["task"], event.get("index")) == task
        for event in read_record(path)
    )


@command(short_help="Print the outputs of a run.")
@click.argument("run", metavar="RUN", shell_complete=run_ids)
@click.argument("task", required=False, metavar="[TASK]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@runs_option
@looking
def outputs(run: str, task: str | None, as_json: bool, runs_dir: str | None) -> int:
    """Print the outputs of a run, or of one task: the text of each value, and the path of each file.

    RUN is the id of a run, the beginning of one, or `latest`. Secrets in values are masked.

    \b
    Examples:
      dagwright outputs latest
      dagwright outputs latest train.0
      dagwright outputs latest choose --json
    """
    past = past_run(runs_folder(runs_dir), run)
    found: dict[str, dict[str, str]] = {}
    for (name, index), result in past.results.items():
        label = label_of(name, index)
        if task in (None, name, label) and result.outputs:
            found[label] = {
                output: os.path.join(past.path, text) if output in result.written else text
                for output, text in result.outputs.items()
            }
    if task is not None and not found:
        known = ", ".join(dict.fromkeys(label_of(*key) for key, result in past.results.items() if result.outputs))
        message = f"`{shorten(task)}` has no outputs in the run {past.id}"
        raise Refused([Complaint("E816", message, f"there are outputs of: {known or 'none'}")])
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return exits.OK
    for label, values in found.items():
        for output, text in values.items():
            click.echo(f"{label}.{output} = {visible(text)}")
    return exits.OK
