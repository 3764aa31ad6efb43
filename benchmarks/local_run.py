"""How fast the local runner starts tasks, and how fast its script is made.

    python benchmarks/local_run.py [TASKS] [PARALLEL]

Prints the tasks a second of a whole run of the generated script (start of Python included), CPU of the runner itself
and of everything, and the CPU seconds that emitting takes. Use a fresh folder: a file system that has just deleted
thousands of files is slow to make new ones.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta

from dagwright.backends.local.backend import BACKEND
from dagwright.ir.model import Pipeline, Retry, Script, Task


def independent(count: int) -> Pipeline:
    """Tasks that do nothing and need nothing."""
    action = Script(("sh", "-euc"), ":")
    return Pipeline("bench", "0" * 64, tuple(Task(f"t{i}", action) for i in range(count)))


def blocks(count: int) -> Pipeline:
    """Chained blocks of ten: split, eight in parallel, join; with retries and timeouts."""
    action, tasks, last = Script(("sh", "-euc"), ":"), list[Task](), ""
    for block in range(count // 10):
        split, join = f"split{block}", f"join{block}"
        middle = [f"part{block}_{i}" for i in range(8)]
        tasks.append(_task(split, action, (last,) if last else ()))
        tasks += [_task(name, action, (split,)) for name in middle]
        tasks.append(_task(join, action, tuple(middle)))
        last = join
    return Pipeline("bench", "0" * 64, tuple(tasks))


def _task(name: str, action: Script, needs: tuple[str, ...]) -> Task:
    retry = Retry(2, timedelta(seconds=30), 2, timedelta(minutes=10))
    return Task(name, action, needs=needs, retry=retry, timeout=timedelta(hours=1))


def measure_run(name: str, pipeline: Pipeline, parallel: int) -> None:
    """Run the script once and print what it took."""
    (artifact,) = BACKEND.emit(pipeline)
    count = len(pipeline.tasks)
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "run.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(artifact.text)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        arguments = ["-j", str(parallel), "--runs-dir", os.path.join(folder, "runs"), "--quiet", "--json"]
        done = subprocess.run([sys.executable, script, *arguments], capture_output=True, check=True)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert json.loads(done.stdout)["status"] == "succeeded"
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{name:<12} {count} tasks, -j {parallel}: {count / wall:7.0f} tasks/s, {wall:.2f} s, CPU {cpu:.2f} s in all")


def measure_emit(count: int) -> None:
    """Emit chained blocks and print the CPU seconds."""
    pipeline = blocks(count)
    BACKEND.emit(blocks(10))
    start = time.process_time()
    BACKEND.emit(pipeline)
    print(f"emit         {count} tasks: {time.process_time() - start:.3f} s CPU")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    parallel = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    measure_run("independent", independent(count), parallel)
    measure_run("blocks", blocks(count), parallel)
    measure_emit(5000)


if __name__ == "__main__":
    main()
