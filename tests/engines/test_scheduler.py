"""Airflow's real scheduler: concurrency, order of arrival, pauses, pools and ticks, which `dag.test()` cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from conformance.case import Case, find_cases
from conformance.engine import Job
from conformance.judge import compile_case, of_run
from conformance.on_airflow import AIRFLOW, case_of, outcome_of
from dagwright.backends.airflow.backend import BACKEND
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from engines import airflow, airflow_live
from engines.missing import skip
from engines.sample import commit

ABOUT_TIME = ("ancestors_", "arrival_", "max_parallel_", "retry_pauses", "timeout", "finally_after_skips", "rules")
SAMPLE = 8  # further cases, different with each commit

pytestmark = pytest.mark.engine("airflow-3.3")

HEAD = "apiVersion: dagwright/v1\n"
TICKING = (
    HEAD
    + """\
name: ticking
schedule: {cron: "* * * * *", timezone: Asia/Tokyo}
tasks:
  tell:
    script: printf %s "$AT" > "$DW_OUT/at"; printf %s "$DATE" > "$DW_OUT/date"
    env: {AT: "${{ run.scheduled_at }}", DATE: "${{ run.date }}"}
    outputs: {at: string, date: string}
targets: {airflow: {runtime: process}}
"""
)
SLOW = (
    HEAD
    + """\
name: slow
schedule: {cron: "* * * * *", overlap: forbid}
tasks: {work: {command: [sleep, "70"]}}
targets: {airflow: {runtime: process}}
"""
)
POOLED = (
    HEAD
    + """\
name: pooled
tasks: {a: {command: [sleep, "3"]}, b: {command: [sleep, "3"]}, c: {command: [sleep, "3"]}}
targets: {airflow: {runtime: process, pool: narrow}}
"""
)
# Each first task ends differently in its second run. Each reader records the output that it read, or 0.
CLEARED = (
    HEAD
    + """\
name: cleared
components:
  reader:
    inputs: {v: integer}
    outputs: {saw: integer}
    script: printf %s "$V" > "$DW_OUT/saw"
    env: {V: "${{ inputs.v }}"}
tasks:
  late:
    script: "test -e late.seen || { touch late.seen; exit 1; }; echo 2 > $DW_OUT/v"
    outputs: {v: integer}
  late_reader: {uses: reader, trigger_rule: all_done, with: {v: "${{ default(tasks.late.outputs.v, 0) }}"}}
  gate: {script: "test ! -e gate.seen; touch gate.seen"}
  middle: {needs: [gate], script: echo 1 > "$DW_OUT/v", outputs: {v: integer}}
  middle_reader: {uses: reader, trigger_rule: all_done, with: {v: "${{ default(tasks.middle.outputs.v, 0) }}"}}
  fan:
    matrix: {k: [0, 1]}
    script: |
      test ! -e "fan.$DW_INDEX.seen"
      test "$DW_INDEX" = 0 || touch "fan.$DW_INDEX.seen"
      echo 1 > "$DW_OUT/v"
    outputs: {v: integer}
  fan_reader: {uses: reader, trigger_rule: all_done, with: {v: "${{ min(default(tasks.fan.outputs.v, [0])) }}"}}
  work: {script: "test -e work.seen || { touch work.seen; exit 1; }"}
  handle: {needs: [work], trigger_rule: any_failed, script: echo 1 > "$DW_OUT/v", outputs: {v: integer}}
  handle_reader: {uses: reader, trigger_rule: all_done, with: {v: "${{ default(tasks.handle.outputs.v, 0) }}"}}
targets: {airflow: {runtime: process}}
"""
)
OPERATED = (
    HEAD
    + """\
name: operated
tasks:
  second: {command: [sh, -c, "sleep 1; exit 3", "{{ ti }} it's"], retry: {limit: 1, delay: 1s}, timeout: 1m}
  train: {matrix: {model: [gbm, mlp], depth: [3, 5]}, command: [echo, "${{ matrix.model }}"]}
  load: {foreach: [paris, berlin], max_parallel: 1, command: [echo, "${{ item }}"]}
  fit: {matrix: {items: [a, b], size: [1.50]}, max_parallel: 1, command: [echo, "${{ matrix.items }}"]}
  made:
    script: echo '["x", 2.0]' > "$DW_OUT/list"
    outputs: {list: json}
  each: {foreach: "${{ tasks.made.outputs.list }}", command: [echo, "${{ item }}"]}
