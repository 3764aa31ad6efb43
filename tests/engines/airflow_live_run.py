"""Runs DAG files under a real scheduler and prints one trace per line. Runs inside an Airflow environment.

Airflow is imported once, and each of its processes is a fork of this one: that saves most of the start.
Standard input is `{"runs": [{"file", "params", "ticks", "clear", "idle"}], "timeout", "pools"}`. See `airflow_live.py`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

# This folder cannot be on the path, since it contains an `airflow.py`.
_spec = importlib.util.spec_from_file_location("airflow_run", Path(__file__).with_name("airflow_run.py"))
assert _spec is not None
assert _spec.loader is not None
airflow_run = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(airflow_run)

HOME = Path(os.environ["AIRFLOW_HOME"])
sys.path.append(str(HOME / "dags"))  # as the processes of Airflow do
POLL = 0.5


def main() -> None:
    """Start Airflow, run the DAGs from standard input, stop; only traces go to standard output."""
    asked = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    end = time.monotonic() + asked["timeout"]
    prepare()
    make_pools(asked["pools"])
    port = os.environ["DAGWRIGHT_TEST_PORT"]
    parts = [
        start("api", ["api-server", "--port", port, "--host", "127.0.0.1", "--workers", "1", "--apps", "execution"]),
        start("scheduler", ["scheduler", "--skip-serve-logs"]),
        start("processor", ["dag-processor"]),
    ]
    try:
        traces = run_all(asked["runs"], end)
    finally:
        stop(parts)
    for trace in traces:
        print(json.dumps(trace), file=out, flush=True)


# ---- the processes of Airflow ----


def prepare() -> None:
    """Import common modules and build the routes of the API, before the first fork."""
    import airflow.api_fastapi.app
    import airflow.executors.local_executor
    import airflow.jobs.dag_processor_job_runner
    import airflow.jobs.scheduler_job_runner
    import airflow.sdk.execution_time.task_runner  # noqa: F401
    from airflow.cli import cli_parser

    cli_parser.get_parser()
    os.environ["AIRFLOW_API_APPS"] = "execution"
    from airflow.api_fastapi.main import app
    from starlette.routing import Mount

    for route in app.routes:
        if isinstance(route, Mount) and not getattr(route.app, "_cadwyn_initialized", True):
            route.app._cadwyn_initialize()  # type: ignore[attr-defined]


def start(name: str, arguments: list[str]) -> int:
    """Start a process of Airflow in its own session, with its output in `<name>.log`; return its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        log = os.open(HOME / f"{name}.log", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        from airflow.cli import cli_parser

        from airflow import settings

        settings.dispose_orm(do_log=False)
        settings.configure_orm()
        sys.argv = ["airflow", *arguments]
        options = cli_parser.get_parser().parse_args(arguments)
        options.func(options)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def stop(parts: list[int]) -> None:
    """End the processes and their descendants."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in parts:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, number)
        time.sleep(1)
    for pid in parts:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


# ---- runs ----


def make_pools(pools: dict[str, int]) -> None:
    from airflow.models.pool import Pool

    for name, slots in pools.items():
        Pool.create_or_update_pool(name, slots=slots, description="", include_deferred=False)


def run_all(runs: list[dict[str, Any]], end: float) -> list[dict[str, Any]]:
    """Trigger each run as soon as its DAG is known, and wait for these runs and for scheduled runs."""
    dags = [load_or_error(Path(run["file"])) for run in runs]
    started: dict[int, str] = {}
    to_clear = {at: run["clear"] for at, run in enumerate(runs) if run["clear"]}
    traces: dict[int, dict[str, Any]] = {
        at: {"status": "error", "error": dag} for at, dag in enumerate(dags) if isinstance(dag, str)
    }
    idle = [at for at, run in enumerate(runs) if run["idle"] and at not in traces]
    while len(traces) < len(runs) - len(idle) and time.monotonic() < end:
        known = known_dags()
        for at, (run, dag) in enumerate(zip(runs, dags, strict=True)):
            if at in traces or at in idle or dag.dag_id not in known:
                continue
            if run["ticks"]:
                ended = ended_runs(dag.dag_id, run_type="scheduled")[: run["ticks"]]
                if len(ended) == run["ticks"]:
                    traces[at] = {"status": "ticked", "runs": [trace_of_tick(dag, found) for found in ended]}
            elif at in started:
                for found in ended_runs(dag.dag_id, run_id=started[at]):
                    if at in to_clear:
                        clear(dag.dag_id, started[at], to_clear.pop(at))
                    else:
                        traces[at] = {**airflow_run.read_trace(dag, found), "seen": seen(dag.dag_id, found.run_id)}
            else:
                run_id = trigger(dag.dag_id, run["params"])
                if run_id is None:
                    traces[at] = {"status": "refused"}
                else:
                    started[at] = run_id
        time.sleep(POLL)
    calls = [line.split() for line in (HOME / "calls").read_text().splitlines()] if (HOME / "calls").exists() else []
    for at, trace in traces.items():
        trace["calls"] = sorted(rest for dag_id, *rest in calls if dag_id == getattr(dags[at], "dag_id", None))
    for at in idle:
        if dags[at].dag_id in known_dags():
            traces[at] = {"status": "idle", "runs": count_of_runs(dags[at].dag_id)}
    for at, dag in enumerate(dags):
        if at not in traces:
            traces[at] = {"status": "timeout", "error": unfinished(dag, started.get(at))}
    return [traces[at] for at in range(len(runs))]


def trace_of_tick(dag: Any, run: Any) -> dict[str, Any]:
    return {"logical_date": run.logical_date.isoformat(), **airflow_run.read_trace(dag, run)}


def count_of_runs(dag_id: str) -> int:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        return int(session.query(DagRun).filter_by(dag_id=dag_id).count())


def seen(dag_id: str, run_id: str) -> dict[str, Any]:
    """The texts that people see of each task instance, by `task` or `task[index]`: names, rendered fields, logs."""
    from airflow.models.renderedtifields import RenderedTaskInstanceFields
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    found = {}
    with create_session() as session:
        for ti in session.query(TaskInstance).filter_by(dag_id=dag_id, run_id=run_id).all():
            rendered = RenderedTaskInstanceFields.get_templated_fields(ti, session=session)
            folder = HOME / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={ti.task_id}"
            folder = folder if ti.map_index < 0 else folder / f"map_index={ti.map_index}"
            logs = [json.loads(line) for file in sorted(folder.glob("*.log")) for line in file.open(encoding="utf-8")]
            found[ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{ti.map_index}]"] = {
                "name": ti.task_display_name,
                "map": ti.rendered_map_index,
                "rendered": rendered,
                "log": logs,
            }
    return found


def load_or_error(file: Path) -> Any:
    try:
        return airflow_run.load(file)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:2000]


def known_dags() -> set[str]:
    """The ids of the DAGs that the dag-processor has stored in the database."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session

    with create_session() as session:
        return {row[0] for row in session.query(SerializedDagModel.dag_id).distinct()}


def trigger(dag_id: str, params: dict[str, Any]) -> str | None:
    """The id of a new run, or None if Airflow refuses the params."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.utils.types import DagRunTriggeredByType

    try:
        run = trigger_dag(dag_id=dag_id, conf=params, triggered_by=DagRunTriggeredByType.TEST)
    except Exception as error:
        if "ParamValidationError" in [c.__name__ for c in type(error).__mro__] or "Invalid input" in str(error):
            return None
        raise
    assert run is not None
    return str(run.run_id)


def clear(dag_id: str, run_id: str, tasks: list[str]) -> None:
    """Clear tasks of a run and all tasks after them, as with the button in the user interface; the run continues."""
    from airflow.models.serialized_dag import SerializedDagModel
    from airflow.utils.session import create_session

    with create_session() as session:
        dag = SerializedDagModel.get_dag(dag_id, session=session)
        assert dag is not None
        behind = {task for name in tasks for task in dag.get_task(name).get_flat_relative_ids(upstream=False)}
        dag.clear(task_ids=sorted({*tasks, *behind}), run_id=run_id, session=session)


def ended_runs(dag_id: str, **asked: str) -> list[Any]:
    """The runs of a DAG that have ended, the earliest first."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session

    with create_session() as session:
        rows = session.query(DagRun).filter_by(dag_id=dag_id, **asked).order_by(DagRun.logical_date).all()
        session.expunge_all()
    return [row for row in rows if str(row.state) in ("success", "failed")]


def unfinished(dag: Any, run_id: str | None) -> str:
    """A description of a run that did not end in time."""
    if run_id is None:
        return "the DAG was never seen: " + tail("processor")
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    with create_session() as session:
        rows = session.query(TaskInstance).filter_by(dag_id=dag.dag_id, run_id=run_id).all()
        states = ", ".join(
            f"{row.task_id}[{row.map_index}]={airflow_run.STATES.get(str(row.state), row.state)}" for row in rows
        )
    return f"not ended in time: {states}; {tail('scheduler')}"


def tail(name: str) -> str:
    try:
        return (HOME / f"{name}.log").read_text(errors="replace")[-1500:]
    except OSError:
        return "no log"


if __name__ == "__main__":
    main()
