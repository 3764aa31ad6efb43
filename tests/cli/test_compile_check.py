"""`compile --check`: files on disk that differ from the compiled files, in every format."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from test_commands import GOOD

from program.running import dagwright

CHECK = ("compile", "good.yaml", "-o", "out", "--check")


@pytest.fixture
def stale(tmp_path: Path) -> Path:
    """A folder with a compiled spec and one changed file."""
    (tmp_path / "good.yaml").write_text(GOOD)
    assert dagwright("compile", "good.yaml", "-o", "out", cwd=tmp_path).returncode == 0
    assert dagwright(*CHECK, cwd=tmp_path).returncode == 0
    target = tmp_path / "out" / "argo" / "good.yaml"
    text = target.read_text()
    assert text.splitlines()[3] == "  generateName: good-"
    target.write_text(text.replace("generateName: good-", "generateName: bad-"))
    return tmp_path


def test_text_shows_the_difference(stale: Path) -> None:
    result = dagwright(*CHECK, cwd=stale)
    assert result.returncode == 4
    assert result.stdout.startswith("--- out/argo/good.yaml\n+++ out/argo/good.yaml (expected)\n")
    assert "-  generateName: bad-\n+  generateName: good-\n" in result.stdout
    assert result.stderr.startswith(
        "error[E902]: this file is not what its spec compiles to\n  --> out/argo/good.yaml:4:1\n"
    )
    assert "= made from good.yaml\n   = help: run the same command without `--check`" in result.stderr
    assert "bad-" in (stale / "out" / "argo" / "good.yaml").read_text()


def test_a_missing_file_is_said_to_be_missing(stale: Path) -> None:
    (stale / "out" / "local" / "good.py").unlink()
    result = dagwright(*CHECK, cwd=stale)
    assert result.returncode == 4
    assert "error[E903]: a generated file is missing\n  --> out/local/good.py\n" in result.stderr
    assert "local" not in result.stdout
    assert len(result.stdout.splitlines()) < 20


def test_json_is_json(stale: Path) -> None:
    (stale / "out" / "local" / "good.py").unlink()
    result = dagwright(*CHECK, "--format", "json", cwd=stale)
    found = json.loads(result.stdout)["diagnostics"]
    assert (result.returncode, result.stderr) == (4, "")
    assert [(d["code"], d["file"], d["line"]) for d in found] == [
        ("E902", "out/argo/good.yaml", 4),
        ("E903", "out/local/good.py", None),
    ]


def test_the_other_formats_name_the_file(stale: Path) -> None:
    sarif = dagwright(*CHECK, "--format", "sarif", cwd=stale)
    assert (sarif.returncode, sarif.stderr) == (4, "")
    assert [r["ruleId"] for r in json.loads(sarif.stdout)["runs"][0]["results"]] == ["E902"]
    for format_, start in (
        ("github", "::error file=out/argo/good.yaml,line=4,"),
        ("concise", "out/argo/good.yaml:4:1: error[E902]: this file"),
    ):
        result = dagwright(*CHECK, "--format", format_, cwd=stale)
        assert (result.returncode, result.stdout) == (4, "")
        assert result.stderr.startswith(start)


@pytest.mark.parametrize("there", ["", "apiVersion: argoproj.io/v1alpha1\n", "\udcff\n", "caf\u00e9"])
def test_files_that_are_cut_off_or_no_text(there: str, stale: Path) -> None:
    (stale / "out/argo/good.yaml").write_bytes(there.encode("utf-8", "surrogateescape"))
    result = dagwright(*CHECK, "--format", "json", cwd=stale)
    assert result.returncode == 4, result.stderr
    assert [d["code"] for d in json.loads(result.stdout)["diagnostics"]] == ["E902"]
    assert dagwright(*CHECK, cwd=stale).returncode == 4


def test_warnings_and_differences_are_one_document(stale: Path) -> None:
    (stale / "good.yaml").write_text(GOOD + "components: {unused: {command: [x]}}\n")
    result = dagwright(*CHECK, "--format", "json", cwd=stale)
    codes = [d["code"] for d in json.loads(result.stdout)["diagnostics"]]
    assert result.returncode == 4
    assert {"W251", "E902"} == set(codes)


def test_an_error_in_a_spec_is_not_a_difference(stale: Path) -> None:
    (stale / "good.yaml").write_text(GOOD.replace("command", "comand"))
    assert dagwright(*CHECK, cwd=stale).returncode == 1


def test_standard_output_takes_one_thing(stale: Path) -> None:
    for arguments in (("--check",), ("--format", "json"), ("--format", "sarif")):
        result = dagwright("compile", "good.yaml", "-o", "-", *arguments, cwd=stale)
        assert (result.returncode, result.stdout) == (2, "")
    result = dagwright("compile", "good.yaml", "-o", "out", "--format", "json", cwd=stale)
    assert json.loads(result.stdout) == {"diagnostics": []}


@pytest.mark.parametrize("more", [(), ("--check",)])
def test_a_pipe_in_the_place_of_a_file_is_an_error(stale: Path, more: tuple[str, ...]) -> None:
    """The program never waits until another process writes into the pipe."""
    (stale / "out/argo/good.yaml").unlink()
    os.mkfifo(stale / "out/argo/good.yaml")
    result = dagwright("compile", "good.yaml", "-o", "out", *more, cwd=stale)
    assert result.returncode == 74
    assert "E901" in result.stderr
    assert "good.yaml" in result.stderr
    assert "Not a regular file" in result.stderr
