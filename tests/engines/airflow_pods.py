"""Container tasks of Airflow on a real API server: DAG files run by `dag.test()`, and the testbed as its nodes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagwright.backends.airflow.settings import Runtime, settings
from dagwright.ir.model import Pipeline, Task

from . import airflow, argo_run, argo_testbed

CLAIM = "dagwright"
IMAGE = "busybox"  # in the testbed, every image is the machine itself


def missing() -> str:
    """The reason why pods cannot run here; empty if they can."""
    if argo_run.testbed() is None:
        return "the testbed is not built (tests/engines/testbed)"
    try:
        airflow.python("3.3")
    except airflow.Unavailable as why:
        return str(why)
    return ""


def place(pipeline: Pipeline) -> Pipeline:
    """The pipeline with every task in a pod."""
    target = replace(
        settings(pipeline),
        version=(3, 3),
        runtime=Runtime.KUBERNETES,
        namespace=None,
        service_account=None,
        artifacts_volume_claim=CLAIM,
        artifacts_path=None,
    )
    return replace(
        pipeline,
        tasks=tuple(map(_with_image, pipeline.tasks)),
        finally_tasks=tuple(map(_with_image, pipeline.finally_tasks)),
        targets=pipeline.targets.replace("airflow", target),
    )


def _with_image(task: Task) -> Task:
    return task if task.image is not None else replace(task, image=IMAGE)


def run(
    cases: Sequence[airflow.Case], secrets: Mapping[str, Mapping[str, str]], version: str = "3.3"
) -> list[dict[str, Any]]:
    """The trace of every case, in order, from one process and one cluster with the secrets."""
    program = argo_run.testbed()
    assert program is not None
    with argo_testbed.only_cluster(), tempfile.TemporaryDirectory(prefix="dagwright-pods-") as scratch:
        claims = Path(scratch, "claims", "default")
        env = {"DAGWRIGHT_CLAIMS": str(claims), "DAGWRIGHT_CLUSTER_SECRETS": json.dumps(secrets)}
        within = [str(program), "up", "--dir", scratch, "--"]
        return airflow.run(cases, version, env, within, "airflow_pods_run.py")
