"""Runs DAG files with `dag.test()` and prints one trace per line. Runs inside an Airflow environment, see `airflow.py`.

Standard input is a JSON list of `{"dag", "params", "secrets", "folder", "timeout"}`. Facts about tasks (outputs and
their types, fan-outs) come from the operators of the loaded DAG, so the test judges only the DAG file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from dagwright.meaning.values import trace_value
from dagwright.runtime.artifacts import artifact_digest

STATES = {
    "success": "succeeded",
    "failed": "failed",
    "skipped": "skipped",
    "upstream_failed": "upstream_failed",
    "removed": "cancelled",
}
PROBE = Path(__file__).with_name("airflow_probe.py")
OURS = ("run-result", "all-done")


class TimedOut(Exception):  # noqa: N818 - a verdict
    """Raised when a run does not end in time."""


def main() -> None:
    """Run the cases from standard input; only traces go to standard output."""
    asked = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGALRM, stop)
    folder = Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    for case in asked:
        try:
            trace = run_case(case, folder)
        except TimedOut:
            trace = {"status": "timeout"}
        except Exception as error:
            traceback.print_exc()
            trace = {"status": "error", "error": f"{type(error).__name__}: {error}"[:2000]}
        finally:
            signal.alarm(0)
        print(json.dumps(trace), file=out, flush=True)


def stop(number: int, frame: Any) -> None:
    raise TimedOut


def run_case(case: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The trace of one run; a param that Airflow refuses gives `{"status": "refused"}`."""
    shutil.rmtree(folder)
    if case["folder"]:
        shutil.copytree(case["folder"], folder, ignore=shutil.ignore_patterns("pipeline.yaml", "expect.json"))
    folder.mkdir(exist_ok=True)
    file = folder / "generated_dag.py"
    file.write_text(case["dag"] + PROBE.read_text(encoding="utf-8"), encoding="utf-8")
    dag = load(file)
    serialized = digest(dag)
    previous = {name: os.environ.get(name) for name in case["secrets"]}
    os.environ.update(case["secrets"])
    try:
        signal.alarm(case["timeout"])
        run = dag.test(run_conf=case["params"])
        signal.alarm(0)
    except Exception as error:
        if "ParamValidationError" in [c.__name__ for c in type(error).__mro__] or "Invalid input for param" in str(
            error
        ):
            return {"status": "refused"}
        raise
    finally:
        for name, value in previous.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value
    return {**read_trace(dag, run), "serialized": serialized}


