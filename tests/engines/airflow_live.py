"""Real Airflow with its scheduler for tests: api-server, scheduler with LocalExecutor and dag-processor on SQLite.

Covers behaviour that `dag.test()` cannot show: parallel tasks, order of arrival of needs, pools and ticks.
"""

from __future__ import annotations

import json
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engines.airflow import HERE, Case, environment, python
from engines.processes import owned

START = 240  # seconds until the first DAG must be known, on a busy machine


def run(
    cases: Sequence[Case],
    version: str = "3.3",
    *,
    ticks: Mapping[int, int] = MappingProxyType({}),
    pools: Mapping[str, int] = MappingProxyType({}),
    clears: Mapping[int, Sequence[str]] = MappingProxyType({}),
    idle: Sequence[int] = (),
    modules: Mapping[str, str] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """The trace of every case, in order, all triggered at once on one Airflow. Raises Unavailable.

    `ticks` gives, by index, the cases that are not triggered, with the number of runs started by their schedule; their
    trace is `{"runs": [{"logical_date", …}, …]}`. `pools` are created first, with their slots.
    `clears` gives, by index, tasks that are cleared after the end of the run, with all tasks after them; the trace
    is that of the second end. `idle` gives the cases that are not triggered and should not run; their trace has the
    number of their runs at the end of all others. `modules` are files beside the DAGs that write lines into the file
    `calls` in the home of Airflow; the trace has those that begin with the id of its DAG.
    The names of the DAGs must differ, and a secret must have the same value in all cases.
    """
    interpreter = python(version)
    with tempfile.TemporaryDirectory(prefix="dagwright-airflow-") as scratch:
        home = Path(scratch)
        (home / "dags").mkdir()
        shutil.copy(Path(interpreter).parent.parent / "airflow.db", home / "airflow.db")
        for name, text in modules.items():
            (home / "dags" / name).write_text(text, encoding="utf-8")
        given: dict[str, str] = {}
        asked = []
        for at, case in enumerate(cases):
            folder = home / "dags" / f"case_{at:03}"
            if case.folder is None:
                folder.mkdir()
            else:
                ignored = shutil.ignore_patterns("pipeline.yaml", "expect.json")
                shutil.copytree(case.folder, folder, ignore=ignored)
            probe = (HERE / "airflow_probe.py").read_text(encoding="utf-8")
            (folder / "generated_dag.py").write_text(case.dag + probe, encoding="utf-8")
            for name, value in case.secrets.items():
                assert given.setdefault(name, value) == value, f"the secret {name} has two values"
            file = str(folder / "generated_dag.py")
            asked.append(
                {
                    "file": file,
                    "params": dict(case.params),
                    "ticks": ticks.get(at, 0),
                    "clear": list(clears.get(at, ())),
                    "idle": at in idle,
                }
            )
        timeout = START + max((case.timeout for case in cases), default=0)
        command = [interpreter, "-P", str(HERE / "airflow_live_run.py")]
        env = {**environment(home), **installation(), **given}
        pipe = subprocess.PIPE
        with owned(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env) as process:
            told = json.dumps({"runs": asked, "timeout": timeout, "pools": dict(pools)})
            printed, complaints = process.communicate(told, timeout=2 * timeout)
    lines = printed.splitlines()
    assert len(lines) == len(cases), f"{len(lines)} of {len(cases)} traces\n{complaints[-6000:]}"
    return [json.loads(line) for line in lines]


def installation() -> dict[str, str]:
    """The settings of an installation of three processes, on ports that are free now."""
    key = secrets.token_hex(16)
    port, logs = _free_port(), _free_port()
    return {
        "DAGWRIGHT_TEST_PORT": str(port),
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "6",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__API__SECRET_KEY": key,
        "AIRFLOW__API_AUTH__JWT_SECRET": key,
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.1",
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "600",
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(logs),
    }


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
