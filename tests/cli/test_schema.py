"""`dagwright schema`: printed schemas are self-contained, and an installation does not damage existing files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from test_commands import GOOD

from dagwright.schema.published import KINDS
from program.running import dagwright

PARTS = "components:\n  hello: {command: [echo, hello], outputs: {n: integer}}\n"
SETTINGS = ".vscode/settings.json"


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


@pytest.mark.parametrize("kind", KINDS)
def test_each_schema_is_complete_in_itself(kind: str, tmp_path: Path) -> None:
    schema = json.loads(dagwright("schema", kind, cwd=tmp_path).stdout)
    Draft202012Validator.check_schema(schema)
    assert references(schema) == {f"#/$defs/{name}" for name in schema["$defs"]} - {"#/$defs/components"}
    assert schema["$id"].endswith(f"/{kind}.v1.json")
    judge = Draft202012Validator(schema)
    spec = {"apiVersion": "dagwright/v1", "name": "a", "tasks": {"t": {"command": ["x"]}}}
    parts = {"components": {"c": {"command": ["x"], "outputs": {"n": "integer"}}}}
    assert (judge.is_valid(spec), judge.is_valid(parts)) == (kind == "pipeline", kind == "component")
    wrong = {"components": {"c": {"command": ["x"], "outputs": {"n": "int"}}}}
    assert not judge.is_valid(wrong)
    assert not judge.is_valid({**spec, **wrong})


def test_the_kind_is_pipeline_unless_another_is_named(tmp_path: Path) -> None:
    plain = dagwright("schema", cwd=tmp_path).stdout
    assert plain == dagwright("schema", "pipeline", cwd=tmp_path).stdout
    assert plain == Path(dagwright("schema", "--path", cwd=tmp_path).stdout.strip()).read_text(encoding="utf-8")
    for arguments in (("project",), ("component", "--install"), ("component", "--path")):
        assert dagwright("schema", *arguments, cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A spec and a component file without a schema, and a spec that names one."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "lib" / "parts.yaml").write_text(PARTS)
    (tmp_path / "named.yaml").write_text(f"# ours\n# yaml-language-server: $schema=x.json\n{GOOD}")
    return tmp_path


WANTED = {
    "yaml.schemas": {
        "./.dagwright/schema/pipeline.v1.json": ["good.yaml"],
        "./.dagwright/schema/component.v1.json": ["lib/parts.yaml"],
    }
}


def test_git_sees_the_schemas_after_a_run(project: Path) -> None:
    """A run lets Git ignore its whole folder; the schemas are in the same folder."""
    ignore = project / ".dagwright" / ".gitignore"
    (project / "one.yaml").write_text(GOOD)
    assert dagwright("run", "one.yaml", "--quiet", cwd=project).returncode == 0
    assert ignore.read_text() == "*\n"
    assert dagwright("schema", "--install", cwd=project).returncode == 0
    assert "!schema/*" in ignore.read_text().splitlines()


def test_install_writes_the_schemas_and_settings(project: Path) -> None:
    first = dagwright("schema", "--install", cwd=project)
    assert [line.removeprefix("wrote ") for line in first.stdout.splitlines() if line.startswith("wrote")] == [
        ".dagwright/schema/pipeline.v1.json",
        ".dagwright/schema/component.v1.json",
        ".dagwright/.gitignore",
        SETTINGS,
    ]
    assert json.loads((project / SETTINGS).read_text()) == WANTED
    for kind in KINDS:
        copy = (project / f".dagwright/schema/{kind}.v1.json").read_text(encoding="utf-8")
        assert copy == dagwright("schema", kind, cwd=project).stdout
    again = dagwright("schema", "--install", cwd=project).stdout
    assert again.startswith("the schemas are up to date\nFor Neovim")


@pytest.mark.parametrize("text", ['{\n  // mine\n  "editor.tabSize": 2,\n}\n', "{}", "broken", "[" * 100_000])
def test_settings_that_exist_stay_as_they_are(text: str, project: Path) -> None:
    (project / ".vscode").mkdir()
    (project / SETTINGS).write_text(text)
    result = dagwright("schema", "--install", cwd=project)
    assert (result.returncode, (project / SETTINGS).read_text()) == (0, text)
    shown = result.stdout.partition(f"{SETTINGS} was not changed. Add these settings to it:\n\n")[2]
    assert json.JSONDecoder().raw_decode(shown)[0] == WANTED


def test_settings_that_say_it_already_are_enough(project: Path) -> None:
    (project / ".vscode").mkdir()
    (project / SETTINGS).write_text(json.dumps({"editor.tabSize": 2, **WANTED}))
    assert "was not changed" not in dagwright("schema", "--install", cwd=project).stdout


def test_a_rule_of_the_user_for_git_stays(project: Path) -> None:
    (project / ".dagwright").mkdir()
    (project / ".dagwright" / ".gitignore").write_text("runs/\n")
    assert dagwright("schema", "--install", cwd=project).returncode == 0
    assert (project / ".dagwright" / ".gitignore").read_text() == "runs/\n"
