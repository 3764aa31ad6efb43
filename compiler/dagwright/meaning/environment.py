"""The environment of a process task, the same on every engine."""

from __future__ import annotations

import fnmatch
import os
import sys
from typing import Collection, Dict, List, Mapping, Optional, Sequence

PASSED_VARIABLES = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
# Python does not buffer its output, so the log of a killed task is complete.
FIXED_VARIABLES = {"PYTHONUNBUFFERED": "1"}


def step_environment(
    caller: Mapping[str, str],
    pass_env: Sequence[str],
    identity: Mapping[str, str],
    declared: Mapping[str, str],
    secrets: Mapping[str, str],
) -> Dict[str, str]:
    """The environment of a process task: a few variables of the caller, `DW_*`, its own variables, and its secrets."""
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


# Variables of the caller whose absence may break a task that works in a shell.
MISSED_VARIABLES = (
    "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "AWS_*", "CUDA_*", "*_PROXY", "*_proxy", "MLFLOW_*",
)  # fmt: skip
# Signs of an environment for a single tool, whose Python is not meant for tasks.
_TOOL_MARKS = ("pipx_metadata.json", "uv-receipt.toml")
_TOOL_FOLDERS = ("archive-v0", "environments-v2")  # folders of `uvx`


def cut_off(caller: Mapping[str, str], seen: Collection[str]) -> List[str]:
    """The names of variables that a task may miss: variables of the caller that are not in `seen`.

    An environment with its programs in PATH is not listed.
    """
    folders = caller.get("PATH", "").split(os.pathsep)
    return [
        name
        for name in sorted(caller)
        if name not in seen
        and any(fnmatch.fnmatchcase(name, pattern) for pattern in MISSED_VARIABLES)
        and not (name in ("VIRTUAL_ENV", "CONDA_PREFIX") and os.path.join(caller[name], "bin") in folders)
    ]


def with_own_python(caller: Mapping[str, str]) -> Dict[str, str]:
    """The caller's variables, with the virtual environment of this Python first in PATH.

    An environment activated by the caller takes precedence.
    """
    found = dict(caller)
    folder = os.path.dirname(sys.executable)
    active = caller.get("VIRTUAL_ENV", sys.prefix)
    if sys.prefix != sys.base_prefix and active == sys.prefix and not _is_of_a_tool(sys.prefix):
        found["PATH"] = os.pathsep.join([folder, caller.get("PATH", os.defpath)])
    return found


def _is_of_a_tool(prefix: str) -> bool:
    """Whether an environment was created for a single tool, by pipx or uv."""
    marked = any(os.path.exists(os.path.join(prefix, mark)) for mark in _TOOL_MARKS)
    return marked or any(part in _TOOL_FOLDERS for part in prefix.split(os.sep))
