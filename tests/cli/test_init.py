"""`dagwright init`: every template is a pipeline that checks, compiles and runs, and nothing is ever overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dagwright.cli.init import PLACEHOLDER, pipeline_name, templates


def dagwright(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dagwright", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip


def test_templates_are_the_ones_of_the_option() -> None:
    assert templates() == ["basic", "etl", "ml"]


@pytest.mark.parametrize("template", templates())
def test_template_checks_compiles_and_runs(template: str, tmp_path: Path) -> None:
    made = dagwright("init", "some/Shop_Churn", "--template", template, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "shop-churn" in made.stdout
    project = tmp_path / "some" / "Shop_Churn"
    assert not any(PLACEHOLDER in path.read_text() for path in project.rglob("*") if path.is_file())
    assert [entry.name for entry in (tmp_path / "some").iterdir()] == ["Shop_Churn"]

    compiled = dagwright("compile", "pipeline.yaml", "-o", "build", cwd=project)
    assert (compiled.returncode, compiled.stderr) == (0, "")
    files = sorted(path.relative_to(project).as_posix() for path in (project / "build").rglob("*.*"))
    assert files == ["build/airflow/shop_churn.py", "build/argo/shop-churn.yaml", "build/local/shop_churn.py"]

    ran = dagwright("run", "pipeline.yaml", cwd=project)
    assert ran.returncode == 0, ran.stderr
    assert "failed" not in ran.stderr


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "churn").mkdir()
    assert dagwright("init", "churn", cwd=tmp_path).returncode == 0
    assert (tmp_path / "churn" / "pipeline.yaml").is_file()


def test_the_current_folder_stays_the_same_one(tmp_path: Path) -> None:
    here = tmp_path / "churn"
    here.mkdir()
    before = here.stat().st_ino
    made = dagwright("init", ".", cwd=here)
    assert made.returncode == 0
    assert "cd" not in made.stdout
    assert (here.stat().st_ino, sorted(e.name for e in here.iterdir())) == (before, ["README.md", "pipeline.yaml"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["churn"]


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_what_is_there_is_left_alone(kind: str, tmp_path: Path) -> None:
    there = tmp_path / "churn"
    if kind == "file":
        there.write_text("mine")
    elif kind == "folder":
        there.mkdir()
        (there / "pipeline.yaml").write_text("mine")
    else:
        there.symlink_to(tmp_path / "nowhere")
    refused = dagwright("init", "churn", cwd=tmp_path)
    assert refused.returncode == 2
    assert "is there already and not empty" in refused.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["churn"]
    assert kind != "folder" or (there / "pipeline.yaml").read_text() == "mine"


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    failed = dagwright("init", "file/churn", cwd=tmp_path)
    assert failed.returncode == 74
    assert "Traceback" not in failed.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("folder", "name"),
    [("churn", "churn"), ("Churn Model_2", "churn-model-2"), ("a--b.", "a-b"), ("Überblick", "uberblick")],
)
def test_names(folder: str, name: str) -> None:
    assert pipeline_name(folder) == name


@pytest.mark.parametrize("folder", ["2024", "true", "…", "a" * 53, "$(rm)\n"[:1]])
def test_impossible_names(folder: str, tmp_path: Path) -> None:
    refused = dagwright("init", folder, cwd=tmp_path)
    assert refused.returncode == 2
    assert list(tmp_path.iterdir()) == []
