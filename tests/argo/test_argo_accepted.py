"""Argo itself accepts every manifest of the project, without running it.

Goldens, examples and the specs of the conformance suite pass: the strict check of Argo's own schema and definitions,
both lints of its validator, and creation on a real API server that refuses unknown fields. One call of the testbed
checks all files.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conformance.case import find_cases
from dagwright.backends.argo.backend import BACKEND
from dagwright.compile import Options, check_targets, load
from dagwright.diagnostics.model import Report
from engines.argo_strict import Strict
from engines.argo_strict import load as objects

ROOT = Path(__file__).resolve().parent.parent.parent
GOLDENS = sorted(ROOT.glob("tests/golden/*/argo/*.yaml"))
SPECS = [*sorted(ROOT.glob("examples/*/pipeline.yaml")), *(case.spec for case in find_cases() if case.refuse is None)]
CHECKS = ("lint", "submit", "create")

Findings = dict[str, list[dict[str, str]]]


def label(path: Path) -> str:
    return "-".join(path.relative_to(ROOT).parts[-3:-1])


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """The file of every golden and of every spec that compiles for Argo."""
    folder = tmp_path_factory.mktemp("manifests")
    found = {golden: golden for golden in GOLDENS}
    for at, spec in enumerate(SPECS):
        text = compiled(spec)
        if text is not None:
            found[spec] = folder / f"{at}-{spec.parent.name}.yaml"
            found[spec].write_text(text, encoding="utf-8")
    return found


def compiled(spec: Path) -> str | None:
    """The manifest of a spec, or None if the compiler refuses it for Argo."""
    report = Report()
    pipeline = load(str(spec), Options(), report)
    if pipeline is None:
        return None
    check_targets(pipeline, ["argo"], Options(), report)
    errors = {found.code for found in report.diagnostics if found.code.startswith("E")}
    return BACKEND.emit(pipeline)[0].text if not errors else None


@pytest.fixture(scope="module")
def findings(home: Path, manifests: dict[Path, Path]) -> Findings:
    """The testbed's findings for each file."""
    command = [str(home / "bin" / "testbed"), "check", *map(str, manifests.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    found: Findings = {}
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        found.setdefault(finding["file"], []).append(finding)
    assert set(found) == set(map(str, manifests.values())), done.stderr[-2000:]
    return found


def test_all_are_judged(manifests: dict[Path, Path]) -> None:
    assert len(GOLDENS) >= 29
    assert {label(path) for path in manifests} >= {label(spec) for spec in ROOT.glob("examples/*/pipeline.yaml")}
    assert len(manifests) >= 100


@pytest.mark.engine("argo")
@pytest.mark.parametrize("path", [*GOLDENS, *SPECS], ids=label)
def test_argo_accepts(path: Path, home: Path, manifests: dict[Path, Path], findings: Findings) -> None:
    if path not in manifests:
        pytest.skip("refused by the compiler for Argo")
    file = manifests[path]
    made = objects(file.read_text(encoding="utf-8"))
    assert made
    assert [(found["kind"], Strict(home).check(found)) for found in made] == [(found["kind"], []) for found in made]
    assert [(found["check"], found.get("error", "")) for found in findings[str(file)]] == [
        (check, asked_for(found) if check == "submit" else "") for check in CHECKS for found in made
    ]


def asked_for(made: Any) -> str:
    """The submission error of a Workflow with a param without a default, if its value is not given."""
    declared = made["spec"].get("arguments", {}).get("parameters", []) if made["kind"] == "Workflow" else []
    name = next((p["name"] for p in declared if "value" not in p and "valueFrom" not in p), None)
    where = f"spec.arguments.{name}"
    return f"{where}.value or {where}.valueFrom is required" if name else ""


@pytest.mark.engine("argo")
def test_the_strict_check_refuses(home: Path) -> None:
    """The strict check does find unknown keys, wrong types and broken rules."""
    (workflow,) = objects((ROOT / "tests/golden/command/argo/workflow.yaml").read_text(encoding="utf-8"))
    strict = Strict(home)
    assert strict.check(workflow) == []
    templates = workflow["spec"]["templates"]
    leaf = next(template for template in templates if "container" in template)
    for holder in (
        workflow,
        workflow["metadata"],
        workflow["spec"],
        leaf,
        leaf["container"],
        leaf["container"]["env"][0],
    ):
        holder["surprise"] = 1
        assert strict.check(workflow), holder
        del holder["surprise"]
    leaf["script"] = {"image": "a", "source": "b"}
    assert any("one type" in found for found in strict.check(workflow))
