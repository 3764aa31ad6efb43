"""The pods that a DAG file requests, for given values of all task inputs. Runs in an Airflow environment.

Standard input: `[{"file", "dag_id", "run", "moment", "outputs": {task: {output: text}}, "params": {name: value}}]`,
where `run` is the id of the run, and `moment` its creation time. Prints one line per file: a list of
`{"task", "index", "pod"}`, or `{"task", "index", "error"}` if the evaluation of an expression fails.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from kubernetes.client import ApiClient


class Instance:
    """A task instance in a run in which all tasks have succeeded and returned the given outputs."""

    try_number, max_tries = 1, 0

    def __init__(self, asked: dict[str, Any], task_id: str, map_index: int, counts: dict[str, int]) -> None:
        self.dag_id, self.run_id, self.outputs = asked["dag_id"], asked["run"], asked["outputs"]
        self.task_id, self.map_index, self.counts = task_id, map_index, counts

    def xcom_pull(self, task_ids: list[str]) -> list[Any]:
        return [
            "succeeded" if task_id == "all-done" else self.outputs.get(task_id.partition(".")[0], {})
            for task_id in task_ids
            for _ in range(self.counts.get(task_id, 1))
        ]

    def get_task_states(self, task_ids: list[str], **kwargs: Any) -> dict[str, dict[str, str]]:
        return {self.run_id: dict.fromkeys(task_ids, "success")}

    def xcom_push(self, key: str, value: Any) -> None:
        pass


def load(file: str) -> Any:
    spec = importlib.util.spec_from_file_location("asked", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["asked"] = module
    spec.loader.exec_module(module)
    return module


def pods(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The pods of all tasks of a file, with every rule and condition taken as true."""
    module = load(asked["file"])
    module.Run.start = lambda self, step: None
    counts: dict[str, int] = {}

    def context(task_id: str, index: int) -> dict[str, Any]:
        moment = datetime.fromisoformat(asked["moment"])
        return {
            "ti": Instance(asked, task_id, index, counts),
            "run_id": asked["run"],
            "params": asked["params"],
            "dag": module.dag,
            "dag_run": SimpleNamespace(logical_date=moment, run_after=moment),
        }

    def rows(task: Any) -> list[dict[str, Any]]:
        """The values that distinguish the instances of a mapped task."""
        given = task.expand_input.value
        if isinstance(given, list):
            return given
        if isinstance(given["item"], list):
            return [{"item": item} for item in given["item"]]
        maker = module.dag.get_task(task.task_id.replace(".each", ".items"))
        return [{"item": item} for item in maker.execute(context(maker.task_id, -1))]

    mapped = {task.task_id: rows(task) for task in module.dag.tasks if hasattr(task, "partial_kwargs")}
    counts.update({task_id: len(found) for task_id, found in mapped.items()})
    found = []
    for task in module.dag.tasks:
        instances = (
            [(at, task.unmap(row)) for at, row in enumerate(mapped[task.task_id])]
            if task.task_id in mapped
            else [(-1, task)]
        )
        for at, operator in instances:
            if isinstance(operator, KubernetesPodOperator):
                found.append(ask(operator, task.task_id, at, context(task.task_id, at)))
    return found


def ask(operator: Any, task_id: str, at: int, context: dict[str, Any]) -> dict[str, Any]:
    index = at if at >= 0 else operator.index
    named = {"task": task_id.partition(".")[0], "index": "" if index is None else str(index)}
    try:
        return {**named, "pod": ApiClient().sanitize_for_serialization(operator.execute(context))}
    except Exception as error:
        if type(error).__name__ != "AirflowFailException":
            raise
        return {**named, "error": str(error)}


def main() -> None:
    """Answer the request on standard input; the provider's operator only builds its pod."""

    def execute(self: Any, context: Any) -> Any:
        return self.build_pod_request_obj(context, dry_run=True)

    KubernetesPodOperator.execute = execute
    for asked in json.load(sys.stdin):
        print(json.dumps(pods(asked)))


if __name__ == "__main__":
    main()
