"""Compilation of specs for the tests of the Argo backend."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dagwright.backends.argo.backend import BACKEND
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.ir.model import Pipeline
from engines import argo_testbed
from engines.missing import Unavailable, skip

HEAD = "apiVersion: dagwright/v1\nname: demo\ndefaults: {image: busybox}\n"


def pipeline_of(path: Path) -> tuple[Pipeline | None, Report]:
    """The pipeline of a file, checked for Argo."""
    report = Report()
    pipeline = load(str(path), Options(), report)
    if pipeline is not None:
        check_targets(pipeline, ["argo"], Options(), report)
    return pipeline, report


class Compiler:
    """A compiler of texts, in its own folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "pipeline.yaml"

    def text(self, spec: str) -> str:
        self.path.write_text(spec, encoding="utf-8")
        pipeline, report = pipeline_of(self.path)
        assert pipeline is not None, report.diagnostics
        assert not report.failed, report.diagnostics
        return BACKEND.emit(pipeline)[0].text

    def objects(self, spec: str) -> list[Any]:
        return list(yaml.safe_load_all(self.text(spec)))

    def templates(self, spec: str) -> dict[str, Any]:
        return {template["name"]: template for template in self.objects(spec)[0]["spec"]["templates"]}

    def calls(self, spec: str) -> dict[str, Any]:
        return {call["name"]: call for call in self.templates(spec)["main"]["dag"]["tasks"]}

    def diagnostics(self, spec: str) -> list[Diagnostic]:
        self.path.write_text(spec, encoding="utf-8")
        return pipeline_of(self.path)[1].diagnostics

    def errors(self, spec: str) -> list[Diagnostic]:
        return [found for found in self.diagnostics(spec) if found.code.startswith("E")]


@pytest.fixture
def argo(tmp_path: Path) -> Compiler:
    return Compiler(tmp_path)


@pytest.fixture(scope="session")
def home() -> Path:
    """The folder of the testbed."""
    try:
        return argo_testbed.home()
    except Unavailable as why:
        skip(why)
