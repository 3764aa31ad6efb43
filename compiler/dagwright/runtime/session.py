"""One run from its checked inputs to its trace: the folder, the journal, the scheduler, the end."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Mapping, Optional

from dagwright.runtime.executor.process import ProcessExecutor
from dagwright.runtime.journal import Journal
from dagwright.runtime.machine import Event, Machine
from dagwright.runtime.masking import Mask
from dagwright.runtime.model import Plan
from dagwright.runtime.provenance import Checkout, host
from dagwright.runtime.reading import RunFacts
from dagwright.runtime.record import VERSION, RunFolder
from dagwright.runtime.scheduler import Scheduler, Settings
from dagwright.runtime.state import Earlier
from dagwright.runtime.trace import make_trace

EXIT_OK, EXIT_TASK_FAILED, EXIT_BUSY, EXIT_SIGNAL = 0, 5, 75, 128
CANNOT_RECORD, BUSY = "E807", "E811"
DEFAULT_RUNS = os.path.join(".dagwright", "runs")


@dataclass(frozen=True)
class Result:
    """The result of a run: its trace, and the signal that stopped it, if any."""

    status: str
    trace: Mapping[str, Any]
    stopped_by: Optional[int]

    @property
    def exit_code(self) -> int:
        if self.stopped_by is not None:
            return EXIT_SIGNAL + self.stopped_by
        return EXIT_TASK_FAILED if self.status == "failed" else EXIT_OK


def open_run_folder(runs: Optional[str]) -> RunFolder:
    """The folder of a new run; the default place is excluded from version control. Raises OSError."""
    if runs is not None:
        return RunFolder(runs)
    folder = RunFolder(DEFAULT_RUNS)
    ignore = os.path.join(os.path.dirname(folder.runs), ".gitignore")
    if not os.path.exists(ignore):
        with open(ignore, "w", encoding="ascii") as file:
            file.write("*\n")
    return folder


def run_plan(
    plan: Plan,
    facts: RunFacts,
    settings: Settings,
    folder: RunFolder,
    observe: Callable[[Event], None],
    opening: Mapping[str, Any],
    earlier: Optional[Earlier] = None,
) -> Result:
    """Run a plan with complete params and secrets; `opening` are fields of the first event of this start.

    Raises OSError if the run cannot be recorded.
    """
    journal = Journal(folder.path, Mask(settings.secrets.values()), observe)
    try:
        machine = Machine(plan, facts, folder.path, settings.parallel, earlier)
        executor = ProcessExecutor(
            folder, settings.workdir, settings.secrets, plan.pass_env, settings.isolated, plan.watched
        )
        scheduler = Scheduler(machine, executor, journal, settings.tick)
        stored = folder.write_plan(plan.plain)
        journal.add({**opening, **_opening_event(plan, facts, settings, journal.mask), "plan": stored})
        scheduler.run()
        journal.add({"event": "run_end", "status": machine.status})
        journal.flush()  # the trace needs the digests of all artifacts, which can take some time
        trace = make_trace(machine.status, machine.nodes, journal.mask)
        folder.write_trace(trace)
    finally:
        journal.close()
        folder.close()
    return Result(machine.status, trace, scheduler.stopped_by)


def new_facts(folder: RunFolder, plan: Plan, params: Mapping[str, str]) -> RunFacts:
    """The facts of a run that starts now."""
    moment = datetime.now(timezone.utc)
    return RunFacts(folder.id, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), plan.timezone, params)


def opening_of(kind: str, checkout: Checkout) -> Dict[str, Any]:
    """The first fields of the event that starts a run (`run`) or resumes it (`resume`)."""
    found = checkout.state()
    return {"event": kind, **({"record": VERSION} if kind == "run" else {}), **({"git": found} if found else {})}


def _opening_event(plan: Plan, facts: RunFacts, settings: Settings, mask: Mask) -> Dict[str, Any]:
    shown = {name: mask(text) for name, text in facts.params.items()}
    hidden = [name for name, text in facts.params.items() if shown[name] != text]
    return {
        "id": facts.id,
        "pipeline": plan.name,
        "digest": plan.digest,
        "tool": plan.tool,
        "python": platform.python_version(),
        "host": host(),
        "scheduled_at": facts.scheduled_at,
        "workdir": settings.workdir,
        "isolated": settings.isolated,
        "parallel": settings.parallel,
        "params": shown,
        **({"hidden_params": hidden} if hidden else {}),
        "secrets": sorted(settings.secrets),
        "pid": os.getpid(),
    }
