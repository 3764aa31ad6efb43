"""Files left in the work folder are not outputs: the next task sees such a file only on some engines."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from engines.missing import skip

from .engine import EngineWork, Job, Outcome, engine

SPEC = Path(__file__).parent / "left_in_work_folder" / "pipeline.yaml"
# On Airflow, a worker has one folder for all process tasks; on Argo, each pod has its own.
SEEN = {"local": True, "local-isolated": False, "airflow": True, "argo": False}


@dataclass(frozen=True)
class LeftFile(EngineWork):
    """The run of the pipeline on an engine; empty if the engine is missing."""

    def __call__(self) -> Outcome | None:
        judged = engine(self.name)
        if judged.missing():
            return None
        pipeline = load(str(SPEC), Options(), Report())
        assert pipeline is not None
        with tempfile.TemporaryDirectory(prefix="dagwright-left-") as scratch, tempfile.TemporaryDirectory() as folder:
            (outcome,) = judged.run([Job(judged.place(pipeline), Path(folder))], Path(scratch))
        return outcome


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.ahead(LeftFile(name))) for name in SEEN])
def test_who_sees_a_file_of_the_work_folder(name: str, done: Callable[[LeftFile], Outcome | None]) -> None:
    outcome = done(LeftFile(name))
    if outcome is None:
        skip(engine(name).missing())
    assert not outcome.problem
    tasks = outcome.trace["tasks"]
    assert tasks["train"]["state"] == "succeeded"
    assert tasks["use"]["state"] == ("succeeded" if SEEN[name] else "failed")
    assert tasks["use"]["outputs"] == ({"seen": "model"} if SEEN[name] else {})
