"""Editor support: the YAML language server completes and checks specs with the installed schemas."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engines.language_server import editor
from engines.missing import Unavailable, skip

TYPES = ["string", "integer", "number", "boolean", "json", "file", "directory"]
PARAM_TYPES = TYPES[:5]
SPEC = """\
apiVersion: dagwright/v1
name: churn
tasks:
  train:
    command: [python3, train.py]
"""


pytestmark = pytest.mark.engine("editors")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a fresh pipeline."""
    dagwright("init", ".", "--name", "churn", cwd=tmp_path)
    return tmp_path


def dagwright(*arguments: str, cwd: Path) -> None:
    subprocess.run([sys.executable, "-m", "dagwright", *arguments], cwd=cwd, capture_output=True, check=True)


def completed(folder: Path, name: str, text: str, settings: dict[str, Any] | None = None) -> list[str]:
    """The completions at the `|` in the text of a file."""
    before, _, after = text.partition("|")
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    try:
        with editor(folder, settings) as opened:
            uri = opened.open(name, before + after)
            opened.diagnostics(uri)  # by then the server has read its settings and the schema
            return opened.complete(uri, line, column)
    except Unavailable as reason:
        skip(reason)


def first_line(folder: Path) -> str:
    return (folder / "pipeline.yaml").read_text().splitlines(keepends=True)[0]


@pytest.mark.parametrize(
    ("more", "offered"),
    [
        ("    outputs:\n      auc: |", TYPES),
        ("    outputs: {auc: |}", TYPES),
        ("    outputs:\n      auc:\n        type: |", TYPES),
        ("    trigger_rule: |", ["all_success", "none_failed", "any_failed", "all_done"]),
        ("params:\n  depth: |", PARAM_TYPES),
        ("params:\n  depth: {type: |}", PARAM_TYPES),
        ("components:\n  c:\n    command: [x]\n    inputs:\n      data: |", TYPES),
        ("schedule:\n  cron: 0 4 * * *\n  overlap: |", ["forbid", "allow"]),
        ("targets:\n  airflow:\n    runtime: |", ["auto", "process", "kubernetes"]),
        ("targets:\n  |", ["airflow", "argo", "local"]),
        ("    |", ["retry", "timeout", "when", "needs", "foreach"]),
    ],
)
def test_a_new_pipeline_completes_at_once(more: str, offered: list[str], project: Path) -> None:
    """The first line written by `init` is enough."""
    found = completed(project, "pipeline.yaml", first_line(project) + SPEC + more)
    assert set(offered) <= set(found), found
    if offered in (TYPES, PARAM_TYPES):
        assert {"file", "directory"} & set(found) == {"file", "directory"} & set(offered)


def test_a_misspelled_key_is_underlined(project: Path) -> None:
    text = first_line(project) + SPEC.replace("command", "comand")
    try:
        with editor(project) as opened:
            found = opened.diagnostics(opened.open("pipeline.yaml", text))
            shown = opened.hover((project / "pipeline.yaml").as_uri(), 3, 2)
    except Unavailable as reason:
        skip(reason)
    places = {(d["range"]["start"]["line"], d["range"]["start"]["character"]) for d in found}
    assert (5, 4) in places, found
    assert any("comand" in d["message"] for d in found), found
    assert "steps of the pipeline" in shown


def test_the_templates_have_nothing_underlined(tmp_path: Path) -> None:
    try:
        for template in ("basic", "etl", "ml"):
            folder = tmp_path / template
            dagwright("init", template, "--template", template, cwd=tmp_path)
            with editor(folder) as opened:
                uri = opened.open("pipeline.yaml", (folder / "pipeline.yaml").read_text())
                assert opened.diagnostics(uri) == []
    except Unavailable as reason:
        skip(reason)


def test_settings_of_vs_code_give_each_file_its_schema(tmp_path: Path) -> None:
    """A spec and a component file work without a first line for the editor."""
    parts = "components:\n  c:\n    command: [x]\n    outputs:\n      m: |\n"
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "churn.yaml").write_text(SPEC)
    (tmp_path / "parts.yaml").write_text(parts.replace("|", "file"))
    dagwright("schema", "--install", cwd=tmp_path)
    flat = json.loads((tmp_path / ".vscode" / "settings.json").read_text())
    settings = {"yaml": {"schemas": flat["yaml.schemas"], "validate": True, "completion": True, "hover": True}}
    assert set(TYPES) <= set(completed(tmp_path, "parts.yaml", parts, settings))
    assert set(TYPES) <= set(completed(tmp_path, "specs/churn.yaml", SPEC + "    outputs: {m: |}", settings))
    try:
        with editor(tmp_path, settings) as opened:
            wrong = opened.diagnostics(opened.open("parts.yaml", "components: {c: {command: [x]}}\ntasks: {}\n"))
            assert any("tasks" in d["message"] for d in wrong), wrong
    except Unavailable as reason:
        skip(reason)
