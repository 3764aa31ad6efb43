"""`dagwright resume`."""

from __future__ import annotations

from typing import Any

import click

from dagwright.cli.command import command
from dagwright.cli.completing import files, run_ids
from dagwright.cli.options import compiling, run_options
from dagwright.cli.run import begin, cannot_record, refused
from dagwright.cli.session import Session
from dagwright.runtime.inputs import Refused
from dagwright.runtime.options import RUN_OPTIONS

_SHARED = ("parallel", "secrets_file", "workdir", "isolated", "runs_dir", "again", "dry_run", "as_json", "quiet")


@command(short_help="Resume a run that failed or was interrupted.")
@click.argument("run", required=False, metavar="[RUN]", shell_complete=run_ids)
@click.option("--spec", metavar="FILE", shell_complete=files, help="Take the present spec instead of that of the run.")
@run_options(*_SHARED)
@compiling
def resume(run: str | None, spec: str | None, **given: Any) -> int:
    """Resume a run: keep the results of tasks that succeeded, and run the others.

    RUN is the id of a run, the beginning of one, or `latest`; without it, the newest run that did not succeed is used.
    A task is kept if it has succeeded, its outputs are as they were, and all tasks before it are kept. Params and the
    work folder are those of the run.

    With --spec, tasks whose definition has changed run again, and so do all tasks after them.

    \b
    Examples:
      dagwright resume
      dagwright resume 20260102T1030
      dagwright resume --spec churn.yaml
      dagwright resume --again train --dry-run
    """
    asked = {option.name: given.pop(option.name, None) for option in RUN_OPTIONS}
    asked["resume"] = run
    session = Session(given, prints=True)
    plan = pipeline = None
    if spec is not None:
        pipeline = session.load(spec, ("local",))
        if pipeline is None:
            return session.finish()
        from dagwright.backends.local.plan import make_plan
        from dagwright.runtime.model import read_plan

        plan = read_plan(make_plan(pipeline))
    from dagwright.runtime.ready_again import resumed_run

    try:
        ready = resumed_run(plan, asked)
    except Refused as refusal:
        return refused(refusal, session.report, pipeline, session.finish, asked)
    except OSError as error:
        return cannot_record(error)
    return begin(ready, asked)
