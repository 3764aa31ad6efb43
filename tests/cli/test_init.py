"""`dagwright init`: every template is a pipeline that checks, compiles and runs, and nothing is ever overwritten."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dagwright.cli.init import PLACEHOLDER, pipeline_name, templates
from dagwright.schema.published import editor_schema
from dagwright.schema.rules import document
from program.running import dagwright


def test_templates_are_the_ones_of_the_option() -> None:
    assert templates() == ["basic", "etl", "ml"]


@pytest.mark.parametrize("template", templates())
def test_template_checks_compiles_and_runs(template: str, tmp_path: Path) -> None:
    made = dagwright("init", "some/Shop_Churn", "--template", template, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "shop-churn" in made.stdout
    project = tmp_path / "some" / "Shop_Churn"
    told = {line.strip() for line in made.stdout.splitlines()}
    assert {str(path.relative_to(tmp_path)) for path in project.rglob("*") if path.is_file()} <= told
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
    names = sorted(entry.name for entry in here.iterdir())
    assert (here.stat().st_ino, names) == (before, [".dagwright", "README.md", "pipeline.yaml"])
    assert [entry.name for entry in tmp_path.iterdir()] == ["churn"]


@pytest.mark.parametrize("template", templates())
def test_a_folder_with_files_is_filled_up(template: str, tmp_path: Path) -> None:
    here = tmp_path / "churn"
    (here / "data").mkdir(parents=True)
    mine = {"README.md": "mine", "data/mine.csv": "1", ".gitignore": "x"}
    for name, text in mine.items():
        (here / name).write_text(text)
    made = dagwright("init", ".", "--template", template, cwd=here)
    assert made.returncode == 0, made.stderr
    assert "README.md" not in made.stdout
    assert {name: (here / name).read_text() for name in mine} == mine
    assert dagwright("run", cwd=here).returncode == 0


def tree(folder: Path) -> dict[str, str | None]:
    """All files below a folder with their texts, and all folders."""
    return {str(path.relative_to(folder)): path.read_text() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize(
    "taken", [["pipeline.yaml"], ["steps/train.py", "Dockerfile"], ["steps"], ["data/flowers.csv"]]
)
def test_each_file_in_the_way_is_named_and_nothing_written(taken: list[str], tmp_path: Path) -> None:
    here = tmp_path / "churn"
    for name in taken:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text("mine")
    before = tree(tmp_path)
    refused = dagwright("init", "churn", "--template", "ml", cwd=tmp_path)
    assert refused.returncode == 2
    named = sorted(line.strip() for line in refused.stderr.partition("nothing was written:")[2].splitlines() if line)
    assert named == sorted(f"churn/{name}" for name in taken)
    assert tree(tmp_path) == before


@pytest.mark.parametrize("kind", ["file", "link", "linked"])
def test_a_place_that_is_not_a_folder_is_refused(kind: str, tmp_path: Path) -> None:
    there = tmp_path / "churn"
    if kind == "file":
        there.write_text("mine")
    elif kind == "link":
        there.symlink_to(tmp_path / "nowhere")
    else:
        there.mkdir()
        (there / "pipeline.yaml").symlink_to(tmp_path / "nowhere")
    refused = dagwright("init", "churn", cwd=tmp_path)
    assert refused.returncode == 2
    assert ("exist already" if kind == "linked" else "'churn' exists and is not a folder") in refused.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["churn"]


def test_a_write_that_fails_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    command = f"ulimit -f 8; exec {sys.executable} -m dagwright init . --name churn"  # the schema is larger
    failed = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert failed.returncode == 74, failed.stderr
    assert tree(tmp_path) == {"notes.txt": "mine"}


def test_the_first_line_leads_to_a_schema(tmp_path: Path) -> None:
    """Folders with copies of the schemas, and folders below them, get no other copies."""
    dagwright("init", "one", cwd=tmp_path)
    line = "# yaml-language-server: $schema="
    assert (tmp_path / "one/pipeline.yaml").read_text().startswith(f"{line}.dagwright/schema/pipeline.v1.json\n")
    assert json.loads((tmp_path / "one/.dagwright/schema/pipeline.v1.json").read_text()) == json.loads(
        editor_schema(document())
    )
    dagwright("init", "one/two/three", cwd=tmp_path)
    below = tmp_path / "one/two/three"
    assert (below / "pipeline.yaml").read_text().startswith(f"{line}../../.dagwright/schema/pipeline.v1.json\n")
    assert not (below / ".dagwright").exists()


def test_git_keeps_the_schemas_and_ignores_the_runs(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("there is no git")
    dagwright("init", ".", "--name", "churn", cwd=tmp_path)
    dagwright("run", cwd=tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = ["git", "status", "--short", "-uall"]
    shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    kept = {line.removeprefix("?? ") for line in shown.splitlines() if ".dagwright" in line}
    assert kept == {
        f".dagwright/{name}" for name in (".gitignore", "schema/component.v1.json", "schema/pipeline.v1.json")
    }


def test_a_name_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    assert "Give another name with '--name'" in dagwright("init", "2026", cwd=tmp_path).stderr
    assert dagwright("init", "2026", "--name", "Sales Report", cwd=tmp_path).returncode == 0
    assert "\nname: sales-report\n" in (tmp_path / "2026/pipeline.yaml").read_text()


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
