"""The specs of a folder: no file that is meant as a spec is skipped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from test_commands import GOOD

from dagwright.cli.discovery import find_specs, specs_below
from dagwright.cli.recognize import Kind, kind_of, kind_of_text
from program.running import dagwright

PARTS = "apiVersion: dagwright/v1\ncomponents:\n  one: {command: [echo, one]}\n  two: {uses: one}\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (GOOD, Kind.SPEC),
        (GOOD.replace("apiVersion", "apiVerison"), Kind.SPEC),
        (GOOD.replace("dagwright/v1", "dagwrigth/v1"), Kind.SPEC),
        (GOOD.replace("apiVersion: dagwright/v1\n", ""), Kind.SPEC),
        (GOOD.replace("tasks", "taks"), Kind.SPEC),
        (GOOD.replace("tasks", "taks").replace("apiVersion", "apiversion"), Kind.SPEC),
        (GOOD.replace("tasks:", "'tasks' :").replace("dagwright/v1", "v1"), Kind.SPEC),
        (GOOD.replace("\n", "\r\n"), Kind.SPEC),
        ("---\n# a spec\n" + GOOD, Kind.SPEC),
        ("".join(f"  {line}\n" for line in GOOD.splitlines()), Kind.SPEC),
        ('{"apiVersion": "dagwright/v1",\n "tasks": {}}', Kind.SPEC),
        ("--- {name: x, tasks: {}}", Kind.SPEC),
        ("{name: x, tasks: {}", Kind.SPEC),  # invalid YAML: reading reports it
        ("tasks:\n\tbroken", Kind.SPEC),
        ("name: x\ncomponents: {}\ntaks: {}\napiVersion: dagwright/v1", Kind.SPEC),
        (PARTS, Kind.COMPONENTS),
        (PARTS.replace("apiVersion: dagwright/v1\n", ""), Kind.COMPONENTS),
        ("{components: {one: {command: [x]}}}", Kind.COMPONENTS),
        ("openapi: 3.1.0\ncomponents: {schemas: {}}", Kind.OTHER),
        ("apiVersion: apps/v1\nkind: Deployment\nspec:\n  tasks: []", Kind.OTHER),
        ("apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    tasks:\n", Kind.OTHER),
        ("{kind: Run, spec: {tasks: []}}", Kind.OTHER),
        ("- hosts: all\n  tasks: []", Kind.OTHER),
        ("image: dagwright/runner:v1", Kind.OTHER),
        ("metadata:\n  labels:\n    app.kubernetes.io/managed-by: dagwright", Kind.GENERATED),
        ("a" + " " * 1_000_000 + "\n" + "{" * 100_000, Kind.OTHER),  # in linear time
        ("{" * 100_000 + "}" * 100_000, Kind.OTHER),
        ("tasks :\n", Kind.SPEC),
        ("", Kind.OTHER),
    ],
)
def test_kinds(text: str, kind: Kind) -> None:
    assert kind_of_text(text) is kind


def test_files_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "wide.yaml").write_bytes(b"\xff\xfe" + GOOD.encode("utf-16-le"))
    (tmp_path / "Taskfile.yml").write_text("version: '3'\ntasks: {}\n")
    (tmp_path / "gone.yaml").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    found = {path.name: kind_of(str(path)) for path in tmp_path.iterdir()}
    assert found.pop("wide.yaml") is Kind.SPEC
    assert found == dict.fromkeys(("Taskfile.yml", "gone.yaml", "pipe.yaml"), Kind.OTHER)


@pytest.mark.parametrize("command", ["check", "compile"])
@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("apiVerison: dagwright/v1", "did you mean `apiVersion`?"),
        ("apiVersion: dagwrigth/v1", "write `apiVersion: dagwright/v1`"),
        ("description: x", "apiVersion"),
    ],
)
def test_a_misspelt_spec_in_a_folder_is_an_error(command: str, wrong: str, right: str, tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "good.yaml").write_text(GOOD)
    (tmp_path / "specs" / "bad.yaml").write_text(GOOD.replace("apiVersion: dagwright/v1", wrong))
    result = dagwright(command, "specs", cwd=tmp_path)
    assert result.returncode == 1
    assert "--> specs/bad.yaml:1:" in result.stderr
    assert right in result.stderr
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize("command", ["check", "compile"])
def test_other_files_are_counted(command: str, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "parts.yaml").write_text(PARTS)
    assert dagwright(command, ".", cwd=tmp_path).stderr == ""
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).write_text("just: notes\n")
    result = dagwright(command, ".", "--format", "json", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "note: 2 YAML files are not a spec: 'a.yaml', 'b.yml'\n")
    assert json.loads(result.stdout) == {"diagnostics": []}
    (tmp_path / "good.yaml").unlink()
    result = dagwright("compile", ".", cwd=tmp_path)
    assert result.returncode == 2
    assert "There is no pipeline spec in this folder (2 YAML files are not a spec)." in result.stderr


def test_component_files_are_checked(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "parts.yaml").write_text(PARTS)
    alone = dagwright("check", "lib/parts.yaml", cwd=tmp_path)
    assert (alone.returncode, alone.stdout) == (0, "lib/parts.yaml: ok (2 components)\n"), alone.stderr
    folder = dagwright("check", ".", cwd=tmp_path)
    assert (folder.returncode, folder.stderr) == (0, "")
    assert folder.stdout == "checked 2 files: no problems\n"
    piped = dagwright("check", "-", cwd=tmp_path, stdin=PARTS)
    assert piped.stdout == "-: ok (2 components)\n"


WRONG = """\
components:
  load: {inputs: {d: file, n: string}, command: [x, "${{ inputs.dd }}", "${{ inputs.n + 1 }}", "${{ params.q }}"]}
  more: {inputs: {d: file}, uses: load, with: {d: "${{ inputs.d }}", n: x, k: 3}}
  ping: {uses: pong}
  pong: {uses: ping}
  text: {inputs: {x: {type: integer, default: abc}}, script: "echo ${{ inputs.x }}"}
  same: {uses: text}
  gone: {uses: nobody}
  away: {uses: ../../other.yaml}
