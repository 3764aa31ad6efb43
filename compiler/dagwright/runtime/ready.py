"""A run that is ready to begin. `asked` has the options of a run."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Any, List, Mapping

from dagwright.runtime.model import Plan
from dagwright.runtime.provenance import Checkout
from dagwright.runtime.reading import RunFacts
from dagwright.runtime.record import RunFolder
from dagwright.runtime.scheduler import default_parallel
from dagwright.runtime.session import new_facts, open_run_folder, opening_of
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
    """A new run of all tasks. Raises OSError."""
    folder = open_run_folder(asked["runs_dir"])
    facts = new_facts(folder, plan, texts)
    parallel = asked["parallel"] or plan.max_parallel or default_parallel()
    return Ready(plan, facts, folder, secrets, workdir, parallel, asked["isolated"], Earlier(),
                 opening_of("run", checkout), [], go_on_options(asked, folder.id))  # fmt: skip


def is_partial(asked: Mapping[str, Any]) -> bool:
    """Whether a run leaves tasks out."""
    return bool(asked["only"] or asked["from_tasks"] or asked["until"])
