"""An encoded condition is shown as written in the spec."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.expressions.encode import encode
from dagwright.runtime.wording import worded

SPEC = """\
apiVersion: dagwright/v1
name: demo
params: {n: {type: integer, default: 3}, s: {type: string, default: x}, b: {type: boolean, default: true}}
tasks:
  a: {command: [echo], outputs: {x: number, j: json}}
  last:
    command: [echo]
    when: >-
      CONDITION
targets: {local: {}}
"""


@pytest.mark.parametrize(
    "text",
    [
        "params.b",
        "not params.b and not (params.b or params.n > 2)",
        "(params.b or params.n > 2) and params.b",
        "params.n - (2 - params.n) == (params.n - 2) * -params.n",
        "tasks.a.outputs.x / 2.5 < 0.1",
        'params.s in ["a", "ä\\n"]',
        'if(params.b, "a", params.s) + "b" != lower(params.s)',
        'tasks.a.outputs.j["k"][0] == from_json("null")',
        'default(tasks.a.outputs.x, 0.5) >= 1.0 and tasks.a.status == "succeeded"',
        'run.date > "2026" and len(params.s) % 2 == 0',
    ],
)
def test_a_condition_reads_as_it_was_written(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.yaml"
    path.write_text(SPEC.replace("CONDITION", text), encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None, report.diagnostics
    condition = pipeline.by_name["last"].when
    assert condition is not None
    assert worded(encode(condition)) == text