"""


def test_what_is_wrong_in_a_component_file(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text(WRONG)
    result = dagwright("check", "parts.yaml", "--format", "concise", cwd=tmp_path)
    found = [line.split(": ")[:2] for line in result.stderr.splitlines()]
    assert result.returncode == 1
    assert [(place.split(":")[1], code) for place, code in found] == [
        ("2", "error[E404]"),
        ("2", "error[E408]"),
        ("2", "error[E405]"),
        ("3", "error[E253]"),
        ("5", "error[E505]"),
        ("6", "error[E250]"),
        ("6", "error[E430]"),
        ("8", "error[E503]"),
        ("9", "error[E502]"),
    ]


def test_a_component_file_may_use_one_above_it(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "base.yaml").write_text("components: {base: {inputs: {n: integer}, command: [x]}}")
    (tmp_path / "lib" / "parts.yaml").write_text('components: {a: {uses: ../base.yaml, with: {n: "x"}}}')
    assert "E502" in dagwright("check", "parts.yaml", cwd=tmp_path / "lib").stderr
    result = dagwright("check", "lib/parts.yaml", cwd=tmp_path)
    assert "error[E250]" in result.stderr
    assert "E502" not in result.stderr


@pytest.mark.parametrize("command", ["compile", "run", "plan", "graph", "support"])
def test_a_component_file_is_no_pipeline(command: str, tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text(PARTS)
    result = dagwright(command, "parts.yaml", cwd=tmp_path)
    assert result.returncode == 1
    assert "error[E507]: this file holds only components, not a pipeline\n --> parts.yaml:2:1" in result.stderr.replace(
        "\n  -->", "\n -->"
    )
    assert "dagwright check parts.yaml" in result.stderr


def test_component_files_beside_pipelines_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "parts.yaml").write_text(PARTS)
    for paths in (["."], ["parts.yaml", "good.yaml"]):
        result = dagwright("compile", *paths, "-t", "argo", cwd=tmp_path)
        assert (result.returncode, result.stderr) == (0, "")
        assert "build/argo/good.yaml" in result.stdout or result.stdout == "0 files changed, 1 unchanged\n"
    assert dagwright("plan", ".", cwd=tmp_path).returncode == 0  # and the generated manifest is not a spec either


def git(*arguments: str, cwd: Path) -> None:
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True, env={**os.environ, **settings})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder in which only `specs/churn.yaml` belongs to the project; other specs are in ignored folders."""
    for place in ("specs", "node_modules/x", "env/lib", ".venv/lib", "__pycache__", "build/old", "data"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "churn.yaml").write_text(GOOD)
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return tmp_path


