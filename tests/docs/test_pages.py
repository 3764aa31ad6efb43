"""README.md and docs/diagnostics.md show what the program really does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from dagwright.diagnostics.explain import codes, explain
from docs.blocks import assert_current, block, fenced, with_block


def dagwright(*arguments: str, cwd: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-m", "dagwright", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


def between(text: str, start: str, end: str) -> str:
    """The lines from one that begins with `start` up to one that begins with `end`, or to the end."""
    found = re.search(rf"^{re.escape(start)}.*?(?=^{re.escape(end)}|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no line begins with {start!r}"
    return found[0]


def test_readme_is_current(root: Path, bless: bool, tmp_path: Path) -> None:
    page = root / "README.md"
    text = page.read_text(encoding="utf-8")
    spec = block(text, "spec").removeprefix("```yaml\n").removesuffix("```\n")
    (tmp_path / "score.yaml").write_text(spec, encoding="utf-8")
    dagwright("compile", "score.yaml", "-o", "build", cwd=tmp_path)
    airflow = (tmp_path / "build/airflow/score.py").read_text(encoding="utf-8")
    argo = (tmp_path / "build/argo/score.yaml").read_text(encoding="utf-8")
    dry = subprocess.run(
        [sys.executable, "build/local/score.py", "--dry-run"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    text = with_block(text, "airflow", fenced("python", between(airflow, "with DAG(", "if __name__")))
    text = with_block(text, "argo", fenced("yaml", between(argo, "  templates:", "  - name: measure")))
    text = with_block(text, "local", fenced("text", dry.stdout))
    text = with_block(text, "support", dagwright("support", "--as", "markdown", cwd=tmp_path))
    assert_current(page, text, bless)


def test_readme_has_two_commands(root: Path) -> None:
    first = re.search(r"^```sh\n(.*?)^```", (root / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert first
    assert len(first[1].splitlines()) == 2


def test_every_diagnostic_is_on_its_page(root: Path, bless: bool) -> None:
    assert_current(root / "docs" / "diagnostics.md", diagnostics_page(), bless)


def diagnostics_page() -> str:
    """All explanations as one page."""
    parts = [
        "# Diagnostics\n\n"
        "What Dagwright says of a spec, by code. Codes are stable: they keep their meaning and are never used again.\n"
        "`E` is an error, `W` a warning. `dagwright explain CODE` prints an entry of this page, which is made from\n"
        "the same texts (`python -m pytest tests/docs --bless`).\n"
    ]
    for code in codes():
        entry = explain(code)
        assert entry is not None
        parts.append(f"## {code}\n\n**{entry.title}**\n\n{entry.cause}\n")
        if entry.wrong and entry.right:
            parts.append(f"Wrong:\n\n{fenced('yaml', entry.wrong)}\nRight:\n\n{fenced('yaml', entry.right)}")
        if entry.remedy:
            parts.append(f"{entry.remedy}\n")
    return "\n".join(parts)


def test_links_lead_somewhere(root: Path) -> None:
    pages = [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")]
    for page in pages:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"
