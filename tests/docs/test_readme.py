"""README.md shows real output, and its numbers are correct."""

from __future__ import annotations

import re
from pathlib import Path

from conformance.case import find_cases
from conformance.scoreboard import run_by_all
from dagwright.backends.features import Feature
from dagwright.backends.matrix import rows
from dagwright.backends.registry import BACKENDS
from docs.blocks import assert_current, fenced, with_block
from docs.test_pages import between, dagwright

EXAMPLE = "examples/forecast/pipeline.yaml"

# The features that readers of README.md ask for first. The page of all features has the rest.
SHOWN = (
    Feature.WHEN,
    Feature.RULE_ANY_FAILED,
    Feature.ARTIFACTS,
    Feature.FOREACH_RUNTIME,
    Feature.RETRY,
    Feature.SECRETS,
    Feature.CATCHUP,
    Feature.FINALLY,
)


def test_the_blocks_are_current(root: Path, bless: bool, tmp_path: Path) -> None:
    page = root / "README.md"
    text = page.read_text(encoding="utf-8")
    spec = (root / EXAMPLE).read_text(encoding="utf-8")
    dagwright("compile", str(root / EXAMPLE), "-o", "build", cwd=tmp_path)
    airflow = (tmp_path / "build/airflow/forecast.py").read_text(encoding="utf-8")
    argo = (tmp_path / "build/argo/forecast.yaml").read_text(encoding="utf-8")
    plan = dagwright("run", str(root / EXAMPLE), "--dry-run", cwd=tmp_path)
    text = with_block(text, "spec", fenced("yaml", between(spec, "  publish:", "  alert:")))
    text = with_block(text, "airflow", fenced("python", between(airflow, "    publish = ", "    alert = ")))
    text = with_block(text, "argo", fenced("yaml", between(argo, "      - name: publish", "        arguments:")))
    text = with_block(text, "local", fenced("text", between(plan, "wave 3", "wave 4")))
    text = with_block(text, "support", levels())
    text = re.sub(r"\d+ cases of the execution model", f"{run_by_all(find_cases())} cases of the execution model", text)
    assert_current(page, text, bless)


def levels() -> str:
    """The levels of the shown features, one column per target."""
    table = ["| feature | " + " | ".join(BACKENDS) + " |", "| --- |" + " --- |" * len(BACKENDS)]
    by_feature = {row.feature: row for row in rows(None)}
    for feature in SHOWN:
        found = [support.level.value for support in by_feature[feature].supports]
        table.append(f"| {feature.value} | " + " | ".join(found) + " |")
    return "\n".join(table)


def test_it_has_two_commands(root: Path) -> None:
    first = re.search(r"^```sh\n(.*?)^```", (root / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert first
    assert len(first[1].splitlines()) == 2
