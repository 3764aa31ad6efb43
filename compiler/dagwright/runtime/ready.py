"""A run that is ready to begin: new, new with some of its tasks, or resumed. `asked` has the options of a run."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

from dagwright.runtime.inputs import Complaint, Refused, read_secrets_file, resolve_secrets
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan, read_plan
from dagwright.runtime.past import read_past, stored_plan
from dagwright.runtime.provenance import Checkout
from dagwright.runtime.reading import RunFacts
from dagwright.runtime.record import RunFolder
from dagwright.runtime.resuming import clear_for, lock_run, resume_run
from dagwright.runtime.scheduler import default_parallel
from dagwright.runtime.selecting import left_out_tasks, needed_outputs, take_results
from dagwright.runtime.session import DEFAULT_RUNS, new_facts, open_run_folder, opening_of
from dagwright.runtime.state import Earlier


@dataclass(frozen=True)
class Ready:
    """A run with all that it needs. `notes` are lines for people; `go_on` are options of the command to resume it."""

    plan: Plan
    facts: RunFacts
    folder: RunFolder
    secrets: Mapping[str, str]
    workdir: str
    parallel: int
    isolated: bool
    earlier: Earlier
    opening: Mapping[str, Any]
    notes: List[str]
    go_on: str
    nothing_to_do: bool = False


def go_on_options(asked: Mapping[str, Any], run: str) -> str:
    """The id of a run, and the options with which its command was given that the next one needs, too."""
    given = [("--runs-dir", asked["runs_dir"]), ("--secrets-file", asked["secrets_file"])]
    return " ".join([run, *(f"{flag} {shlex.quote(value)}" for flag, value in given if value is not None)])


def new_run(
    plan: Plan,
    texts: Mapping[str, str],
    secrets: Mapping[str, str],
    workdir: str,
    asked: Mapping[str, Any],
    checkout: Checkout,
) -> Ready:
    """A new run, of all tasks or of some. Raises Refused or OSError."""
    left_out = left_out_tasks(plan, asked["only"], asked["from_tasks"], asked["until"])
    folder = open_run_folder(asked["runs_dir"])
    opening = opening_of("run", checkout)
    earlier, notes = Earlier(), []
    if left_out:
        notes = [f"left out: {len(left_out)} of {len(plan.all_tasks)} tasks"]
        needed = needed_outputs(plan, left_out)
        opening["left_out"] = sorted(left_out)
        results: Dict[str, Any] = {}
        if needed:
            try:
                results, entries, source = take_results(plan, needed, folder, asked["inputs"], Mask(secrets.values()))
            except Refused:
                folder.discard()
                raise
            opening["given"] = entries
            notes.append(f"the outputs of {', '.join(results)} come from the run {source}")
        earlier = Earlier(results, left_out=left_out)
    parallel = asked["parallel"] or plan.max_parallel or default_parallel()
    facts = new_facts(folder, plan, texts)
    return Ready(plan, facts, folder, secrets, workdir, parallel, asked["isolated"], earlier, opening, notes,
                 go_on_options(asked, folder.id))  # fmt: skip


def resumed_run(given: Optional[Plan], asked: Mapping[str, Any], checkout: Optional[Checkout] = None) -> Ready:
    """A resumed run, with its own plan or a given one. Raises Refused or OSError."""
    refuse_with_resume(asked)
    folder = lock_run(asked["runs_dir"] or DEFAULT_RUNS, asked["resume"])
    try:
        past = read_past(folder.path, whole=True)
        plan = given if given is not None else read_plan(stored_plan(past))
        from_file = read_secrets_file(asked["secrets_file"]) if asked["secrets_file"] is not None else {}
        secrets, missing = resolve_secrets(plan, from_file, os.environ)
        workdir = os.path.abspath(asked["workdir"] or past.opening["workdir"])
        if not os.path.isdir(workdir):
            missing.append(Complaint("E808", "the work folder is not there", "give an existing folder to --workdir"))
        if missing:
            raise Refused(missing)
        found = resume_run(folder, past, plan, given is not None, asked["again"], Mask(secrets.values()))
        opening = {**opening_of("resume", checkout or Checkout(workdir)), **found.event()}
        if not found.nothing_to_do and not asked["dry_run"]:
            clear_for(found, folder)
    except BaseException:
        folder.close()
        raise
    parallel = asked["parallel"] or past.opening["parallel"]
    isolated = asked["isolated"] or past.opening["isolated"]
    return Ready(plan, found.facts, folder, secrets, workdir, parallel, isolated, found.earlier, opening, found.lines(),
                 go_on_options(asked, folder.id), found.nothing_to_do)  # fmt: skip


# The options that a run keeps from its first start.
_FIXED = (("params", "--param"), ("params_file", "--params-file"), ("only", "--only"), ("from_tasks", "--from"),
          ("until", "--until"), ("inputs", "--inputs"))  # fmt: skip


def refuse_with_resume(asked: Mapping[str, Any]) -> None:
    for name, flag in _FIXED:
        if asked.get(name):
            advice = "leave it out, or start a new run"
            raise Refused([Complaint("E813", f"{flag} cannot change when a run is resumed", advice)])
