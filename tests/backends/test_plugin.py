"""A backend of another package, `make`: one folder and one entry point, and every command knows it."""

from __future__ import annotations

import json
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import test_no_silent_drop as changes
from backends.installed import MAKEFILE_PLUGIN, importable, install
from dagwright.backends.backend import PROTOCOL
from dagwright.backends.registry import BACKENDS
from dagwright.compile import Options, check_targets, emit, load
from dagwright.diagnostics.model import Report, Severity
from dagwright.ir.expr import Text
from dagwright.ir.model import Command, Pipeline, Task
from dagwright.resources import resource
from dagwright.schema.published import FOR_EDITORS
from program.running import dagwright_alone

GOLDEN = Path(__file__).parents[1] / "golden"
MADE = MAKEFILE_PLUGIN / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/pipeline.yaml"))
HEAD = "apiVersion: dagwright/v1\nname: demo\n"
SPEC = (
    HEAD
    + """description: "a\\nb # $(shell touch description) \\\\"
labels: {team: x}
tasks:
  load:
    command: [sh, -c, "echo load >> log; echo $HOME > home"]
  clean:
    needs: [load]
    command: [sh, -c, "echo clean >> log"]
  broken:
    needs: [load]
    command: [sh, -c, "echo broken >> log; exit 3"]
  after:
    needs: [broken]
    command: [sh, -c, "echo after >> log"]
  report:
    needs: [clean]
    command: [python3, -c, "import sys, json; json.dump(sys.argv[1:], open('words', 'w'))", "it's", "$(shell touch x)",
              "$$", "a  b", "%", "#", "\\\\", "ü", "", "-k", "`touch y`"]
targets:
  make: {jobs: 2}
"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(MAKEFILE_PLUGIN, tmp_path_factory.mktemp("site"))


@pytest.fixture
def here(site: Path) -> Iterator[None]:
    with importable(site):
        yield


def run(site: Path, *arguments: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return dagwright_alone(*arguments, cwd=cwd, PYTHONPATH=str(site), **env)


def spec(folder: Path, text: str = SPEC) -> Path:
    (folder / "demo.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_table_has_the_entry_points_of_this_project(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["dagwright.backends"] == BACKENDS
    for package in BACKENDS.values():
        assert __import__(package, fromlist=["PROTOCOL"]).PROTOCOL == PROTOCOL


def test_compile_and_run(site: Path, tmp_path: Path) -> None:
    """The spec names the target, so `compile` needs no option; GNU make then does what the spec says."""
    result = run(site, "compile", "demo.yaml", cwd=spec(tmp_path))
    assert result.stdout == "wrote build/make/demo.mk\n", result.stderr
    assert (result.returncode, "error" in result.stderr) == (0, False)
    assert [p.name for p in (tmp_path / "build").rglob("*") if p.is_file()] == ["demo.mk"]
    work = tmp_path / "work"
    work.mkdir()
    make = shutil.which("make")
    assert make is not None, "GNU make is needed"
    made = subprocess.run(
        [make, "-f", str(tmp_path / "build/make/demo.mk")], cwd=work, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/home/of a user"},
    )  # fmt: skip
    assert made.returncode == 2, made.stderr
    assert "task.broken] Error 3" in made.stderr
    log = (work / "log").read_text().split()
    assert log[0] == "load"
    assert sorted(log) == ["broken", "clean", "load"]  # not `after`, which needs `broken`
    assert (work / "home").read_text() == "/home/of a user\n"
    words = ["it's", "$(shell touch x)", "$$", "a  b", "%", "#", "\\", "ü", "", "-k", "`touch y`"]
    assert json.loads((work / "words").read_text()) == words
    assert sorted(p.name for p in work.iterdir()) == ["home", "log", "words"]


def test_settings(site: Path, tmp_path: Path) -> None:
    run(site, "compile", "demo.yaml", cwd=spec(tmp_path, SPEC.replace("jobs: 2", "shell: /bin/bash")))
    text = (tmp_path / "build/make/demo.mk").read_text(encoding="utf-8")
    assert "SHELL := /bin/bash\n" in text
    assert "--jobs=1" in text


@pytest.mark.parametrize(
    ("targets", "message", "help_"),
    [
        ("{make: {jobs: 0}}", "E209", "write"),
        ("{make: {jobz: 2}}", "E201", "did you mean `jobs`?"),
        ("{make: {workers: 2}}", "E201", "write `jobs: 2`"),
        ("{make: {shell: sh}}", "E210", "/sh"),
        ("{make: {jobs: '${{ 1 }}'}}", "E203", ""),
        ("{make: {shell: '/${{ run.id }}'}}", "E210", ""),
        ("{mak: {}}", "E201", "did you mean `make`?"),
        ("{makefile: {}}", "E201", "make"),
        ("{make: 1}", "E203", ""),
    ],
)
def test_wrong_settings(here: None, tmp_path: Path, targets: str, message: str, help_: str) -> None:
    report = Report()
    text = HEAD + "tasks: {t: {command: [x]}}\ntargets: " + targets + "\n"
    assert load(str(spec(tmp_path, text) / "demo.yaml"), Options(), report) is None
    (found,) = report.diagnostics
    assert (found.code, help_ in (found.help or "")) == (message, True), found
    assert found.span is not None
    assert found.span.source.position(found.span.start)[0] == 4


def test_check_refuses_what_make_cannot(site: Path, tmp_path: Path) -> None:
    text = HEAD + "tasks:\n  t: {command: [x], retry: {limit: 2}}\n  u: {command: ['a\n\n b']}\n"
    result = run(site, "check", "demo.yaml", "-t", "make,argo", "--format", "concise", cwd=spec(tmp_path, text))
    assert result.returncode == 1
    assert "demo.yaml:4:28: error[E601]: target `make` cannot keep `retry.limit" in result.stderr
    assert "cannot keep a line break" in result.stderr
    assert "E644" in result.stderr  # the other target is checked, too
    good = run(site, "check", "demo.yaml", "-t", "make", cwd=spec(tmp_path))
    assert (good.returncode, good.stdout) == (0, "demo.yaml: ok (5 tasks)\n")


def test_support_lists_it(site: Path, tmp_path: Path) -> None:
    text = run(site, "support", cwd=tmp_path).stdout
    head, *lines = text.splitlines()
    assert head.split() == ["feature", "airflow", "argo", "local", "make"]
    levels = {line[: head.index("airflow")].strip(): line.split()[-1] for line in lines}
    assert levels["needs"] == "native"
    assert levels["when"] == "unsupported"
    table = json.loads(run(site, "support", "demo.yaml", "--as", "json", cwd=spec(tmp_path)).stdout)
    assert {tuple(row["targets"]) for row in table["features"]} == {("airflow", "argo", "local", "make")}
    assert "| make |" in run(site, "support", "--as", "markdown", cwd=tmp_path).stdout


def test_the_schema_for_editors_has_it(site: Path, tmp_path: Path) -> None:
    published = resource(*FOR_EDITORS).read_text(encoding="utf-8")
    assert dagwright_alone("schema", cwd=tmp_path).stdout == published
    schema = json.loads(run(site, "schema", cwd=tmp_path).stdout)
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    spec = {"apiVersion": "dagwright/v1", "name": "a", "tasks": {"t": {"command": ["x"]}}}
    assert judge.is_valid({**spec, "targets": {"make": {"jobs": 4}, "argo": {}}})
    assert not judge.is_valid({**spec, "targets": {"make": {"jobs": 0}}})
    assert not judge.is_valid({**spec, "targets": {"makes": {}}})
    run(site, "schema", "--install", cwd=tmp_path)
    assert json.loads((tmp_path / ".dagwright/schema/pipeline.v1.json").read_text()) == schema
    rest = json.loads(published)
    for whole in (schema, rest):
        whole["$defs"].pop("targets")
    schema["$defs"].pop("target.make")
    assert schema == rest


def test_the_page(site: Path, tmp_path: Path) -> None:
    page = (MAKEFILE_PLUGIN / "dagwright_make/page.md").read_text(encoding="utf-8")
    assert run(site, "explain", "make", cwd=tmp_path).stdout == page
    assert run(site, "explain", "argo", cwd=tmp_path).stdout.startswith("# Argo Workflows\n")
    assert dagwright_alone("explain", "make", cwd=tmp_path).returncode == 2


def test_unknown_targets_name_it(site: Path, tmp_path: Path) -> None:
    result = run(site, "compile", "demo.yaml", "-t", "maek", cwd=spec(tmp_path))
    assert "'maek' is not a target. Did you mean 'make'?" in result.stderr
    assert run(site, "plan", "demo.yaml", "-t", "make", cwd=tmp_path).returncode == 0
    without = dagwright_alone("compile", "demo.yaml", cwd=tmp_path)
    assert "unknown key `make`" in without.stderr


def test_same_bytes(site: Path, tmp_path: Path) -> None:
    texts = set()
    for number, seed in enumerate(("1", "4242")):
        folder = tmp_path / f"copy{number}"
        folder.mkdir()
        result = run(site, "compile", "demo.yaml", cwd=spec(folder), PYTHONHASHSEED=seed, LC_ALL="C", TZ="Asia/Tokyo")
        assert result.returncode == 0, result.stderr
        texts.add((folder / "build/make/demo.mk").read_bytes())
    assert len(texts) == 1


FIRST = Task("first", Command((Text(("a",)),)))
SECOND = Task("second", Command((Text(("b",)),)), needs=("first",))
SMALL = Pipeline("demo", "0" * 64, (FIRST, SECOND))


def with_field(kind: type, name: str) -> Pipeline:
    """The small pipeline with another value for a field, taken from the changes of `test_no_silent_drop`."""
    made = [change() for change in changes.CHANGES[kind, name]]
    owners: list[Any] = [SECOND, *(t for p in reversed(made) for t in p.all_tasks if t.name.startswith("work"))]
    if kind is Pipeline:
        owners = [SMALL, *made]
    value = next(v for v in (getattr(owner, name) for owner in owners[1:]) if v != getattr(owners[0], name))
    if kind is Pipeline:
        return replace(SMALL, **{name: value})
    return replace(SMALL, tasks=(FIRST, replace(SECOND, **{name: value})))


CHANGED = [pair for pair in changes.CHANGES if pair[0] in (Pipeline, Task) and pair not in changes.MEANINGLESS]


@pytest.mark.parametrize(("kind", "name"), CHANGED, ids=[f"{kind.__name__}.{name}" for kind, name in CHANGED])
def test_no_field_is_dropped(here: None, kind: type, name: str) -> None:
    after, report = with_field(kind, name), Report()
    check_targets(after, ["make"], Options(), report)
    refused = {d.code for d in report.diagnostics} == {"E601"}
    assert refused or (not report.diagnostics and emit(SMALL, ["make"]) != emit(after, ["make"]))


@pytest.mark.parametrize("case", CASES)
def test_golden(here: None, case: str, bless: bool) -> None:
    """The cases of the goldens that hold for `make` are those with a file here; the others are refused."""
    report = Report()
    pipeline = load(str(GOLDEN / case / "pipeline.yaml"), Options(), report)
    assert pipeline is not None
    check_targets(pipeline, ["make"], Options(), report)
    file = MADE / f"{case}.mk"
    if report.failed:
        assert {d.code for d in report.diagnostics if d.severity is Severity.ERROR} == {"E601"}
        assert not file.exists(), f"{case} does not hold for `make`"
        return
    (artifact,) = emit(pipeline, ["make"])
    if bless:
        MADE.mkdir(exist_ok=True)
        file.write_text(artifact.text, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == artifact.text, "pytest --bless rewrites it"


def test_some_goldens_hold() -> None:
    assert len(list(MADE.glob("*.mk"))) >= 3
