"""Generated DAG files on a real Airflow: the lines of the execution model, all cases in one process a version."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from dagwright.compile import Options, check_targets, emit, load
from dagwright.diagnostics.model import Report
from engines import missing

ENGINES = Path(__file__).resolve().parent.parent / "engines"
OK, FAILED, SKIPPED, UPSTREAM = "succeeded", "failed", "skipped", "upstream_failed"


@dataclass(frozen=True)
class Run:
    """A spec, what a run of it is given, and the part of the trace that is expected."""

    spec: str
    status: str
    tasks: dict[str, Any] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def expected(self) -> dict[str, Any]:
        return {"status": self.status, "tasks": self.tasks} if self.tasks else {"status": self.status}


RULES = """
params: {good: {type: string, default: "yes"}, go: {type: boolean, default: true}, wait: {type: string, default: "0"}}
tasks:
  maybe: {command: [sleep, "${{ params.wait }}"], when: params.go}
  work: {command: [test, yes, "=", "${{ params.good }}"]}
  both: {command: ["true"], needs: [maybe, work]}
  tolerant: {command: ["true"], needs: [maybe, work], trigger_rule: none_failed}
  some: {command: ["true"], needs: [maybe, work], trigger_rule: none_failed_min_one_success}
  alert: {command: ["true"], needs: [both], trigger_rule: any_failed}
  clean: {command: ["true"], needs: [both], trigger_rule: all_done}
  after: {command: ["true"], needs: [alert]}
"""

VALUES = r"""
params: {n: {type: integer, default: 3}, x: {type: number, default: 2.0}, s: string, j: {type: json, default: {b: [1], a: null}}}
tasks:
  make:
    script: |
      printf '0.80' > "$DW_OUT/auc"
      echo ' a "b" ' > "$DW_OUT/text"
      echo '{"k": [1, 2.50]}' > "$DW_OUT/info"
      printf '%s|%s|%s|%s|%s' "$DW_PIPELINE" "$DW_TASK" "$DW_ATTEMPT" "$DW_INDEX" "${AIRFLOW_HOME-unset}" > "$DW_OUT/seen"
    outputs:
      {auc: number, text: string, info: json, seen: string, missing: {type: integer, default: 7}}
  read:
    command: [sh, -euc, 'printf "%s\n" "$@" > "$DW_OUT/argv"', "-", "${{ tasks.make.outputs.auc }}",
              "[${{ tasks.make.outputs.text }}]", "${{ tasks.make.outputs.auc + 1 }}", "${{ params.x }}",
              "${{ tasks.make.outputs.info['k'][1] }}", "${{ tasks.make.outputs.missing }}", "${{ params.j }}",
              "{{ jinja }} $(HOME) ${{ params.s }}.sh", "${{ params.n * 2 }}"]
    outputs: {argv: string}
  wrong:
    command: ["true"]
    env: {X: "${{ integer(tasks.make.outputs.text) }}"}
    retry: 3
  undecided: {command: ["true"], when: "1 / (params.x - 2) > 0", retry: 2}
  never: {command: ["true"], needs: [wrong], trigger_rule: all_done, when: tasks.wrong.status == 'succeeded'}
"""

RETRIES = """
tasks:
  flaky:
    script: |
      echo left > "$DW_OUT/rest"
      [ "$DW_ATTEMPT" = 3 ] || { test ! -e "$DW_OUT/n"; exit 99; }
      echo "$DW_ATTEMPT" > "$DW_OUT/n"
    retry: {limit: 3, delay: 1s, factor: 2, max_delay: 2s}
    outputs: {n: integer}
  silent: {command: ["true"], outputs: {x: string}, retry: 1}
  slow: {command: [sleep, "30"], timeout: 1s, retry: 1}
"""

FAN_OUT = """
params:
  list: {type: json, default: ["a", 1, 2.5, {"k": null}]}
  bad: {type: string, default: none}
tasks:
  grid:
    script: 'echo "$M-$D-$DW_INDEX" > "$DW_OUT/o"; test "$M$D" != "$BAD"'
    env: {M: "${{ matrix.m }}", D: "${{ matrix.d }}", BAD: "${{ params.bad }}"}
    matrix: {m: [x, "y{{ z }}"], d: [1, 1e-3]}
    outputs: {o: string}
  few:
    script: 'echo "$I" > "$DW_OUT/o"'
    env: {I: "${{ item }}"}
    foreach: [3.10, 2]
    max_parallel: 1
    outputs: {o: number}
  dynamic:
    script: 'printf %s "$I" > "$DW_OUT/o"'
    env: {I: "${{ item }}"}
    foreach: params.list
    outputs: {o: string}
  over: {command: ["true", "${{ item }}"], foreach: tasks.few.outputs.o}
  join:
    command: [sh, -euc, 'printf "%s " "$@" > "$DW_OUT/all"', "-", "${{ tasks.grid.outputs.o }}", "${{ tasks.few.outputs.o }}",
              "${{ max(tasks.few.outputs.o) }}"]
    outputs: {all: string}
  tail: {command: ["true"], needs: [dynamic]}
  always: {command: ["true"], needs: [tail], trigger_rule: all_done}
