"""Every process gives a DAG the same serialized form, since Airflow stores a new version whenever it changes."""

from __future__ import annotations

import pytest

from conformance.case import HERE, load_case
from conformance.engine import Job
from conformance.judge import compile_case
from conformance.on_airflow import AIRFLOW, case_of
from engines import airflow, missing

NAMES = ("mixed_well", "retry_pauses", "finally_rules")


def digests(seed: str) -> list[str]:
    """The digest of each DAG, serialized by a process with this hash seed."""
    asked = []
    for name in NAMES:
        case = load_case(HERE / name)
        pipeline = compile_case(case, AIRFLOW).pipeline
        assert pipeline is not None
        asked.append(case_of(Job(pipeline, case.folder)))
    return [trace["serialized"] for trace in airflow.run(asked, env={"PYTHONHASHSEED": seed})]


@pytest.mark.engine("airflow-3.3")
def test_the_serialized_dag_is_stable() -> None:
    if AIRFLOW.missing():
        missing.skip(AIRFLOW.missing())
    assert digests("1") == digests("4711")
