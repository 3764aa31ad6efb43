"""Conformance cases cut into parts of three tasks, with shared templates, over many objects.

The traces are those of the uncut pipelines: rules, conditions, outputs, artifacts, fan-outs, status and `finally`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.case import find_cases
from conformance.engine import engine
from conformance.judge import Verdict, judge
from dagwright.backends.argo.analysis import partition
from dagwright.backends.argo.fit import objects, share
from engines.missing import skip

pytestmark = pytest.mark.engine("argo")

NAMES = (
    "absent",
    "artifact_chain",
    "artifact_directory",
    "component",
    "fan_out_list",
    "finally_rules",
    "flow_skip_and_failure",
    "foreach_output",
    "given_text",
    "literal_mixed",
    "refused",
    "rules",
    "schedule",
    "status_values",
)
CASES = [case for case in find_cases() if case.name in NAMES]


@pytest.fixture(scope="module")
def verdicts() -> dict[Path, Verdict]:
    missing = engine("argo").missing()
    if missing:
        skip(missing)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(partition, "ROOM", 3)
        small.setattr(share, "MANY_TASKS", 1)
        small.setattr(objects, "MOST_TEMPLATES", 2)
        small.setattr(objects, "_ROOM_TEMPLATES", 3)
        return judge(CASES, "argo")


@pytest.mark.parametrize("name", NAMES)
def test_a_cut_changes_no_trace(verdicts: dict[Path, Verdict], name: str) -> None:
    (case,) = [case for case in CASES if case.name == name]
    assert not verdicts[case.folder].wrong, "\n".join(verdicts[case.folder].details)