"""

ARTIFACTS = """
tasks:
  ingest:
    script: |
      echo data > "$DW_OUT/table.csv"
      mkdir "$DW_OUT/parts"; echo one > "$DW_OUT/parts/1"
    outputs: {table: {type: file, filename: table.csv}, parts: directory}
  train:
    script: 'cat "$IN" > "$DW_OUT/model.json"; echo "$DW_INDEX" >> "$DW_OUT/model.json"'
    env: {IN: "${{ tasks.ingest.outputs.table }}"}
    matrix: {m: [a, b]}
    outputs: {model: {type: file, filename: model.json}}
  compare:
    script: 'cat "$MODELS/0" "$MODELS/1" "$PARTS/1" > "$DW_OUT/all"; ls "$DW_IN" | tr "\\n" " " > "$DW_OUT/names"'
    inputs: {models: "${{ tasks.train.outputs.model }}"}
    env: {MODELS: "${{ tasks.train.outputs.model }}", PARTS: "${{ tasks.ingest.outputs.parts }}"}
    outputs: {all: string, names: string}
"""

FINALLY = """
params: {good: {type: string, default: "yes"}}
tasks:
  work: {command: [test, yes, "=", "${{ params.good }}"]}
  rescue: {command: ["true"], needs: [work], trigger_rule: any_failed}
finally:
  report: {script: 'echo "$S" > "$DW_OUT/status"', env: {S: "${{ run.status }}"}, outputs: {status: string}}
  last: {command: ["false"], needs: [report], when: run.status == 'succeeded'}
"""

SECRET = """
tasks:
  use: {script: 'test "$TOKEN" = "s3cret {{ x }}"', secrets: {TOKEN: {name: my-deploy, key: token}}}
