"""Texts that only look like those of other tools give no warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.compile import Options, load
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.render import render

QUIET = [
    "command: [sh, -c, 'cd data && cat *.csv | wc -l > $DW_OUT/rows']",
    "command: [/usr/bin/env, bash, -euc, 'echo $HOME']",
    "command: [uv, run, python, -c, 'print(a | b, \"$HOME\")']",
    "command: [awk, '{print $NF}', data.csv]",
    "command: [sed, -n, 's/a|b/$X/p']",
    "command: [jq, '.rows | length', data.json]",
    "command: [find, data, -name, '*.csv']",
    "command: [./load, --include, '*.csv', --price, '5 $', --regex, '^a|b$', --text, 'a && b']",
    "command: [psql, -c, 'select * from t where a > $LIMIT']",
    "command: [./load, 'it is $5', 'a > b', <html>, x*y, 'what?', 'k=v;w', '#', '-', '{}']",
    "command: ['${{ run.id }}']",
    "command: ['/opt/my-program']",
    "command: ['${{ run.id + run.date }}']",
    "command: [./render, '{{ title }} and {% if x %}', '{{}}', '{{ 1 + 1 }}', '{{.State}}', '$${{ run.id }}']",
    "{command: [./load], env: {PRICE: $5, LOG: $remote_addr, A: '{{city}}', B: 'a | b > c', C: '*.csv'}}",
    "script: 'echo $HOME {{ title }} && cat *.csv | sort > x'",
]
LOUD = [
    ("command: [python3, load.py, '$HOME/x']", "W442"),
    ("command: [sh, -c, 'cat $1', '-', '*.csv']", "W442"),
    ("command: [echo, hi, 2>&1]", "W442"),
    ("command: [./load, '--day={{ ds }}']", "W441"),
    ("{command: [./load], env: {DAY: '{{=inputs.parameters.day}}'}}", "W441"),
    ("command: ['./load --fast']", "W443"),
]


def warned(task: str, folder: Path) -> Report:
    body = task if task.startswith("{") else "{" + task + "}"
    path = folder / "pipeline.yaml"
    path.write_text(f"apiVersion: dagwright/v1\nname: shown\ntasks:\n  work: {body}\n", encoding="utf-8")
    report = Report()
    load(str(path), Options(), report)
    return report


@pytest.mark.parametrize("task", QUIET)
def test_no_warning(task: str, tmp_path: Path) -> None:
    report = warned(task, tmp_path)
    assert not report.diagnostics, render(report.diagnostics, "text")


@pytest.mark.parametrize(("task", "code"), LOUD)
def test_warning(task: str, code: str, tmp_path: Path) -> None:
    assert [found.code for found in warned(task, tmp_path).diagnostics] == [code]


def test_a_component_is_warned_of_once_and_its_comment_counts(tmp_path: Path) -> None:
    spec = (
        "apiVersion: dagwright/v1\nname: shown\ncomponents:\n"
        "  load: {inputs: {day: string}, command: [./load, $HOME, '${{ inputs.day }}']}\n"
        "  meant: {command: [./load, $HOME]}  # dagwright: ignore[W442]\n"
        "tasks:\n  a: {uses: load, with: {day: x}}\n  b: {uses: load, with: {day: y}}\n  c: {uses: meant}\n"
    )
    (tmp_path / "pipeline.yaml").write_text(spec, encoding="utf-8")
    report = Report()
    load(str(tmp_path / "pipeline.yaml"), Options(), report)
    assert [found.code for found in report.diagnostics] == ["W442"]