targets: {airflow: {runtime: process}}
"""
)
CALLED = (
    HEAD
    + """\
name: called
defaults:
  targets:
    airflow:
      callbacks: {on_failure: calls.failure, on_success: calls.success, on_retry: calls.retry, on_skipped: calls.skip}
tasks:
  bad: {command: ["false"], retry: 1}
  good: {command: ["true"]}
  quiet: {command: ["true"], targets: {airflow: {callbacks: {on_failure: calls.failure}, priority_weight: 7}}}
  left_out: {when: "1 > 2", command: ["true"]}
targets: {airflow: {runtime: process, callbacks: {on_failure: calls.run_failure, on_success: calls.success}}}
"""
)
CALLS = """\
import os


def told(what):
    def tell(context):
        with open(os.path.join(os.environ["AIRFLOW_HOME"], "calls"), "a") as file:
            task = "" if what == "run_failure" else context["ti"].task_id
            file.write(f"{context['dag'].dag_id} {what} {task}\\n")
    return tell


failure, success, retry, skip, run_failure = map(told, ("failure", "success", "retry", "skip", "run_failure"))
"""
IDLE = (
    HEAD
    + """\
name: idle
schedule: {cron: "0 3 1 1 *"}
tasks: {work: {command: [echo, "ran"]}}
targets: {airflow: {runtime: process}}
"""
)
CLEARED_STATES = {
    "late": "succeeded", "late_reader": "succeeded", "gate": "failed", "middle": "upstream_failed",
    "middle_reader": "succeeded", "fan": "failed", "fan_reader": "succeeded", "work": "succeeded", "handle": "skipped",
    "handle_reader": "succeeded",
}  # fmt: skip

Traces = Mapping[str, Any]


def chosen() -> list[Case]:
    """The cases about time, and a sample of the rest that changes with each commit."""
    runs = [case for case in find_cases() if case.trace is not None and "airflow" in case.targets]
    timed = [case for case in runs if case.name.startswith(ABOUT_TIME)]
    rest = [case for case in runs if case not in timed]
    return timed + [rest[(commit() * SAMPLE + at) % len(rest)] for at in range(min(SAMPLE, len(rest)))]


CHOSEN = chosen()


def pipeline_of(spec: str, folder: Path) -> Pipeline:
    path = folder / "pipeline.yaml"
    path.write_text(spec, encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None
    check_targets(pipeline, ["airflow"], Options(allow_degraded=["W601"]), report)
    assert not report.failed, report.diagnostics
    return pipeline


@pytest.fixture(scope="module")
def jobs() -> dict[str, Job]:
    found = {}
    for case in CHOSEN:
        pipeline = compile_case(case, AIRFLOW).pipeline
        assert pipeline is not None, case.name
        found[case.name] = Job(pipeline, case.folder, case.params, case.secrets)
    return found


@pytest.fixture(scope="module")
def traces(jobs: dict[str, Job], tmp_path_factory: pytest.TempPathFactory) -> Traces:
    """All traces by case name, from one Airflow."""
    missing = AIRFLOW.missing()
    if missing:
        skip(missing)
    folder = tmp_path_factory.mktemp("scheduler")
    cases = {name: case_of(job) for name, job in jobs.items()}
    for name, spec in (("ticking", TICKING), ("slow", SLOW), ("pooled", POOLED), ("cleared", CLEARED)):
        cases[name] = airflow.Case(BACKEND.emit(pipeline_of(spec, folder))[0].text)
    cases["operated"] = airflow.Case(BACKEND.emit(pipeline_of(OPERATED, folder))[0].text)
    cases["called"] = airflow.Case(BACKEND.emit(pipeline_of(CALLED, folder))[0].text)
    cases["idle"] = airflow.Case(BACKEND.emit(pipeline_of(IDLE, folder))[0].text)
    order = list(cases)
    ticks = {order.index("ticking"): 2, order.index("slow"): 2}
    clears = {order.index("cleared"): ["late", "gate", "fan.1", "work"]}
    idle = [order.index("idle")]
    found = airflow_live.run(
        list(cases.values()), ticks=ticks, pools={"narrow": 1}, clears=clears, idle=idle, modules={"calls.py": CALLS}
    )
    return dict(zip(order, found, strict=True))


@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_a_case_on_the_real_scheduler(case: Case, jobs: dict[str, Job], traces: Traces) -> None:
    verdict = of_run(case, jobs[case.name].pipeline, outcome_of(traces[case.name]))
    assert not verdict.wrong, "\n".join(verdict.details)


def test_a_tick_knows_its_instant(traces: Traces) -> None:
    first, second = traces["ticking"]["runs"]
    for run in (first, second):
        instant = datetime.fromisoformat(run["logical_date"])
        outputs = run["tasks"]["tell"]["outputs"]
        assert outputs["at"] == instant.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert outputs["date"] == (instant + timedelta(hours=9)).strftime("%Y-%m-%d")
        assert instant.second == 0
    assert datetime.fromisoformat(second["logical_date"]) - datetime.fromisoformat(first["logical_date"]) == timedelta(
        minutes=1
    )


def test_runs_that_may_not_overlap_do_not(traces: Traces) -> None:
    first, second = (run["times"]["work"] for run in traces["slow"]["runs"])
    assert datetime.fromisoformat(first[1]) <= datetime.fromisoformat(second[0])


def test_a_pool_of_one_slot_lets_one_task_run(traces: Traces) -> None:
    spans = sorted(tuple(map(datetime.fromisoformat, span)) for span in traces["pooled"]["times"].values())
    assert len(spans) == 3
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start


def test_a_cleared_run_reads_no_output_of_an_earlier_try(traces: Traces) -> None:
    """An output counts only if its task has succeeded in this try of the run, not in an earlier one."""
    tasks = traces["cleared"]["tasks"]
    assert {name: task["state"] for name, task in tasks.items()} == CLEARED_STATES
    saw = {name: task["outputs"]["saw"] for name, task in tasks.items() if name.endswith("_reader")}
    assert saw == {"late_reader": 2, "middle_reader": 0, "fan_reader": 0, "handle_reader": 0}


def test_a_new_file_with_a_schedule_waits_for_its_next_tick(traces: Traces) -> None:
    assert traces["idle"] == {"status": "idle", "runs": 0}


def test_instances_show_their_values(traces: Traces) -> None:
    seen = traces["operated"]["seen"]
    names = [seen[f"train.{index}"]["name"] for index in range(4)]
    pairs = [("gbm", 3), ("gbm", 5), ("mlp", 3), ("mlp", 5)]
    assert names == [f"train model={model}, depth={depth}" for model, depth in pairs]
    assert [seen[f"load.each[{index}]"]["map"] for index in range(2)] == ["paris", "berlin"]
    assert [seen[f"fit.each[{index}]"]["map"] for index in range(2)] == ["items=a, size=1.50", "items=b, size=1.50"]
    assert [seen[f"each.each[{index}]"]["map"] for index in range(2)] == ["x", "2.0"]


def test_the_log_says_what_ran_and_why_it_failed(traces: Traces) -> None:
    second = traces["operated"]["seen"]["second"]
    assert list(second["rendered"]["command"]) == ["sh", "-c", "sleep 1; exit 3", "{{ ti }} it's"]
    log = [line for line in second["log"] if line.get("logger", "").endswith("dagwright")]
    assert len(log) == 2, second["log"]
    for attempt, line in enumerate(log, 1):
        start, _, command = line["event"].partition(": ")
        assert start.startswith(f"attempt {attempt} of 2, in /")
        assert command == """sh -c 'sleep 1; exit 3' '{{ ti }} it'"'"'s'"""
    reasons = [error["exc_value"] for line in second["log"] for error in line.get("error_detail", [])]
    assert reasons == [f"second: exit status 3 (after 1 s, attempt {attempt} of 2)" for attempt in (1, 2)]


def test_callbacks_are_called_for_tasks_and_for_the_run(traces: Traces) -> None:
    assert traces["called"]["calls"] == [
        ["failure", "bad"],
        ["retry", "bad"],
        ["run_failure"],
        ["skip", "left_out"],
        ["success", "good"],
    ]
