"""The documentation site: it builds without a warning, its links work, and it needs no other host."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from dagwright.diagnostics.explain import codes
from dagwright.diagnostics.site import address

HOST = "https://dagwright.dev/"


class _Page(HTMLParser):
    """The links of a page, the files that a browser loads, and its anchors."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors = {""}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon", "preconnect"):
            self.loads.append(given["href"])
        elif "src" in given:
            self.loads.append(given["src"])


@pytest.fixture(scope="module")
def site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    if importlib.util.find_spec("material") is None:
        reason = "MkDocs Material is not installed: pip install -e '.[docs]'"
        if os.environ.get("DAGWRIGHT_REQUIRE_ENGINES"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=root, capture_output=True, text=True, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, _Page]:
    """Every page by its address."""
    return {
        urljoin(HOST, path.relative_to(site).as_posix().removesuffix("index.html")): _Page(path.read_text("utf-8"))
        for path in site.rglob("*.html")
        if path.name != "404.html"  # its links begin with the address of the site
    }


@pytest.mark.engine("long")
def test_every_page_is_on_the_site(root: Path, pages: dict[str, _Page]) -> None:
    docs = root / "docs"
    names = [path.relative_to(docs).as_posix() for path in docs.rglob("*.md")]
    for name in [*names, "contributing.md"]:
        assert HOST + name.removesuffix("index.md").replace(".md", "/") in pages


@pytest.mark.engine("long")
def test_every_diagnostic_has_its_address(pages: dict[str, _Page]) -> None:
    assert [code for code in codes() if address(code) not in pages] == []


def targets(pages: dict[str, _Page]) -> Iterator[tuple[str, str]]:
    for page, content in pages.items():
        for link in content.links:
            yield page, urljoin(page, link)


@pytest.mark.engine("long")
def test_links_of_the_site_lead_somewhere(site: Path, pages: dict[str, _Page]) -> None:
    dead = set()
    for page, target in targets(pages):
        place, anchor = urldefrag(target)
        if not place.startswith(HOST):
            continue
        if place in pages:
            if unquote(anchor) not in pages[place].anchors:
                dead.add(f"{page}: {target}")
        elif not (site / urlsplit(place).path.lstrip("/")).is_file():
            dead.add(f"{page}: {target}")
    assert sorted(dead) == []


@pytest.mark.engine("long")
def test_a_page_loads_nothing_from_elsewhere(pages: dict[str, _Page]) -> None:
    foreign = {urljoin(page, source) for page, content in pages.items() for source in content.loads}
    assert sorted(source for source in foreign if not source.startswith(HOST)) == []


@pytest.mark.engine("long")
def test_the_search_knows_the_diagnostics(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert '"diagnostics/E201/"' in index


@pytest.mark.engine("long")
def test_a_pipe_in_a_table_is_shown_as_a_pipe(site: Path) -> None:
    page = (site / "command-line" / "index.html").read_text(encoding="utf-8")
    assert "[basic|ml|etl]</code>" in page
