"""Packages with backends that cannot be used: a diagnostic with the reason, and never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from backends.installed import importable, write_distribution
from dagwright.backends.registry import BACKENDS
from dagwright.compile import Options, check_targets, emit, load
from dagwright.diagnostics.model import Report
from dagwright.diagnostics.render import render
from program.running import dagwright_alone

pytestmark = pytest.mark.engine("long")  # each test starts interpreters

SPEC = "apiVersion: dagwright/v1\nname: demo\ntasks: {t: {command: [x]}}\ntargets: {make: {}}\n"
BACKEND = """
from dagwright.backends.backend import Artifact, Level, Support
from dagwright.backends.features import Feature

class Backend:
    name = "make"
    def support(self, pipeline):
        return {Feature.COMMAND: Support(Level.NATIVE, "")}
    def check(self, pipeline, report):
        pass
    def emit(self, pipeline):
        return (Artifact("make/demo.mk", "all:\\n"),)

BACKEND = Backend()
"""
GOOD = {"__init__.py": "PROTOCOL = 1\n", "backend.py": BACKEND}
SCHEMA = '{"type": "object", "additionalProperties": false, "properties": {"a": {"type": "string"}}}'


def package(site: Path, files: dict[str, str], target: str = "make") -> Path:
    """A folder of packages with one plug-in."""
    folder = site / "broken"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    write_distribution(site, "dagwright-broken", "0.3", {target: "broken"})
    return site


def spec(folder: Path, text: str = SPEC) -> str:
    (folder / "demo.yaml").write_text(text, encoding="utf-8")
    return str(folder / "demo.yaml")


def with_(name: str, text: str) -> dict[str, str]:
    return {**GOOD, name: text}


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (with_("__init__.py", "import nothing_like_this\n"), "ModuleNotFoundError: No module"),
        (with_("__init__.py", "1 +\n"), "SyntaxError"),
        (with_("__init__.py", "raise SystemExit(3)\n"), "SystemExit: 3"),
        (with_("__init__.py", ""), "`broken` has no `PROTOCOL`"),
        (with_("__init__.py", "PROTOCOL = 2\n"), "written for version 2 of the protocol, and this is version 1"),
        ({"__init__.py": "PROTOCOL = 1\n"}, "No module named 'broken.backend'"),
        (with_("backend.py", ""), "`broken.backend` has no `BACKEND`"),
        (with_("backend.py", "raise ValueError('a\\nb\\x1b[31m')\n"), "ValueError: a b?[31m"),
        (with_("backend.py", BACKEND.replace("def emit", "def omit")), "its `BACKEND` has no method `emit`"),
        (with_("backend.py", BACKEND.replace('"make"', '"cmake"')), "its `BACKEND.name` is not `make`"),
        (with_("schema.json", "{"), "its `schema.json` is not valid: JSONDecodeError"),
        (with_("schema.json", "[]"), "its `schema.json` is not valid: ValueError: it is not an object"),
        (with_("schema.json", '{"type": "object"}'), "it is not a closed mapping"),
        (with_("schema.json", '{"$ref": "#/$defs/nothing"}'), "its `schema.json` is not valid"),
        (with_("schema.json", SCHEMA.replace('"string"', '"string", "if": {}')), "its `schema.json` is not valid"),
        (with_("schema.json", SCHEMA), "No module named 'broken.settings'"),
        ({**with_("schema.json", SCHEMA), "settings.py": ""}, "`broken.settings` has no function `read`"),
        (with_("words.json", '{"settings": {"b": ["c"]}}'), "ValueError: there is no `b`"),
        (with_("words.json", '{"settings": {"@no-section": ["c"]}}'), "there is no `@no-section`"),
        (with_("words.json", "[1]"), "its `words.json` is not valid"),
    ],
)  # fmt: skip
def test_it_cannot_be_used(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    with importable(package(tmp_path / "site", files)):
        report = Report()
        pipeline = load(spec(tmp_path), Options(), report)
        if pipeline is not None:  # a broken `backend` is noticed when it is needed
            check_targets(pipeline, ["make"], Options(), report)
        (found,) = report.diagnostics
        assert (found.code, found.message) == ("E660", "the plug-in for target `make` cannot be used")
        assert found.notes[0] == "the package is dagwright-broken 0.3"
        assert reason in found.notes[1]
        assert found.help == "install another version of `dagwright-broken`, or uninstall it"
        assert (found.span is None) == (pipeline is not None)
        other = Report()
        pipeline = load(spec(tmp_path, SPEC.replace("make", "local")), Options(), other)
        assert pipeline is not None
        check_targets(pipeline, BACKENDS, Options(), other)
        assert not [d for d in other.diagnostics if d.code.startswith("E66")]


TABLE = 'return {Feature.COMMAND: Support(Level.NATIVE, "")}'
RAISES = "raise KeyError('no such key')"
FAILURES = [
    (BACKEND.replace(TABLE, RAISES), "`support` raises KeyError"),
    (BACKEND.replace(TABLE, "return {1: 2}"), "`support` must return"),
    (BACKEND.replace(TABLE, "return None"), "`support` raises TypeError"),
    (BACKEND.replace("pass", RAISES), "`check` raises KeyError: 'no such key' in Backend.check, line 10"),
    (BACKEND.replace("pass", "import sys; sys.exit(0)"), "`check` raises SystemExit"),
    (BACKEND.replace("return (Artifact", f"{RAISES}; (Artifact"), "`emit` raises KeyError"),
    (BACKEND.replace('"make/demo.mk"', '"../demo.mk"'), "'../demo.mk', which is not a file below `make/`"),
    (BACKEND.replace('"make/demo.mk"', '"/etc/demo.mk"'), "which is not a file below `make/`"),
    (BACKEND.replace('"make/demo.mk"', '"make/../argo/demo.mk"'), "which is not a file below `make/`"),
    (BACKEND.replace('"make/demo.mk"', '"argo/demo.mk"'), "which is not a file below `make/`"),
    (BACKEND.replace('"make/demo.mk"', '"make/a\\\\n"'), "which is not a file below `make/`"),
    (BACKEND.replace('"make/demo.mk"', '""'), "which is not a file below `make/`"),
    (BACKEND.replace('"all:\\n"', "b''"), "`emit` must return values of `Artifact`"),
    (BACKEND.replace('"all:\\n"', "'\\ud800'"), "is not valid Unicode"),
    (BACKEND.replace('"all:\\n"),)', '""),) * 2'), "'make/demo.mk' twice"),
    (BACKEND.replace("return (Artifact", "return 1; (Artifact"), "`emit` raises TypeError"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reason"), FAILURES)
def test_its_code_fails(tmp_path: Path, code: str, reason: str) -> None:
    assert code != BACKEND
    package(tmp_path / "site", with_("backend.py", code))
    spec(tmp_path)
    result = dagwright_alone("compile", "demo.yaml", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert result.returncode == 1, result.stderr
    assert "error[E661]: the plug-in for target `make` failed\n" in result.stderr
    assert reason in result.stderr
    assert "= help: report it to the authors of `dagwright-broken`" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "build").exists()


def test_its_settings_fail(tmp_path: Path) -> None:
    files = {**with_("schema.json", SCHEMA), "settings.py": f"def read(node, report):\n    {RAISES}\n"}
    with importable(package(tmp_path / "site", files)):
        report = Report()
        assert load(spec(tmp_path), Options(), report) is None
        assert "`settings.read` raises KeyError: 'no such key' in read, line 2" in render(report.diagnostics, "text")


def test_a_package_without_settings_works(tmp_path: Path) -> None:
    with importable(package(tmp_path / "site", GOOD)):
        report = Report()
        pipeline = load(spec(tmp_path), Options(), report)
        assert pipeline is not None
        check_targets(pipeline, ["make"], Options(), report)
        assert report.diagnostics == []
        assert [artifact.path for artifact in emit(pipeline, ["make"])] == ["make/demo.mk"]
        report = Report()
        assert load(spec(tmp_path, SPEC.replace("{}", "{a: b}")), Options(), report) is None
        assert [d.code for d in report.diagnostics] == ["E201"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("argo", "`argo` is the name of a built-in target"),
        ("Make!", "a name of a target is a-z, 0-9, `-` and `_`"),
        ("broken", "no module"),
    ],
)
def test_lists_leave_it_out(tmp_path: Path, target: str, reason: str) -> None:
    package(tmp_path / "site", {"__init__.py": "PROTOCOL = 1\n"}, target)
    for command in ("support", "schema"):
        result = dagwright_alone(command, cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
        assert result.returncode == 0
        assert f"warning[W660]: the plug-in for target `{target}` is left out\n" in result.stderr
        assert reason.lower() in result.stderr.lower()
        assert result.stdout == dagwright_alone(command, cwd=tmp_path).stdout


def test_a_built_in_name_stays_built_in(tmp_path: Path) -> None:
    files = with_("backend.py", BACKEND.replace("make", "argo"))
    package(tmp_path / "site", files, "argo")
    spec(tmp_path, SPEC.replace("{make: {}}", "{argo: {image: alpine}}"))
    found = dagwright_alone("compile", "demo.yaml", cwd=tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert (found.returncode, found.stdout) == (0, "wrote build/argo/demo.yaml\n")


def test_two_packages_of_one_name(tmp_path: Path) -> None:
    package(tmp_path / "site", GOOD)
    write_distribution(tmp_path / "site", "another", "2.0", {"make": "another"})
    with importable(tmp_path / "site"):
        report = Report()
        assert load(spec(tmp_path), Options(), report) is None
        (found,) = report.diagnostics
        assert found.code == "E660"
        assert found.notes == ("the package is dagwright-broken 0.3", "another 2.0 adds a target of the same name")


def test_unreadable_metadata(tmp_path: Path) -> None:
    package(tmp_path / "site", GOOD)
    (tmp_path / "site/dagwright_broken-0.3.dist-info/entry_points.txt").write_text("[dagwright.backends]\nmake\n= x\n")
    with importable(tmp_path / "site"):
        report = Report()
        assert load(spec(tmp_path), Options(), report) is None
        assert [d.code for d in report.diagnostics] == ["E201"]  # as if it was not installed


@pytest.mark.parametrize("arguments", [["--version"], ["compile", "demo.yaml", "-t", "airflow,argo,local"], ["check"]])
def test_entry_points_are_not_read_without_need(tmp_path: Path, arguments: list[str]) -> None:
    """Reading them takes longer than the start of the command."""
    spec(tmp_path, SPEC.replace("{make: {}}", "{argo: {image: alpine}}"))
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "dagwright", *arguments],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines() if "|" in line}
    assert "dagwright.cli" in imported
    assert not imported & {"importlib.metadata", "dagwright.backends.plugins", "jsonschema"}
