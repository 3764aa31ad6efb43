"""Pipelines on a real Argo Workflows: what is read back is the trace that the execution model says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from engines import argo_run
from engines.argo_run import Case, read_trace, run, started_early

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/expect.json"))

Outcome = tuple[Pipeline, dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Pipeline, expectation and outcome of every case, all run on one cluster."""
    if argo_run.testbed() is None:
        pytest.skip("the testbed with Argo Workflows is not built (DAGWRIGHT_TESTBED names its folder)")
    found = {}
    for folder in CASES:
        report = Report()
        pipeline = load(str(folder / "pipeline.yaml"), Options(), report)
        assert pipeline is not None, report.diagnostics
        check_targets(pipeline, ["argo"], Options(), report)
        assert not report.failed, report.diagnostics
        found[folder.name] = pipeline, json.loads((folder / "expect.json").read_text(encoding="utf-8"))
    cases = [Case(pipeline, expected.get("params", {})) for pipeline, expected in found.values()]
    results = run(cases, tmp_path_factory.mktemp("argo"))
    return {name: (*pair, result) for (name, pair), result in zip(found.items(), results, strict=True)}


@pytest.mark.parametrize("name", [folder.name for folder in CASES])
def test_the_trace_is_the_one_of_the_execution_model(outcomes: dict[str, Outcome], name: str) -> None:
    pipeline, expected, outcome = outcomes[name]
    assert "error" not in outcome, outcome["error"]
    trace = read_trace(pipeline, outcome)
    assert differences(expected["trace"], trace) == []
    assert started_early(pipeline, outcome) == []


def differences(expected: Any, found: Any, path: str = "trace") -> list[str]:
    """Where what was found is not what was expected; keys that the expectation leaves out are not compared."""
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [f"{path}: {found!r} is no object"]
        missing = [f"{path}.{key} is missing" for key in expected if key not in found]
        return missing + [
            line for key in expected if key in found for line in differences(expected[key], found[key], f"{path}.{key}")
        ]
    if isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return [f"{path}: {found!r}, expected {len(expected)} entries"]
        return [
            line
            for at, (want, got) in enumerate(zip(expected, found, strict=True))
            for line in differences(want, got, f"{path}[{at}]")
        ]
    return [] if expected == found else [f"{path}: {found!r}, expected {expected!r}"]
