"""The build of the testbed: once for all tests, with a reason if it is not available."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engines import argo_testbed, golang, missing

COUNTING = """#!/bin/sh
echo built >> "$(dirname "$0")/count"
sleep 0.5
for word; do out=$word; done
mkdir -p "$out/bin"
echo "$*" > "$out/bin/testbed"
"""
FAILING = "#!/bin/sh\necho no network here >&2\nexit 3\n"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The sources of a tiny program, which builds quickly."""
    folder = tmp_path / "sources"
    folder.mkdir()
    monkeypatch.setattr(argo_testbed, "SOURCES", folder)
    monkeypatch.setattr(argo_testbed, "go", lambda: "/usr/bin/true")
    monkeypatch.setattr(argo_testbed, "say", lambda text: None)
    monkeypatch.delenv("DAGWRIGHT_ARGO", raising=False)
    return folder


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def test_of_two_builders_one_builds(sources: Path, tmp_path: Path) -> None:
    write(sources / "build", COUNTING)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: argo_testbed.built(tmp_path / "cache"), range(4)))
    (folder,) = found
    assert (folder / "bin" / "testbed").is_file()
    assert (sources / "count").read_text(encoding="utf-8") == "built\n"
    assert not list((tmp_path / "cache").glob("*.unfinished"))


def test_other_sources_and_another_argo_are_other_folders(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sources / "build", COUNTING)
    first = argo_testbed.built(tmp_path / "cache")
    write(sources / "main.go", "package main\n")
    second = argo_testbed.built(tmp_path / "cache")
    monkeypatch.setenv("DAGWRIGHT_ARGO", "v3.7.4")
    third = argo_testbed.built(tmp_path / "cache")
    assert len({first, second, third}) == 3
    assert third.name == f"{second.name}-v3.7.4"
    assert (third / "bin" / "testbed").read_text(encoding="utf-8").startswith("--argo v3.7.4 ")
    (sources / "README.md").write_text("nothing that is built\n", encoding="utf-8")
    assert argo_testbed.built(tmp_path / "cache") == third


def test_a_build_that_fails_says_why_and_leaves_nothing(sources: Path, tmp_path: Path) -> None:
    write(sources / "build", FAILING)
    with pytest.raises(missing.Unavailable, match="no network here"):
        argo_testbed.built(tmp_path / "cache")
    assert not [path for path in (tmp_path / "cache").iterdir() if path.is_dir()]


def test_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(missing.Unavailable, match="needs root"):
        argo_testbed.needed()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(missing.Unavailable, match="needs Linux"):
        argo_testbed.needed()


def test_no_go(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(golang, "USUAL", tmp_path / "go")
    golang.go.cache_clear()
    try:
        with pytest.raises(missing.Unavailable, match="no Go compiler"):
            golang.go()
    finally:
        golang.go.cache_clear()


def test_a_missing_engine_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(missing.REQUIRED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="an engine is missing: no Go"):
        missing.skip("no Go")
    monkeypatch.setenv(missing.REQUIRED, "1")
    with pytest.raises(pytest.fail.Exception, match="an engine is missing: no Go"):
        missing.skip("no Go")