"""


def states(**given: str) -> dict[str, Any]:
    return {name: {"state": state} for name, state in given.items()}


RUNS = {
    "rules-all-well": Run(
        RULES, OK, states(maybe=OK, work=OK, both=OK, tolerant=OK, some=OK, alert=SKIPPED, clean=OK, after=SKIPPED)
    ),
    "rules-skip": Run(
        RULES,
        OK,
        states(maybe=SKIPPED, work=OK, both=SKIPPED, tolerant=OK, some=OK, alert=SKIPPED, clean=OK, after=SKIPPED),
        {"go": False},
    ),
    "rules-failure": Run(
        RULES,
        FAILED,
        states(maybe=OK, work=FAILED, both=UPSTREAM, tolerant=UPSTREAM, some=UPSTREAM, alert=OK, clean=OK, after=OK),
        {"good": "no", "wait": "1"},
    ),
    "rules-skip-and-failure": Run(
        RULES,
        FAILED,
        states(
            maybe=SKIPPED, work=FAILED, both=UPSTREAM, tolerant=UPSTREAM, some=UPSTREAM, alert=OK, clean=OK, after=OK
        ),
        {"good": "no", "go": False},
    ),
    "values": Run(
        VALUES,
        FAILED,
        {
            "make": {
                "state": OK,
                "attempts": 1,
                "outputs": {
                    "auc": 0.8,
                    "text": ' a "b" ',
                    "info": {"k": [1, 2.5]},
                    "seen": "case|make|1||unset",
                    "missing": 7,
                },
            },
            "read": {
                "outputs": {
                    "argv": '0.80\n[ a "b" ]\n1.8\n2\n2.5\n7\n{"a":null,"b":[1]}\n{{ jinja }} $(HOME) x y.sh\n6',
                }
            },
            "wrong": {"state": FAILED, "attempts": 0},
            "undecided": {"state": FAILED, "attempts": 0},
            "never": {"state": SKIPPED, "attempts": 0},
        },
        {"s": "x y"},
    ),
    "refused": Run(VALUES, "refused", {}, {"s": "x", "n": "three"}),
    "retries": Run(
        RETRIES,
        FAILED,
        {
            "flaky": {"state": OK, "attempts": 3, "outputs": {"n": 3}},
            "silent": {"state": FAILED, "attempts": 2, "outputs": {}},
            "slow": {"state": FAILED, "attempts": 2},
        },
    ),
    "fan-out": Run(
        FAN_OUT,
        OK,
        {
            "grid": {
                "state": OK,
                "instances": [{"outputs": {"o": o}} for o in ("x-1-0", "x-1e-3-1", "y{{ z }}-1-2", "y{{ z }}-1e-3-3")],
            },
            "few": {"state": OK, "instances": [{"outputs": {"o": 3.1}}, {"outputs": {"o": 2}}]},
            "dynamic": {"state": OK, "instances": [{"outputs": {"o": o}} for o in ("a", "1", "2.5", '{"k":null}')]},
            "over": {"state": OK, "instances": [{"attempts": 1}, {"attempts": 1}]},
            "join": {"outputs": {"all": '["x-1-0","x-1e-3-1","y{{ z }}-1-2","y{{ z }}-1e-3-3"] [3.10,2] 3.1 '}},
            **states(tail=OK, always=OK),
        },
    ),
    "fan-out-empty": Run(
        FAN_OUT, OK, {"dynamic": {"state": SKIPPED, "instances": []}, **states(tail=SKIPPED, always=OK)}, {"list": []}
    ),
    "fan-out-no-list": Run(
        FAN_OUT,
        FAILED,
        {"dynamic": {"state": FAILED, "instances": []}, **states(tail=UPSTREAM, always=OK)},
        {"list": {}},
    ),
    "fan-out-failing": Run(
        FAN_OUT,
        FAILED,
        {
            "grid": {"state": FAILED, "instances": [{"state": OK}, {"state": FAILED}, {"state": OK}, {"state": OK}]},
            **states(join=UPSTREAM),
        },
        {"bad": "x1e-3"},
    ),
    "artifacts": Run(
        ARTIFACTS,
        OK,
        {"compare": {"outputs": {"all": "data\n0\ndata\n1\none", "names": "ingest.parts models train.model "}}},
    ),
    "finally-well": Run(
        FINALLY,
        FAILED,
        {"report": {"outputs": {"status": OK}}, "rescue": {"state": SKIPPED}, "last": {"state": FAILED}},
    ),
    "finally-failed": Run(
        FINALLY,
        FAILED,
        {"report": {"outputs": {"status": FAILED}}, **states(work=FAILED, rescue=OK, last=SKIPPED)},
        {"good": "no"},
    ),
    "secret": Run(SECRET, OK, states(use=OK), {}, {"DW_SECRET_MY_DEPLOY_TOKEN": "s3cret {{ x }}"}),
    "secret-missing": Run(SECRET, FAILED, {"use": {"state": FAILED, "attempts": 0}}),
}


def engine() -> ModuleType:
    """The helper that runs DAG files; its folder is no package, and its name is that of Airflow's own."""
    spec = importlib.util.spec_from_file_location("dagwright_airflow_engine", ENGINES / "airflow.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def compiled(spec: str, folder: Path, version: str) -> str:
    """The DAG file of a spec that leaves out what all of them have."""
    target = f'\ntargets: {{airflow: {{version: "{version}"}}}}\n'
    path = folder / "pipeline.yaml"
    path.write_text("apiVersion: dagwright/v1\nname: case\n" + spec + target, encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None, report.diagnostics
    check_targets(pipeline, ["airflow"], Options(), report)
    assert not report.failed, report.diagnostics
    return emit(pipeline, ["airflow"])[0].text


def traces(
    version: str, names: list[str], folder: Path, env: dict[str, str] | None = None
) -> dict[str, dict[str, Any]]:
    """The traces of the named runs on one Airflow."""
    engines = engine()
    runs = [RUNS[name] for name in names]
    cases = [engines.Case(compiled(run.spec, folder, version), run.params, run.secrets) for run in runs]
    try:
        found = engines.run(cases, version, env)
    except engines.Unavailable as why:
        missing.skip(f"Airflow {version}: {why}")
    return dict(zip(names, found, strict=True))


# Growing pauses need Airflow 3.3; the rest must be the same on the oldest Airflow that we support.
ON_2 = [name for name in RUNS if name != "retries"]


@pytest.fixture(scope="module")
def on_2(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return traces("2.11", ON_2, tmp_path_factory.mktemp("on2"))


@pytest.fixture(scope="module")
def on_3(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return traces("3.3", list(RUNS), tmp_path_factory.mktemp("on3"))


def differences(expected: Any, found: Any, path: str = "") -> list[str]:
    """Where a trace is not what is expected; keys that are not expected are not compared."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [d for key, value in expected.items() for d in differences(value, found.get(key), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [d for i, value in enumerate(expected) for d in differences(value, found[i], f"{path}[{i}]")]
    return [] if expected == found else [f"{path}: expected {expected!r}, found {found!r}"]


@pytest.mark.parametrize("name", RUNS)
def test_on_airflow_3(name: str, on_3: dict[str, dict[str, Any]]) -> None:
    run = RUNS[name]
    assert not differences(run.expected, on_3[name]), on_3[name]


@pytest.mark.parametrize("name", ON_2)
def test_on_airflow_2(name: str, on_2: dict[str, dict[str, Any]]) -> None:
    run = RUNS[name]
    assert not differences(run.expected, on_2[name]), on_2[name]


def test_serialized_dag_is_stable(on_3: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """Airflow makes a new version of a DAG whenever its serialized form changes: another process must give the same."""
    names = ["fan-out", "retries"]
    again = traces("3.3", names, tmp_path, {"PYTHONHASHSEED": "4711"})
    assert [again[name]["serialized"] for name in names] == [on_3[name]["serialized"] for name in names]
