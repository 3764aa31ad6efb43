"""What a whole compilation costs: CPU seconds and peak memory of the process, by target and number of tasks.

    python benchmarks/compile.py                     # ours
    python benchmarks/compile.py --others PYTHON     # beside Hera and dag-factory, from an environment that has them

The specs are chained blocks: a split, eight parallel tasks, a join. Nothing is asserted; read the ratios.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

SIZES = {"airflow": (10, 150, 1000, 5000, 50000), "argo": (10, 150, 1000, 5000), "local": (10, 150, 1000, 5000, 50000)}
GOALS = {10: 0.25, 150: 0.3, 1000: 0.6, 5000: 1.8, 50000: 18.0}


def blocks(tasks: int) -> Iterator[tuple[str, list[str]]]:
    """Names and needs of `tasks` tasks in chained blocks of ten."""
    before: list[str] = []
    made = 0
    number = 0
    while made < tasks:
        split, join = f"split_{number}", f"join_{number}"
        middle = [f"work_{number}_{i}" for i in range(8)]
        block = [(split, before), *((name, [split]) for name in middle), (join, middle)][: tasks - made]
        yield from block
        made += len(block)
        before, number = [join], number + 1


def spec(tasks: int) -> str:
    """A spec of about ten lines a task, as people write them."""
    lines = [
        "apiVersion: dagwright/v1",
        f"name: blocks-{tasks}",
        "params: {day: {type: string, default: today}}",
        "targets: {argo: {image: busybox}, airflow: {}, local: {}}",
        "tasks:",
    ]
    for name, needs in blocks(tasks):
        lines += [
            f"  {name}:",
            f"    needs: [{', '.join(needs)}]" if needs else "    description: starts",
            "    command:",
            "    - python3",
            f"    - {name}.py",
            '    - "${{ params.day }}"',
            "    env:",
            f"      NAME: {name}",
            "    retry: {limit: 2, delay: 30s}",
            "    timeout: 1h",
        ]
    return "\n".join(lines) + "\n"


def measure(command: list[str], cwd: str, repeat: int) -> tuple[float, float]:
    """Median CPU seconds and peak MiB of a command."""
    seconds, peaks = [], []
    for _ in range(repeat):
        process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, status, usage = os.wait4(process.pid, 0)
        assert process.stderr is not None
        if status:
            raise SystemExit(process.stderr.read().decode())
        seconds.append(usage.ru_utime + usage.ru_stime)
        peaks.append(usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024))
    return median(seconds), max(peaks)


HERA = """
import sys
from hera.workflows import DAG, Container, Workflow
sys.path.insert(0, {here!r})
from compile import blocks
with Workflow(generate_name="b-", entrypoint="main") as w:
    c = Container(name="c", image="busybox", command=["echo"])
    with DAG(name="main"):
        made = {{}}
        for name, needs in blocks({n}):
            made[name] = c(name=name.replace("_", "-"))
            for need in needs:
                made[need] >> made[name]
open("hera.yaml", "w").write(w.to_yaml())
"""

DAG_FACTORY = """
import sys
sys.path.insert(0, {here!r})
from compile import blocks
import yaml
tasks = {{name: {{"operator": "airflow.providers.standard.operators.bash.BashOperator", "bash_command": "echo",
          "dependencies": needs}} for name, needs in blocks({n})}}
defaults = {{"start_date": "2024-01-01"}}
demo = {{"default_args": defaults, "schedule": None, "tasks": tasks}}
open("factory.yml", "w").write(yaml.safe_dump({{"demo": demo}}))
import dagfactory
dagfactory.load_yaml_dags(globals_dict=globals(), config_filepath=__import__("os").path.abspath("factory.yml"))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", metavar="PYTHON", help="a Python that has hera and, perhaps, dag-factory")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--max", type=int, default=50000, help="leave out larger specs")
    arguments = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        bare, _ = measure([sys.executable, "-c", "pass"], folder, 5)
        version, _ = measure([sys.executable, "-m", "dagwright", "--version"], folder, 5)
        print(f"bare Python {bare:.3f} s CPU; --version {version:.3f} s, {1000 * (version - bare):.0f} ms more")
        print(f"{'target':<12}{'tasks':>7}{'CPU s':>9}{'goal':>7}{'ratio':>7}{'MiB':>7}{'us/task':>9}")
        for target, sizes in SIZES.items():
            for tasks in (n for n in sizes if n <= arguments.max):
                path = Path(folder, f"spec{tasks}.yaml")
                path.write_text(spec(tasks), encoding="utf-8")
                command = [sys.executable, "-m", "dagwright", "compile", str(path), "-t", target, "-o", f"{folder}/out"]
                command += ["--max-bytes", "99999999"]
                seconds, peak = measure(command, folder, arguments.repeat)
                goal = GOALS[tasks]
                print(
                    f"{target:<12}{tasks:>7}{seconds:>9.3f}{goal:>7}{seconds / goal:>7.2f}{peak:>7.0f}"
                    f"{1e6 * (seconds - bare) / tasks:>9.0f}",
                    flush=True,
                )
        if arguments.others:
            others(arguments, folder)


def others(arguments: argparse.Namespace, folder: str) -> None:
    here = str(Path(__file__).resolve().parent)
    for name, code in {"hera": HERA, "dag-factory": DAG_FACTORY}.items():
        for tasks in (10, 1000, 5000):
            try:
                seconds, peak = measure([arguments.others, "-c", code.format(here=here, n=tasks)], folder, 1)
            except SystemExit as error:
                print(f"{name:<12}{tasks:>7}  cannot: {str(error).strip().splitlines()[-1][:80]}")
                break
            print(f"{name:<12}{tasks:>7}{seconds:>9.3f}{'':>14}{peak:>7.0f}", flush=True)


if __name__ == "__main__":
    main()
