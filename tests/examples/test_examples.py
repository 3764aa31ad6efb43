"""Every example is valid, compiles for every target without a warning, and runs to its expected state."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from program.running import dagwright as in_a_fork

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLES = sorted(spec.parent.name for spec in (ROOT / "examples").glob("*/pipeline.yaml"))
SECRETS = {"DW_SECRET_BACKUP_SIGNING_KEY": "a key of the tests"}
TARGETS = ("airflow", "argo", "local")


def dagwright(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return in_a_fork(*arguments, cwd=cwd, env=SECRETS)


def run(name: str, folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the trace of a local run."""
    spec = ROOT / "examples" / name / "pipeline.yaml"
    result = dagwright("run", str(spec), "--json", *arguments, cwd=folder)
    assert result.stdout, result.stderr
    return result.returncode, json.loads(result.stdout)


def states(trace: dict[str, Any]) -> dict[str, str]:
    return {name: task["state"] for name, task in trace["tasks"].items()}


def test_all_examples_are_here() -> None:
    assert EXAMPLES == ["churn", "components", "etl", "forecast", "nightly", "quickstart"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiles_without_a_warning(name: str, tmp_path: Path) -> None:
    spec = str(ROOT / "examples" / name / "pipeline.yaml")
    result = dagwright("compile", spec, "-t", ",".join(TARGETS), "-o", "build", cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == sorted(TARGETS)
    again = dagwright("compile", spec, "-t", ",".join(TARGETS), "-o", "build", "--check", cwd=tmp_path)
    assert again.returncode == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_check_says_nothing(name: str, tmp_path: Path) -> None:
    result = dagwright("check", str(ROOT / "examples" / name), "-t", ",".join(TARGETS), cwd=tmp_path)
    assert (result.returncode, result.stderr) == (0, "")


def test_forecast_publishes_with_the_best_method(tmp_path: Path) -> None:
    code, trace = run("forecast", tmp_path)
    assert (code, trace["status"]) == (0, "succeeded")
    assert states(trace) == {"backtest": "succeeded", "choose": "succeeded", "publish": "succeeded", "alert": "skipped"}
    errors = [instance["outputs"]["error"] for instance in trace["tasks"]["backtest"]["instances"]]
    assert trace["tasks"]["choose"]["outputs"]["best"] == ["mean", "trend", "season"][errors.index(min(errors))]
    assert len(trace["tasks"]["publish"]["outputs"]["next_year"]) == 12


def test_churn_releases_the_best_model(tmp_path: Path) -> None:
    code, trace = run("churn", tmp_path)
    assert (code, trace["status"]) == (0, "succeeded")
    assert states(trace).pop("alert") == "skipped"
    assert {state for name, state in states(trace).items() if name != "alert"} == {"succeeded"}
    chosen = trace["tasks"]["evaluate"]["outputs"]
    assert chosen["best_auc"] > 0.8
    assert len(trace["tasks"]["train"]["instances"]) == 3
    (release,) = (tmp_path / ".dagwright/runs/latest/outputs").glob("promote*/release")
    card = json.loads((release / "card.json").read_text())
    assert (card["model"], card["auc"]) == (chosen["best_model"], chosen["best_auc"])
    assert json.loads((release / "model.json").read_text())["kind"] == chosen["best_model"]


def test_churn_with_a_broken_training(tmp_path: Path) -> None:
    code, trace = run("churn", tmp_path, "--param", "fail_model=bayes")
    assert (code, trace["status"]) == (5, "failed")
    assert states(trace) == {
        "ingest": "succeeded",
        "validate": "succeeded",
        "split": "succeeded",
        "train": "failed",
        "evaluate": "upstream_failed",
        "promote": "upstream_failed",
        "alert": "succeeded",
        "report": "succeeded",
    }
    instances = trace["tasks"]["train"]["instances"]
    assert [(i["state"], i["attempts"]) for i in instances] == [("succeeded", 1), ("succeeded", 1), ("failed", 2)]


def test_churn_with_a_bar_too_high(tmp_path: Path) -> None:
    code, trace = run("churn", tmp_path, "--param", "min_auc=0.99")
    assert (code, trace["status"]) == (0, "succeeded")
    reached = {name: states(trace)[name] for name in ("promote", "alert", "report")}
    assert reached == {"promote": "skipped", "alert": "skipped", "report": "succeeded"}


def test_etl_counts_what_it_rejects(tmp_path: Path) -> None:
    code, trace = run("etl", tmp_path)
    assert (code, trace["status"]) == (0, "succeeded")
    assert [i["outputs"]["rejected"] for i in trace["tasks"]["load"]["instances"]] == [1, 0, 2]
    assert trace["tasks"]["aggregate"]["outputs"]["rejected"] == 3
    code, trace = run("etl", tmp_path, "--param", "max_rejected=2")
    assert (code, states(trace)["publish"]) == (0, "skipped")


def test_components_count_words(tmp_path: Path) -> None:
    code, trace = run("components", tmp_path)
    assert (code, trace["status"]) == (0, "succeeded")
    texts = {name: (ROOT / "examples/components/texts" / f"{name}.txt").read_text() for name in ("brook", "storm")}
    words = {
        name: "".join(c if c.isalpha() else " " for c in text).split() for name, text in texts.items()
    }  # split as by `tr`
    assert trace["tasks"]["brook_words"]["outputs"]["words"] == len(words["brook"])
    assert trace["tasks"]["storm_words"]["outputs"]["words"] == sum(len(word) >= 6 for word in words["storm"])


def test_nightly_signs_and_prunes(tmp_path: Path) -> None:
    code, trace = run("nightly", tmp_path)
    assert (code, trace["status"]) == (0, "succeeded")
    assert states(trace)["page"] == "skipped"
    assert states(trace)["prune"] == "succeeded"
    for file in (tmp_path / ".dagwright").rglob("*"):
        assert not file.is_file() or b"a key of the tests" not in file.read_bytes()


def test_quickstart_says_hello(tmp_path: Path) -> None:
    code, trace = run("quickstart", tmp_path, "--param", "name=Ada")
    assert (code, trace["tasks"]["greet"]["outputs"]) == (0, {"text": "Hello, Ada!"})


@pytest.mark.engine("long")
def test_the_wheel_alone_is_enough(tmp_path: Path) -> None:
    """The wheel is built, installed in its own environment, and used from a folder outside the checkout."""
    uv = [sys.executable, "-m", "uv"]
    quiet: dict[str, Any] = {"check": True, "capture_output": True, "text": True, "timeout": 600}
    subprocess.run([*uv, "build", "--wheel", "--out-dir", str(tmp_path / "dist"), str(ROOT)], **quiet)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    subprocess.run([*uv, "venv", "--python", sys.executable, str(tmp_path / "venv")], **quiet)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "--python", str(python), str(wheel)], **quiet)

    def installed(*arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in {**os.environ, **SECRETS}.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [str(tmp_path / "venv" / "bin" / "dagwright"), *arguments],
            cwd=tmp_path, capture_output=True, text=True, check=False, env=clean, timeout=120,
        )  # fmt: skip

    compiled = installed("compile", str(ROOT / "examples"), "-t", ",".join(TARGETS), "-o", "build")
    assert (compiled.returncode, compiled.stderr) == (0, "")
    assert len(list((tmp_path / "build").rglob("*.*"))) == len(EXAMPLES) * len(TARGETS)
    here = dagwright("compile", str(ROOT / "examples"), "-t", ",".join(TARGETS), "-o", "build", "--check", cwd=tmp_path)
    assert here.returncode == 0, here.stdout
    assert installed("init", "started", "--template", "ml").returncode == 0
    assert installed("schema").returncode == 0
    assert installed("explain", "E302").returncode == 0