def load(file: Path) -> Any:
    """The one DAG of a file."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag

        bag = DagBag(str(file), include_examples=False, read_dags_from_db=False)
    else:
        bag = DagBag(str(file))
    if bag.import_errors:
        raise ImportError(str(bag.import_errors))
    (dag,) = bag.dags.values()
    if hasattr(dag, "sync_to_db"):
        dag.sync_to_db()
    return dag


def digest(dag: Any) -> str:
    """The sha256 of the serialized DAG, without the file's place and the time of its processing."""
    try:
        from airflow.serialization.serialized_objects import DagSerialization as Serialization
    except ImportError:
        from airflow.serialization.serialized_objects import SerializedDAG as Serialization
    data = Serialization.to_dict(dag)
    for key in ("fileloc", "relative_fileloc", "_processor_dags_folder"):
        data["dag"].pop(key, None)
    # Airflow names the module of a DAG file after its path.
    text = re.sub(r"unusual_prefix_[0-9a-f]{40}_", "", json.dumps(data, sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()


def read_trace(dag: Any, run: Any) -> dict[str, Any]:
    """The states, attempts and outputs of a run that has ended."""
    from airflow.models import import_all_models
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session

    try:
        from airflow.models.xcom import XComModel as XCom

        value_of = XCom.deserialize_value
    except ImportError:
        from airflow.models.xcom import XCom

        def value_of(row: Any) -> Any:
            return row.value  # Airflow 2 decodes the value when it loads the row

    import_all_models()
    with create_session() as session:
        same_run = {"dag_id": dag.dag_id, "run_id": run.run_id}
        found = session.query(TaskInstance).filter_by(**same_run).all()
        instances = {(ti.task_id, ti.map_index): ti for ti in found}
        xcoms = {
            (row.task_id, row.map_index, row.key): value_of(row)
            for row in session.query(XCom).filter_by(**same_run).all()
        }
        times: dict[str, Any] = {}
        tasks = trace_tasks(dag, instances, xcoms, times)
    return {"status": STATES.get(str(run.state), str(run.state)), "tasks": tasks, "times": times}


def trace_tasks(
    dag: Any, instances: dict[tuple[str, int], Any], xcoms: dict[tuple[str, int, str], Any], times: dict[str, Any]
) -> dict[str, Any]:
    """The entries of all tasks of the spec; the operators of a fan-out are folded into one.

    `times` receives start and end of the last attempt, by `task` or `task[index]`.
    """
    groups: dict[str, list[Any]] = {}
    for ti in instances.values():
        if ti.task_id not in OURS:
            groups.setdefault(ti.task_id.partition(".")[0], []).append(ti)

    def entry(ti: Any, name: str) -> dict[str, Any]:
        key = (ti.task_id, ti.map_index)
        state = STATES.get(str(ti.state), str(ti.state))
        attempts = xcoms.get((*key, "attempts"), 0)
        if attempts and ti.start_date is not None and ti.end_date is not None:
            times[name] = [str(ti.start_date), str(ti.end_date)]
        returned = xcoms.get((*key, "return_value")) if state == "succeeded" else None
        return {"state": state, "attempts": attempts, "outputs": outputs_of(dag, ti.task_id, returned or {})}

    found = {}
    for name, members in groups.items():
        is_group = any("." in ti.task_id for ti in members)
        lone_fan_out = not is_group and type(dag.get_task(name)).__name__ == "FanOut"
        if not is_group and not lone_fan_out:
            found[name] = entry(members[0], name)
            continue
        makers = [ti for ti in members if ti.task_id in (name, f"{name}.items")]
        parts = sorted((ti for ti in members if ti not in makers), key=position)
        never = any((ti.task_id, ti.map_index, "no_instances") in xcoms for ti in members)
        entries = [entry(ti, f"{name}[{position(ti)}]") for ti in parts]
        started = [e for e in entries if e["attempts"] or e["state"] == "failed"]
        found[name] = {
            "state": fold([STATES.get(str(ti.state), str(ti.state)) for ti in members]),
            "instances": [] if never or not started else entries,
        }
    return found


def position(ti: Any) -> int:
    """The index of an instance: its map index if it is mapped, else the number at the end of its id."""
    last = ti.task_id.rpartition(".")[2]
    return int(last) if last.isdigit() else int(ti.map_index)


def fold(states: list[str]) -> str:
    """The state of a fan-out."""
    return next((s for s in ("failed", "upstream_failed", "succeeded") if s in states), "skipped")


def outputs_of(dag: Any, task_id: str, returned: dict[str, str]) -> dict[str, Any]:
    """Outputs in the form of a trace: values by their declared type, artifacts by their digest."""
    task = dag.get_task(task_id)
    step = task.partial_kwargs["step"] if hasattr(task, "partial_kwargs") else task.step
    module = sys.modules[type(step).__module__]
    found: dict[str, Any] = {}
    for declared in step.outputs:
        text = returned.get(declared["name"])
        if text is None:
            continue
        if declared["type"] in ("file", "directory"):
            found[declared["name"]] = {"sha256": artifact_digest(os.path.join(artifacts_of(module), text))}
        else:
            found[declared["name"]] = trace_value(text, declared["type"])
    return found


def artifacts_of(module: Any) -> str:
    """The artifact folder of a DAG file: the folder of its processes, or of the claim that its pods mount."""
    if hasattr(module, "ARTIFACTS"):
        return str(module.ARTIFACTS)
    return os.path.join(os.environ["DAGWRIGHT_CLAIMS"], module.ARTIFACTS_CLAIM)


if __name__ == "__main__":
    main()
