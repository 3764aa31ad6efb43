"""`dagwright run`: the runtime of the generated script, in this process."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from dagwright.cli import exits
from dagwright.cli.command import command
from dagwright.cli.completing import files
from dagwright.cli.discovery import only_spec
from dagwright.cli.options import compiling, running
from dagwright.cli.session import Session
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.runtime.inputs import (
    Complaint,
    Refused,
    read_params_file,
    read_secrets_file,
    resolve_params,
    resolve_secrets,
    split_param,
)
from dagwright.runtime.model import Plan
from dagwright.runtime.options import RUN_OPTIONS
from dagwright.runtime.provenance import Checkout

if TYPE_CHECKING:
    from dagwright.runtime.ready import Ready


@command(short_help="Run a pipeline on this machine.")
@click.argument("path", required=False, metavar="[PATH]", callback=only_spec, shell_complete=files)
@running
@compiling
def run(path: str, **given: Any) -> int:
    """Run a pipeline on this machine.

    PATH is a spec, a folder with one spec, or `-` for standard input; without it, the only spec in the current folder
    is run. Each task is a process. Its output goes to a log; the record, logs and outputs of the run are stored in
    .dagwright/runs, and `latest` points to the newest run.

    Exits with 0 if the run succeeded, 5 if a task failed, and 2 if the run could not start.

    \b
    Examples:
      dagwright run churn.yaml
      dagwright run churn.yaml --param min_auc=0.7 -j 4
      dagwright run churn.yaml --dry-run
      dagwright run churn.yaml --json > trace.json
    """
    asked = {option.name: given.pop(option.name) for option in RUN_OPTIONS}
    workdir = asked["workdir"] or ("." if path == "-" else os.path.dirname(path) or ".")
    checkout = Checkout(workdir)
    session = Session(given, prints=True)
    pipeline = session.load(path, ("local",))
    if pipeline is None:
        return session.finish()
    from dagwright.backends.local.plan import make_plan
    from dagwright.runtime.model import read_plan

    plan = read_plan(make_plan(pipeline))
    from dagwright.runtime.ready import is_partial, new_run

    try:
        if asked["resume"] is not None:
            from dagwright.runtime.ready_again import resumed_run

            ready = resumed_run(plan, asked, checkout)
        else:
            texts, secrets = resolve(plan, asked, workdir)
            if not asked["quiet"]:
                session.count_warnings(path)
            if asked["dry_run"]:
                from dagwright.runtime.dry_run import describe_run

                sys.stdout.write(describe_run(plan, texts))
                return exits.OK
            start = new_run
            if is_partial(asked):
                from dagwright.runtime.ready_again import partial_run as start
            ready = start(plan, texts, secrets, os.path.abspath(workdir), asked, checkout)
    except Refused as refusal:
        return refused(refusal, session.report, pipeline, session.finish, asked)
    except BrokenPipeError:
        raise
    except OSError as error:
        return cannot_record(error)
    return begin(ready, asked)


def refused(
    refusal: Refused, report: Report, pipeline: Pipeline | None, finish: Callable[[], int], asked: dict[str, Any]
) -> int:
    """Print the reasons for which a run does not begin, and return the exit code."""
    refuse(report, pipeline, refusal)
    finish()
    if asked["as_json"]:
        _print_trace({"status": "refused"})
    from dagwright.runtime.session import BUSY

    return exits.BUSY if refusal.complaints[0].code == BUSY else exits.USAGE


def cannot_record(error: OSError) -> int:
    """Print that a run cannot be recorded, and return the exit code."""
    from dagwright.runtime.session import CANNOT_RECORD

    place = f" {error.filename}" if error.filename else ""
    click.echo(f"error[{CANNOT_RECORD}]: the run cannot go on: {error.strerror or error}{place}", err=True)
    return exits.IO_ERROR


def resolve(plan: Plan, asked: dict[str, Any], workdir: str) -> tuple[dict[str, str], dict[str, str]]:
    """Params and secrets, complete and checked. Raises Refused with all errors."""
    from_file = read_params_file(asked["params_file"]) if asked["params_file"] is not None else {}
    texts, complaints = resolve_params(plan, from_file, [split_param(argument) for argument in asked["params"]])
    if asked["dry_run"]:
        secrets: dict[str, str] = {}
    else:
        from_secrets = read_secrets_file(asked["secrets_file"]) if asked["secrets_file"] is not None else {}
        secrets, missing = resolve_secrets(plan, from_secrets, os.environ)
        complaints += missing
    if not os.path.isdir(workdir):
        complaints.append(Complaint("E808", "the work folder is not there", "give an existing folder to --workdir"))
    if complaints:
        raise Refused(complaints)
    return texts, secrets


def refuse(report: Report, pipeline: Pipeline | None, refusal: Refused) -> None:
    for complaint in refusal.complaints:
        declared = None if pipeline is None else pipeline.params_by_name.get(complaint.param)
        report.error(
            complaint.code,
            complaint.message,
            None if declared is None else declared.origin,
            label="declared here" if declared is not None else "",
            help=complaint.help,
        )


def _print_trace(trace: dict[str, Any]) -> None:
    from dagwright.runtime.record import dump_trace

    sys.stdout.write(dump_trace(trace))


def begin(ready: Ready, asked: dict[str, Any]) -> int:
    """Run to the end, and return the exit code."""
    gc.freeze()  # the compiler turns off garbage collection; a run may take days
    gc.enable()
    try:
        return _run(ready, asked)
    except BrokenPipeError:
        raise
    except OSError as error:
        return cannot_record(error)


def _run(ready: Ready, asked: dict[str, Any]) -> int:
    from dagwright.cli.progress import open_progress
    from dagwright.meaning.environment import cut_off
    from dagwright.runtime.abandoned import end_abandoned
    from dagwright.runtime.lines import images_text, nothing_to_do_text
    from dagwright.runtime.masking import Mask
    from dagwright.runtime.scheduler import Settings
    from dagwright.runtime.session import run_plan

    plan, folder = ready.plan, ready.folder
    if ready.nothing_to_do or asked["dry_run"]:
        folder.close()
        notes = [nothing_to_do_text(folder.id)] if ready.nothing_to_do else [f"{note}\n" for note in ready.notes]
        click.echo("".join(notes), err=ready.nothing_to_do, nl=False)
        return exits.OK
    for line in end_abandoned(folder.runs, folder.id):
        click.echo(line, err=True, nl=False)
    mask, missed = Mask(ready.secrets.values()), cut_off(os.environ, plan.seen)
    go_on = f"dagwright resume {ready.go_on}"
    with open_progress(plan, folder.path, mask, missed, go_on, quiet=asked["quiet"]) as progress:
        if plan.images and not asked["quiet"]:
            progress.say(images_text(plan.image_workdirs))
        for note in ready.notes if not asked["quiet"] else ():
            progress.say(f"{note}\n")
        settings = Settings(ready.workdir, ready.parallel, ready.secrets, tick=progress.tick, isolated=ready.isolated)
        result = run_plan(plan, ready.facts, settings, folder, progress.observe, ready.opening, ready.earlier)
    if not asked["quiet"] or result.status != "succeeded":
        progress.summary(result.status)
    if asked["as_json"]:
        _print_trace(dict(result.trace))
    return result.exit_code
