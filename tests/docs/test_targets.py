"""docs/targets: settings from the schema, features from the tables of the backends, and excerpts of generated files."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.backends.argo.check import MOST_BYTES, MOST_DAG_TASKS, MOST_PARAMETERS, MOST_TEMPLATES
from dagwright.backends.argo.exprlang.printer import MAX_NODES
from dagwright.backends.argo.patch.keys import ALLOWED
from dagwright.backends.matrix import as_markdown, rows
from dagwright.backends.registry import BACKENDS
from dagwright.schema.reference import reference
from docs.blocks import assert_current, fenced, with_block
from docs.test_pages import between, dagwright
from docs.walk import blocks

TARGETS = ("airflow", "argo", "local")
# Excerpts of generated files on a page: the block, its language, the spec, the file, the first line, and the line after
# the last.
_SHOWN = {
    "airflow": [("dag", "python", "nightly.yaml", "airflow/nightly.py", "with DAG(", "if __name__")],
    "argo": [
        ("manifest", "yaml", "nightly.yaml", "argo/nightly.yaml", "  templates:", "  - name: publish"),
        ("patched", "yaml", "placed.yaml", "argo/placed.yaml", "spec:", "  podSpecPatch:"),
    ],
}


def settings(target: str) -> str:
    """The table of a target's settings, as in the reference of the language."""
    section = between(reference(), f"## Target `{target}`", "## A")
    return "\n".join(line for line in section.split("\n## ")[0].splitlines() if line.startswith("|"))


def features(target: str) -> str:
    """The table of a target's support for each feature."""
    lines = ["| feature | level | how |", "| --- | --- | --- |"]
    at = list(BACKENDS).index(target)
    for row in rows(None):
        found = row.supports[at]
        lines.append(f"| {row.feature.value} | {found.level.value} | {found.how.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


def patch() -> str:
    """The table of WorkflowSpec keys allowed in a patch for Argo."""
    lines = ["| key | value | what for |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {key.kind.value} | {key.purpose} |" for name, key in ALLOWED.items()]
    return "\n".join(lines)


@pytest.mark.parametrize("target", TARGETS)
def test_a_page_is_current(target: str, root: Path, bless: bool, tmp_path: Path) -> None:
    page = root / "docs" / "targets" / f"{target}.md"
    text = page.read_text(encoding="utf-8")
    text = with_block(text, "settings", settings(target))
    text = with_block(text, "features", features(target))
    if target == "argo":
        text = with_block(text, "patch", patch())
    for block, language, name, file, start, end in _SHOWN.get(target, ()):
        spec = next(found for found in blocks(text) if found.file == name)
        (tmp_path / name).write_text(spec.body, encoding="utf-8")
        dagwright("compile", name, "-t", target, "-o", "build", cwd=tmp_path)
        shown = between((tmp_path / "build" / file).read_text(encoding="utf-8"), start, end)
        text = with_block(text, block, fenced(language, shown))
    assert_current(page, text, bless)


def test_the_page_of_all_features_is_current(root: Path, bless: bool) -> None:
    page = root / "docs" / "targets" / "support.md"
    assert_current(page, with_block(page.read_text(encoding="utf-8"), "support", as_markdown()), bless)


def test_the_limits_of_argo(root: Path) -> None:
    text = (root / "docs" / "targets" / "argo.md").read_text(encoding="utf-8")
    for line in (
        f"| templates in an object | {MOST_TEMPLATES} |",
        f"| tasks in one DAG | {MOST_DAG_TASKS} |",
        f"| values passed to one task | {MOST_PARAMETERS} |",
        f"| size of an object | {MOST_BYTES // 1024 // 1024} MiB |",
        f"| parts of an expression | {MAX_NODES} |",
    ):
        assert line in text
