"""A run of some tasks, or a resumed run, that is ready to begin. `asked` has the options of a run."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Dict, Mapping, Optional

from dagwright.runtime.inputs import Complaint, Refused, read_secrets_file, resolve_secrets
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan, read_plan
from dagwright.runtime.past import read_past, stored_plan
from dagwright.runtime.provenance import Checkout
from dagwright.runtime.ready import Ready, go_on_options, new_run
from dagwright.runtime.resuming import clear_for, lock_run, resume_run
from dagwright.runtime.selecting import left_out_tasks, needed_outputs, take_results
from dagwright.runtime.session import DEFAULT_RUNS, opening_of
from dagwright.runtime.state import Earlier


def partial_run(
    plan: Plan,
    texts: Mapping[str, str],
    secrets: Mapping[str, str],
    workdir: str,
    asked: Mapping[str, Any],
    checkout: Checkout,
) -> Ready:
    """A new run of the selected tasks. Raises Refused or OSError."""
    left_out = left_out_tasks(plan, asked["only"], asked["from_tasks"], asked["until"])
    ready = new_run(plan, texts, secrets, workdir, asked, checkout)
    notes = [f"left out: {len(left_out)} of {len(plan.all_tasks)} tasks"]
    opening = {**ready.opening, "left_out": sorted(left_out)}
    needed = needed_outputs(plan, left_out)
    results: Dict[str, Any] = {}
    if needed:
        try:
            results, entries, source = take_results(plan, needed, ready.folder, asked["inputs"], Mask(secrets.values()))
        except BaseException:
            ready.folder.discard()
            raise
        opening["given"] = entries
        notes.append(f"the outputs of {', '.join(results)} come from the run {source}")
    earlier = Earlier(results, left_out=left_out)
    return replace(ready, earlier=earlier, opening=opening, notes=notes)


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
