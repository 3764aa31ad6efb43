"""`dagwright run`: the runtime of the generated script, in this process."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

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
    session = Session(given, prints=True)
    pipeline = session.load(path, ("local",))
    if pipeline is None:
        return session.finish()
    from dagwright.backends.local.plan import make_plan
    from dagwright.runtime.model import read_plan

    plan = read_plan(make_plan(pipeline))
    workdir = asked["workdir"] or ("." if path == "-" else os.path.dirname(path) or ".")
    try:
        texts, secrets = resolve(plan, asked, workdir)
    except Refused as refusal:
        refuse(session.report, pipeline, refusal)
        session.finish()
        if asked["as_json"]:
            _print_trace({"status": "refused"})
        return exits.USAGE
    if not asked["quiet"]:
        session.count_warnings(path)
    if asked["dry_run"]:
        from dagwright.runtime.dry_run import describe_run

        sys.stdout.write(describe_run(plan, texts))
        return exits.OK
    gc.freeze()  # the compiler turns off garbage collection; a run may take days
    gc.enable()
    try:
        return _run(plan, texts, secrets, os.path.abspath(workdir), asked)
    except BrokenPipeError:
        raise
    except OSError as error:
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


def refuse(report: Report, pipeline: Pipeline, refusal: Refused) -> None:
    for complaint in refusal.complaints:
        declared = pipeline.params_by_name.get(complaint.param)
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


def _run(
    plan: Plan,
    texts: dict[str, str],
    secrets: dict[str, str],
    workdir: str,
    asked: dict[str, Any],
) -> int:
    from dagwright.cli.progress import open_progress
    from dagwright.meaning.environment import cut_off
    from dagwright.runtime.abandoned import end_abandoned
    from dagwright.runtime.lines import images_text
    from dagwright.runtime.masking import Mask
    from dagwright.runtime.scheduler import Settings, default_parallel
    from dagwright.runtime.session import open_run_folder, run_plan

    parallel = asked["parallel"] or plan.max_parallel or default_parallel()
    folder = open_run_folder(asked["runs_dir"])
    for line in end_abandoned(folder.runs):
        click.echo(line, err=True, nl=False)
    mask, missed = Mask(secrets.values()), cut_off(os.environ, plan.seen)
    with open_progress(plan, folder.path, mask, missed, quiet=asked["quiet"]) as progress:
        if plan.images and not asked["quiet"]:
            progress.say(images_text(plan.image_workdirs))
        settings = Settings(workdir, parallel, secrets, tick=progress.tick, isolated=asked["isolated"])
        result = run_plan(plan, texts, settings, folder, progress.observe)
    if not asked["quiet"] or result.status != "succeeded":
        progress.summary(result.status)
    if asked["as_json"]:
        _print_trace(dict(result.trace))
    return result.exit_code
