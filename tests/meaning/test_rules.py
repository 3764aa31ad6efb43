"""Each trigger rule of the table means the same in the features, in Airflow's file and in Argo's manifest."""

from __future__ import annotations

import ast
import inspect
import json
import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import dagwright.backends.airflow.shape as airflow_shape
from dagwright.backends.argo.backend import BACKEND
from dagwright.backends.features import uses
from dagwright.backends.registry import BACKENDS, backend
from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline, TriggerRule
from dagwright.meaning.rules import FAILED, RULES, RUN, STATES, decision, states_before

SPEC = """\
apiVersion: dagwright/v1
name: rules
params: {{yes: {{type: boolean, default: true}}}}
tasks:
  first: {{command: ["true"]}}
  a: {{needs: [first], when: params.yes, command: ["true"]}}
  b: {{needs: [first], when: params.yes, command: ["true"]}}
  c: {{needs: [a, b], trigger_rule: {rule}, command: ["true"]}}
targets: {{argo: {{image: busybox}}}}
"""
COMBINATIONS = list(product(STATES, repeat=2))
AIRFLOW = {"succeeded": "success"}  # other states have the same name there
ARGO_RESULTS = {"succeeded": "Succeeded", "failed": "Failed", "skipped": "Skipped", "upstream_failed": "Omitted"}


@pytest.fixture(params=RULES)
def rule(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pipeline(rule: str, folder: Path) -> Pipeline:
    path = folder / "pipeline.yaml"
    path.write_text(SPEC.format(rule=rule))
    report = Report()
    found = load(str(path), Options(), report)
    assert found is not None, report.diagnostics
    return found


def test_the_ir_and_the_schema_have_the_rules_of_the_table(root: Path) -> None:
    schema = json.loads((root / "schemas" / "pipeline.v1.json").read_text())
    enums = [tuple(found) for found in _enums(schema) if "all_success" in found]
    assert enums
    assert {tuple(RULES)} == {*enums, tuple(rule.value for rule in TriggerRule)}


def _enums(schema: Any) -> list[list[str]]:
    if isinstance(schema, dict):
        own = [schema["enum"]] if isinstance(schema.get("enum"), list) else []
        return own + [found for value in schema.values() for found in _enums(value)]
    return [found for value in schema for found in _enums(value)] if isinstance(schema, list) else []


def test_a_rule_is_a_feature_of_each_backend(rule: str, tmp_path: Path) -> None:
    found = pipeline(rule, tmp_path)
    used = [feature for feature, _ in uses(found) if feature.value.startswith("trigger_rule")]
    assert [feature.value for feature in used] == [f"trigger_rule: {rule}"][rule == "all_success" :]
    assert all(feature in backend(name).support(found) for name in BACKENDS for feature in used)


def test_airflow_decides_as_the_table(rule: str, tmp_path: Path) -> None:
    """Airflow's own rule decides first, then the guard at the start of the task."""
    found = pipeline(rule, tmp_path)
    guards = _guards()
    for states in COMBINATIONS:
        own = airflow_shape.airflow_rule(found.by_name["c"])
        if own == "none_failed" and any(state in FAILED for state in states):
            got = "upstream_failed"
        elif "c" in airflow_shape.guarded(found) and not guards[rule]([AIRFLOW.get(s, s) for s in states]):
            got = "skipped"
        else:
            got = RUN
        assert got == decision(rule, states), states


def _guards() -> dict[str, Any]:
    """`SKIPS_UNLESS` of the code that Airflow's file contains, which only an Airflow can import."""
    path = Path(inspect.getfile(airflow_shape)).with_name("runtime.py")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SKIPS_UNLESS":
            found: dict[str, Any] = eval(ast.unparse(node.value))
            return found
    raise AssertionError


def test_argo_decides_as_the_table(rule: str, tmp_path: Path) -> None:
    text = BACKEND.emit(pipeline(rule, tmp_path))[0].text
    templates = YAML(typ="safe").load(text)["spec"]["templates"]
    (task,) = [task for t in templates for task in t.get("dag", {}).get("tasks", ()) if task["name"] == "c"]
    for states in COMBINATIONS:
        by_name = dict(zip("ab", states, strict=True))
        if not _depends(task["depends"], by_name):
            got = "upstream_failed"
        elif "when" in task and not _when(task["when"], by_name):
            got = "skipped"
        else:
            got = RUN
        assert got == decision(rule, states), states


def _depends(text: str, states: dict[str, str]) -> bool:
    """The value of `a.Succeeded && (b.Succeeded || b.Skipped)`; other tasks, which check the params, succeeded."""
    python = re.sub(r"(\w+)\.(\w+)", lambda m: str(ARGO_RESULTS[states.get(m[1], "succeeded")] == m[2]), text)
    return bool(eval(_operators(python)))


def _when(text: str, states: dict[str, str]) -> bool:
    """The value of `{{=tasks['a'].status != 'Skipped'}}`."""
    inner = re.fullmatch(r"\{\{=\s*(.*?)\s*\}\}", text, re.DOTALL)
    assert inner is not None
    python = re.sub(r"tasks\['([ab])'\]\.status", lambda m: repr(ARGO_RESULTS[states[m[1]]]), inner[1])
    return bool(eval(_operators(python)))


def _operators(text: str) -> str:
    return text.replace("&&", " and ").replace("||", " or ")


def test_a_need_can_have_each_state_in_which_the_rule_runs(rule: str) -> None:
    ran = {state for states in COMBINATIONS if decision(rule, states) == RUN for state in states}
    assert set(states_before(rule)) == ran
