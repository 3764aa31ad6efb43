"""Generated pages are current, and links work."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from docs.blocks import assert_current, with_block
from docs.command_page import commands
from docs.diagnostic_pages import diagnostic_pages
from program.running import dagwright as in_a_fork


def dagwright(*arguments: str, cwd: Path) -> str:
    result = in_a_fork(*arguments, cwd=cwd)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr
    return result.stdout


def between(text: str, start: str, end: str) -> str:
    """The lines from one that begins with `start` up to one that begins with `end`, or to the end."""
    found = re.search(rf"^{re.escape(start)}.*?(?=^{re.escape(end)}|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"no line begins with {start!r}"
    return found[0]


def test_every_diagnostic_has_its_page(root: Path, bless: bool) -> None:
    folder = root / "docs" / "diagnostics"
    expected = diagnostic_pages()
    if bless:
        folder.mkdir(exist_ok=True)
        for page in folder.glob("*.md"):
            page.unlink()
    for name, text in expected.items():
        assert_current(folder / name, text, bless)
    assert {page.name for page in folder.iterdir()} == set(expected)


def test_every_command_is_on_its_page(root: Path, bless: bool) -> None:
    page = root / "docs" / "command-line.md"
    assert_current(page, with_block(page.read_text(encoding="utf-8"), "commands", commands()), bless)


def pages(root: Path) -> list[Path]:
    """All pages that people read."""
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]


def without_code(text: str) -> str:
    """A page without its fenced blocks and without code within a line."""
    return re.sub(r"`[^`\n]*`", "``", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(page: Path) -> set[str]:
    """The anchors of a page: its headings, in GitHub's form."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = sum(1 for other in found if re.fullmatch(rf"{re.escape(slug)}(-\d+)?", other))
        found.add(f"{slug}-{number}" if number else slug)
    return found


def test_links_lead_somewhere(root: Path) -> None:
    dead = []
    for page in pages(root):
        for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
            path, _, anchor = link.partition("#")
            if "://" in link:
                continue
            target = page.parent / path if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                dead.append(f"{page.relative_to(root)}: {link}")
    assert dead == []


def test_every_page_can_be_found(root: Path) -> None:
    """Links from README.md or the home page of the site lead to every page; the site lists all how-to pages."""
    seen: set[Path] = set()
    pending = [root / "README.md", root / "docs" / "index.md", *(root / "docs" / "how-to").glob("*.md")]
    while pending:
        page = pending.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = re.findall(r"\]\(([^)\s#:]+)", without_code(page.read_text(encoding="utf-8")))
        pending += [page.parent / link for link in links]
    assert sorted(page for page in pages(root) if page.resolve() not in seen) == []


def test_a_dead_anchor_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A `b` and C-d\n\n## E\n\n```text\n# not one\n```\n\n## E\n", encoding="utf-8")
    assert anchors(page) == {"a-b-and-c-d", "e", "e-1"}


def test_the_floor_plan_is_the_package(root: Path) -> None:
    """docs/architecture.md names each part of the package, in the order of the layers."""
    page = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    parts = [
        part.rstrip("/")
        for part in re.findall(r"^\| `([a-z_.]+/?)` \|", between(page, "In the package", "Imports"), re.MULTILINE)
    ]
    package = root / "compiler" / "dagwright"
    there = {path.name for path in package.iterdir() if path.name[0] not in "_." and path.name != "py.typed"}
    assert set(parts) == there
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    heights = {
        word.removeprefix("dagwright.").partition(".")[0]: -height
        for height, layer in enumerate(layers)
        for word in re.findall(r"dagwright[.\w]+", layer)
    }
    heights = {name: heights[name] for part in parts if (name := part.removesuffix(".py")) in heights}
    bottom_up = list(heights.values())
    assert bottom_up == sorted(bottom_up)
