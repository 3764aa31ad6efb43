"""Checks of the guides: each guide is executed, and each file is checked by the tool that reads it."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from docs.guides import GUIDES, NAMES, unpacked
from docs.judge import judge, load_yaml, of_host, schema_of
from docs.reader import Reader, new_reader, put_program, read
from docs.workflow import run_jobs, run_scripts


@pytest.mark.parametrize("name", NAMES)
def test_a_guide_is_true(name: str, bless: bool, tmp_path: Path) -> None:
    reader = new_reader(tmp_path)
    lend_tools(name, reader)
    read(GUIDES / f"{name}.md", reader, bless)
    assert [(path.name, wrong) for path in reader.written if (wrong := judge(path, reader.home))] == []


def lend_tools(name: str, reader: Reader) -> None:
    """Give a reader the tools of a page, from PATH or from the test environment; skip if a tool is missing."""
    text = (GUIDES / f"{name}.md").read_text(encoding="utf-8")
    for tool in re.findall(r"^<!-- needs: (\S+) -->$", text, re.MULTILINE):
        beside = Path(sys.executable).with_name(tool)
        if beside.exists():
            put_program(reader.programs / tool, f'exec "{beside}" "$@"')
        elif shutil.which(tool) is None:
            pytest.skip(f"the page runs `{tool}`, which is not here")


def test_every_guide_is_in_the_table() -> None:
    table = (GUIDES / "index.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| \[[^\]]+\]\(([\w-]+)\.md\)", table, re.MULTILINE)) == NAMES


def test_guides_are_short() -> None:
    lines = {name: len((GUIDES / f"{name}.md").read_text(encoding="utf-8").splitlines()) for name in NAMES}
    assert {name: count for name, count in lines.items() if not 40 <= count <= 200} == {}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.yaml", "apiVersion: dagwright/v1\nname: a\ntasks:\n  a: {comand: [ls]}\n"),
        (".github/workflows/a.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{runs: ls}]}}\n"),
        ("b.yaml", "apiVersion: v1\nkind: Secret\n"),
    ],
)
def test_a_wrong_file_is_seen(file: str, text: str, tmp_path: Path) -> None:
    if file.startswith(".github") and schema_of("github-workflows") is None:
        pytest.skip("check-jsonschema is not installed")
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert judge(path, tmp_path) != []


def test_the_schema_of_github_accepts() -> None:
    assert of_host("github-workflows", {"on": "push", "jobs": {"a": {"runs-on": "x", "steps": [{"run": "ls"}]}}}) == []


def test_the_workflow_of_github_finds_what_is_wrong(tmp_path: Path) -> None:
    """The workflow passes at the end of the page, and fails for a misspelled key and for outdated generated files."""
    reader = unpacked("github-actions", tmp_path)
    reader.run("dagwright compile pipelines/ -o build", reader.home)
    workflow, spec = (reader.home / name for name in (".github/workflows/pipelines.yaml", "pipelines/orders.yaml"))
    right = spec.read_text(encoding="utf-8")

    def failing(text: str) -> dict[str, str]:
        """The steps that fail or upload findings, with their output."""
        spec.write_text(text, encoding="utf-8")
        steps = run_jobs(workflow, reader, reader.home)
        assert len(steps) == 7
        return {step.name: step.output for step in steps if step.code or (step.output and "upload" in step.name)}

    assert failing(right) == {}
    stale = failing(right.replace("loading", "reading"))
    assert list(stale) == ["Compare the generated files"]
    assert stale["Compare the generated files"].count("::error file=build/") == 2
    wrong = failing(right.replace("command: [echo, loading]", "comand: [echo, loading]"))
    assert list(wrong) == ["Check the specs", "Compare the generated files", "github/codeql-action/upload-sarif"]
    assert wrong["Check the specs"].startswith("::error file=pipelines/orders.yaml,line=5,")
    assert wrong["github/codeql-action/upload-sarif"] == "E201"


def test_the_job_of_gitlab_finds_what_is_wrong(tmp_path: Path) -> None:
    reader = unpacked("gitlab-ci", tmp_path)
    reader.run("dagwright compile pipelines/ -o build", reader.home)
    (job,) = load_yaml((reader.home / ".gitlab-ci.yml").read_text(encoding="utf-8")).values()
    report = reader.home / job["artifacts"]["reports"]["codequality"]
    assert run_scripts(job, reader, reader.home) == 0
    assert json.loads(report.read_text(encoding="utf-8")) == []
    spec = reader.home / "pipelines/orders.yaml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("loading", "reading"), encoding="utf-8")
    assert run_scripts(job, reader, reader.home) == 4
    spec.write_text(spec.read_text(encoding="utf-8").replace("command", "comand"), encoding="utf-8")
    assert run_scripts(job, reader, reader.home) == 1
    assert [found["check_name"] for found in json.loads(report.read_text(encoding="utf-8"))] == ["E201"]


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_sees_the_name_of_each_file(name: str) -> None:
    """The paragraph before a file names it, since the comment with the name is not visible."""
    text = (GUIDES / f"{name}.md").read_text(encoding="utf-8")
    for found in re.finditer(r"^<!-- file: (\S+) -->$", text, re.MULTILINE):
        said = text[: found.start()].rstrip().rpartition("\n\n")[2]
        assert f"`{found[1]}`" in said or f"`{Path(found[1]).name}`" in said, found[1]


def test_the_workflow_of_many_teams_passes(tmp_path: Path) -> None:
    reader = unpacked("many-teams", tmp_path)
    (reader.home / "requirements-ci.txt").touch()
    for team in ("growth", "shop"):
        reader.run(f"dagwright compile pipelines/{team} --root pipelines -o build/{team}", reader.home)
    steps = run_jobs(reader.home / ".github/workflows/pipelines.yaml", reader, reader.home)
    assert [(step.code, step.output) for step in steps] == [(0, "")] * 5


def test_the_hooks_of_the_page_are_there(root: Path, tmp_path: Path) -> None:
    reader = unpacked("pre-commit", tmp_path)
    (shown,) = load_yaml((reader.home / "hooks/.pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    offered = {hook["id"]: hook for hook in load_yaml((root / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
    assert [hook["id"] for hook in shown["hooks"]] == list(offered)
    text = (GUIDES / "pre-commit.md").read_text(encoding="utf-8")
    for hook in shown["hooks"]:
        assert f"| `{json.dumps(offered[hook['id']]['args'])}` |" in text
        reader.run("dagwright compile pipelines/ -o build", reader.home)
        reader.run(" ".join([offered[hook["id"]]["entry"], *hook["args"]]), reader.home)


def test_the_action_of_the_page_is_there(root: Path, tmp_path: Path) -> None:
    """The inputs of the action, with the defaults on the page."""
    action = load_yaml((root / "action.yml").read_text(encoding="utf-8"))
    assert judge(root / "action.yml", root) == []
    reader = unpacked("github-actions", tmp_path)
    workflow = load_yaml((reader.home / ".github/workflows/with-the-action.yaml").read_text(encoding="utf-8"))
    (step,) = (step for step in workflow["jobs"]["check"]["steps"] if "dagwright" in step.get("uses", ""))
    assert set(step["with"]) <= set(action["inputs"])
    text = (GUIDES / "github-actions.md").read_text(encoding="utf-8")
    described = dict(re.findall(r"^\| `([a-z]+)` \| (.*) \|$", text, re.MULTILINE))
    assert list(described) == list(action["inputs"])
    defaults = {name: found["default"] for name, found in action["inputs"].items()}
    assert defaults == {"paths": ".", "targets": "", "output": "", "python": "python3"}
