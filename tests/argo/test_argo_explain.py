"""`dagwright plan -t argo` shows the parts of a pipeline, and the reasons for them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HEAD = "apiVersion: dagwright/v1\nname: demo\ndefaults: {image: busybox}\ntasks:\n"
CHAIN = HEAD + "".join(
    f"  t{at}: {{command: [echo, '{at}']{f', needs: [t{at - 1}]' if at else ''}}}\n" for at in range(400)
)


def plan(folder: Path, spec: str, *options: str) -> str:
    (folder / "pipeline.yaml").write_text(spec, encoding="utf-8")
    command = [sys.executable, "-m", "dagwright", "plan", "pipeline.yaml", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_plan_names_parts_and_the_needs_between_them(tmp_path: Path) -> None:
    lines = [line for line in plan(tmp_path, CHAIN, "-t", "argo").splitlines() if line.startswith("argo:")]
    assert lines[0].startswith("argo: 400 tasks in 3 parts, since one DAG takes 200")
    assert lines[1].startswith("argo:   part--1: ")
    assert "after part--1 (t" in lines[2]
    assert len(lines) == 6
    assert lines[4].startswith("argo: `argo retry RUN` does nothing after a failure in a pipeline of parts")
    assert lines[5].endswith("--node-field-selector displayName=t0")


def test_the_plan_says_where_a_plain_retry_does_nothing(tmp_path: Path) -> None:
    spec = HEAD + (
        "  load_all: {command: ['true']}\n  b: {needs: load_all, command: ['true']}\n"
        "  page: {needs: b, trigger_rule: any_failed, command: ['true']}\n  alone: {command: ['true']}\n"
    )
    assert [line for line in plan(tmp_path, spec, "-t", "argo").splitlines() if line.startswith("argo:")] == [
        "argo: `argo retry RUN` does nothing after a failure of `load_all` and 1 more, since `page` runs after it; "
        "select the task:",
        "argo:   argo retry RUN --restart-successful --node-field-selector displayName=load-all",
    ]


def test_a_whole_pipeline_says_so(tmp_path: Path) -> None:
    spec = HEAD + "  a: {command: ['true']}\n"
    assert "argo: undivided\n" in plan(tmp_path, spec, "-t", "argo")
    assert "argo" not in plan(tmp_path, spec)
    assert json.loads(plan(tmp_path, spec, "-t", "local", "--json"))["cuts"] == []


def test_the_plan_names_the_objects(argo: Any, tmp_path: Path) -> None:
    big = HEAD + "".join(f"  t{at}: {{script: 'echo {at}{'x' * 60000}'}}\n" for at in range(20))
    cuts = json.loads(plan(tmp_path, big, "-t", "argo", "--json"))["cuts"]
    assert cuts[0].startswith("3 objects, since one takes 200 templates and 1,048,576 bytes")
    names = [found["metadata"].get("name") for found in argo.objects(big)]
    assert [name for name in names if name] == [line.split(":")[0].split()[1] for line in cuts[1:-1]]
