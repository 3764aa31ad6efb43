"""The environment of a process task, the same on every engine."""

from __future__ import annotations

from typing import Dict, Mapping, Optional, Sequence

PASSED_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
# Python writes its output at once, so that the log of a task that is killed says how far it came.
FIXED_VARIABLES = {"PYTHONUNBUFFERED": "1"}


def step_environment(
    caller: Mapping[str, str],
    pass_env: Sequence[str],
    identity: Mapping[str, str],
    declared: Mapping[str, str],
    secrets: Mapping[str, str],
) -> Dict[str, str]:
    """All that a process task sees: a few variables of the caller, ours, its own, and its secrets."""
    passed = {name: caller[name] for name in (*PASSED_VARIABLES, *pass_env) if name in caller}
    return {**FIXED_VARIABLES, **passed, **declared, **secrets, **identity}


def step_identity(
    out: str, inputs: str, run_id: str, pipeline: str, task: str, attempt: int, index: Optional[int]
) -> Dict[str, str]:
    """The `DW_*` variables of one attempt; `index` is None outside a fan-out."""
    return {
        "DW_OUT": out,
        "DW_IN": inputs,
        "DW_RUN_ID": run_id,
        "DW_PIPELINE": pipeline,
        "DW_TASK": task,
        "DW_ATTEMPT": str(attempt),
        "DW_INDEX": "" if index is None else str(index),
    }