def test_environments_and_packages_are_not_searched(project: Path) -> None:
    assert specs_below(str(project)) == [f"{project}/{name}/churn.yaml" for name in ("build/old", "data", "specs")]
    assert find_specs((f"{project}/**/*.yaml",)) == specs_below(str(project))
    assert find_specs((f"{project}/node_modules/*/*.yaml",)) == [f"{project}/node_modules/x/churn.yaml"]
    assert specs_below(str(project / "env")) == [f"{project}/env/lib/churn.yaml"]  # a named folder is searched


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_what_git_ignores_is_not_searched(project: Path) -> None:
    git("init", "-q", cwd=project)
    (project / ".gitignore").write_text("build/\ndata/\n*.draft.yaml\n")
    (project / "specs" / "new.draft.yaml").write_text(GOOD)
    assert specs_below(str(project)) == [f"{project}/specs/churn.yaml"]
    assert find_specs((f"{project}/**/*.yaml",)) == [f"{project}/specs/churn.yaml"]
    assert specs_below(str(project / "specs")) == [f"{project}/specs/churn.yaml"]
    git("add", "-f", "data/churn.yaml", cwd=project)  # a tracked file is not ignored, even if a rule matches
    assert specs_below(str(project)) == [f"{project}/{name}/churn.yaml" for name in ("data", "specs")]
    for named in ("build", "build/old", "data"):
        assert len(specs_below(str(project / named))) == 1
    result = dagwright("check", cwd=project)
    assert "specs/churn.yaml" in result.stderr  # the same name as in `data`
    assert "build" not in result.stderr


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_no_program_of_a_repository_is_run(project: Path) -> None:
    git("init", "-q", cwd=project)
    hook = project / "hook.sh"
    hook.write_text(f"#!/bin/sh\ntouch {project}/ran\n")
    hook.chmod(0o755)
    git("config", "core.fsmonitor", str(hook), cwd=project)
    assert f"{project}/specs/churn.yaml" in specs_below(str(project))
    assert not (project / "ran").exists()


def test_a_repository_without_git_is_searched_as_any_folder(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / ".git").write_text("gitdir: nowhere\n")
    assert len(specs_below(str(project))) == 3
    monkeypatch.setenv("PATH", "")
    assert len(specs_below(str(project))) == 3


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_a_broken_repository_is_searched_and_named(project: Path) -> None:
    (project / ".git").write_text("gitdir: nowhere\n")
    result = dagwright("check", "specs", cwd=project)
    assert result.returncode == 0
    (note,) = [line for line in result.stderr.splitlines() if line.startswith("note: git ")]
    assert "does not say what it ignores, so all files are searched: fatal: " in note


def test_two_paths_of_one_file_are_one_spec(tmp_path: Path) -> None:
    (tmp_path / "churn.yaml").write_text(GOOD)
    (tmp_path / "link.yaml").symlink_to("churn.yaml")
    paths = ("churn.yaml", "./churn.yaml", f"{tmp_path}/churn.yaml", "link.yaml", ".")
    result = dagwright("compile", *paths, "-t", "local", "-o", "build", cwd=tmp_path)
    assert (result.returncode, result.stderr.count("E506")) == (0, 0), result.stderr
