"""`vars` and `--var`: the same files as a spec with the values written out, and clear refusals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from program.running import dagwright

WITH_VARS = """apiVersion: dagwright/v1
name: v-${{ vars.env }}
vars:
  env: {default: dev, enum: [dev, prod]}
  tag: {type: string}
  tries: {type: integer, default: 1, minimum: 1}
  on: {type: boolean, default: false}
  share: {type: number, default: 0.5}
  regions: [eu]
defaults: {image: "acme/ml:${{ vars.tag }}", retry: {limit: "${{ vars.tries }}"}}
schedule: {cron: "0 3 * * *", catchup: "${{ vars.on }}"}
tasks:
  a: {command: [echo, "${{ vars.share }}", "${{ item }}"], foreach: vars.regions}
  b: {command: [echo, "${{ matrix.r }}"], matrix: {r: "${{ vars.regions }}"}, labels: {team: "t-${{ vars.env }}"}}
targets: {airflow: {}, argo: {namespace: "ml-${{ vars.env }}"}}
"""
GIVEN = {"env": "prod", "tag": "1.10", "tries": "3", "on": "false", "share": "0.50", "regions": '["eu", "u s"]'}
WRITTEN_OUT = """apiVersion: dagwright/v1
name: v-prod
defaults: {image: "acme/ml:1.10", retry: {limit: 3}}
schedule: {cron: "0 3 * * *", catchup: false}
tasks:
  a: {command: [echo, "0.50", "${{ item }}"], foreach: [eu, "u s"]}
  b: {command: [echo, "${{ matrix.r }}"], matrix: {r: [eu, "u s"]}, labels: {team: t-prod}}
targets: {airflow: {}, argo: {namespace: ml-prod}}
"""
DIGEST = re.compile(r"[0-9a-f]{64}")


def given(**values: str) -> list[str]:
    return [part for name, value in values.items() for part in ("--var", f"{name}={value}")]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "v.yaml").write_text(WITH_VARS)
    return tmp_path


def test_vars_give_the_same_files_as_values_written_out(spec: Path) -> None:
    result = dagwright("compile", "v.yaml", "-o", "vars", *given(**GIVEN), cwd=spec)
    assert result.returncode == 0, result.stderr
    (spec / "v.yaml").write_text(WRITTEN_OUT)
    assert dagwright("compile", "v.yaml", "-o", "out", cwd=spec).returncode == 0
    names = sorted(path.relative_to(spec / "out") for path in (spec / "out").rglob("*.*"))
    assert len(names) == 2
    for name in names:
        one, other = (DIGEST.sub("", (spec / folder / name).read_text()) for folder in ("vars", "out"))
        assert one == other


def test_the_digest_covers_the_values(spec: Path) -> None:
    found = set()
    for tag in ("a", "b", "a"):
        dagwright("compile", "v.yaml", "-t", "argo", "-o", "out", *given(tag=tag), cwd=spec)
        found.add(DIGEST.findall((spec / "out/argo/v-dev.yaml").read_text())[0])
    assert len(found) == 2


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({}, "E270", "the var `tag` has no value"),
        ({"tag": "x", "env": "test"}, "E272", "not one of its allowed values"),
        ({"tag": "x", "tries": "many"}, "E272", "must be of type integer"),
        ({"tag": "x", "tries": "0"}, "E272", "minimum"),
        ({"tag": "x", "on": "yes"}, "E272", "must be of type boolean"),
        ({"tag": "x", "regions": "eu,us"}, "E272", "must be JSON"),
        ({"tag": "${{ params.x }}"}, "E272", "must not contain a reference"),
        ({"tag": "x", "tga": "y"}, "E274", "no var is called `tga`"),
        ({"tag": "a b"}, "E210", "`vars.tag` is `a b`, given by `--var`"),
        ({"tag": "x", "regions": "7"}, "E203", "matrix"),
    ],
)
def test_wrong_values_are_refused(spec: Path, values: dict[str, str], code: str, words: str) -> None:
    for command in (["check"], ["compile", "-o", "out"], ["plan"], ["run"], ["graph"], ["support"]):
        result = dagwright(command[0], "v.yaml", *command[1:], *given(**values), cwd=spec)
        assert result.returncode == 1, (command, result.stderr)
        assert f"error[{code}]" in result.stderr
        assert words in result.stderr
    assert [path.name for path in spec.iterdir()] == ["v.yaml"]


@pytest.mark.parametrize("argument", ["tag", "=x", ""])
def test_an_argument_without_name_and_value_is_refused(spec: Path, argument: str) -> None:
    result = dagwright("check", "v.yaml", "--var", argument, cwd=spec)
    assert (result.returncode, "NAME=VALUE" in result.stderr) == (2, True)
    assert dagwright("check", "v.yaml", "--var", "tag=a", "--var", "tag=b", cwd=spec).returncode == 2


def test_specs_that_do_not_declare_a_var_ignore_it(spec: Path) -> None:
    (spec / "w.yaml").write_text('apiVersion: dagwright/v1\nname: w\ntasks: {a: {command: ["true"]}}\n')
    assert dagwright("check", ".", *given(tag="x"), cwd=spec).returncode == 0
    result = dagwright("check", "w.yaml", *given(tag="x"), cwd=spec)
    assert (result.returncode, "E274" in result.stderr) == (1, True)


def test_a_component_file_has_no_vars(spec: Path) -> None:
    (spec / "parts.yaml").write_text(
        "apiVersion: dagwright/v1\ncomponents:\n  one: {image: 'a:${{ vars.tag }}', command: [x]}\n"
        "  two: {command: [x, '${{ vars.tag }}']}\n"
    )
    result = dagwright("check", "parts.yaml", cwd=spec)
    assert "a component file has no `vars`" in result.stderr
    (spec / "parts.yaml").write_text(
        "apiVersion: dagwright/v1\ncomponents:\n  two: {command: [x, '${{ vars.tag }}']}\n"
    )
    assert "E405" in dagwright("check", "parts.yaml", cwd=spec).stderr
    (spec / "v.yaml").write_text(
        "apiVersion: dagwright/v1\nname: v\nvars: {tag: x}\n"
        "tasks: {a: {uses: ./parts.yaml}, b: {command: [x, '${{ vars.tag }}']}}\n"
    )
    assert "E405" in dagwright("check", "v.yaml", cwd=spec).stderr


def test_the_lists_of_vars_count_as_often_as_they_are_used(spec: Path) -> None:
    tasks = "\n".join(f"  t{i}: {{command: [x, '${{{{ item }}}}'], foreach: vars.long}}" for i in range(60))
    (spec / "v.yaml").write_text(
        f"apiVersion: dagwright/v1\nname: v\nvars: {{long: {list(range(50))}}}\ntasks:\n{tasks}\n"
    )
    assert dagwright("check", "v.yaml", "--max-nodes", "5000", cwd=spec).returncode == 0
    result = dagwright("check", "v.yaml", "--max-nodes", "3000", cwd=spec)
    assert (result.returncode, result.stderr.count("error[E112]")) == (1, 1)
