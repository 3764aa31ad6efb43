"""What Airflow pays to load a generated file, beside a hand-written one of literal operators: CPU seconds of DagBag.

    python benchmarks/dagbag.py [--tasks 1000]

Both files hold the same tasks: chained blocks of ten, each a command with a variable, retries and a timeout. They are
loaded in turn by one process that has imported all modules; the goal is a ratio of at most 1.3. Airflow's environment
is that of the tests (`tests/engines/airflow.py`), made on first use.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from compile import blocks, spec

from dagwright.backends.airflow.backend import BACKEND
from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report

GOAL = 1.3
ROUNDS = 7
HEADER = """from datetime import datetime, timedelta, timezone

from airflow.providers.common.compat.sdk import DAG, Param
from airflow.providers.standard.operators.bash import BashOperator

with DAG(
    dag_id="by-hand",
    schedule=None,
    start_date=datetime(2020, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={"day": Param("today", type="string")},
) as dag:
"""
TASK = """    {name} = BashOperator(
        task_id="{name}",
        bash_command="python3 {name}.py {{{{ params.day }}}}",
        env={{"NAME": "{name}"}},
        append_env=True,
        execution_timeout=timedelta(hours=1),
        retries=2,
        retry_delay=timedelta(seconds=30),
    )
"""
# Runs in Airflow's environment: CPU seconds of each load, by file.
MEASURE = """
import json, sys, time
from airflow.dag_processing.dagbag import DagBag
rounds, *files = sys.argv[1:]
found = {file: [] for file in files}
for _ in range(int(rounds) + 1):
    for file in files:
        start = time.process_time()
        bag = DagBag(file)
        found[file].append(time.process_time() - start)
        assert not bag.import_errors, bag.import_errors
        (dag,) = bag.dags.values()
print(json.dumps({file: times[1:] for file, times in found.items()}))
"""


def by_hand(tasks: int) -> str:
    """The file that somebody would write."""
    made = list(blocks(tasks))
    edges = [f"    [{', '.join(needs)}] >> {name}\n" for name, needs in made if needs]
    return HEADER + "".join(TASK.format(name=name) for name, _ in made) + "".join(edges)


def generated(tasks: int, folder: Path) -> str:
    path = folder / "spec.yaml"
    path.write_text(spec(tasks), encoding="utf-8")
    report = Report()
    pipeline = load(str(path), Options(), report)
    assert pipeline is not None, report.diagnostics
    return BACKEND.emit(pipeline)[0].text


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=1000)
    options = parser.parse_args()
    sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
    airflow = import_module("engines.airflow")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = {"generated": folder / "generated.py", "by hand": folder / "by_hand.py"}
        files["generated"].write_text(generated(options.tasks, folder), encoding="utf-8")
        files["by hand"].write_text(by_hand(options.tasks), encoding="utf-8")
        done = subprocess.run(
            [airflow.python("3.3"), "-P", "-c", MEASURE, str(ROUNDS), *map(str, files.values())],
            env=airflow.environment(folder),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stderr)
        times = json.loads(done.stdout.splitlines()[-1])
    best = {name: min(times[str(path)]) for name, path in files.items()}
    for name, seconds in best.items():
        print(f"{name:10} {seconds:.3f} CPU s for {options.tasks} tasks (best of {ROUNDS})")
    print(f"ratio      {best['generated'] / best['by hand']:.2f} (goal {GOAL})")


if __name__ == "__main__":
    main()
