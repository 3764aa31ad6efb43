"""Hooks of the documentation site: folders in the navigation, and pages that are stored outside `docs/`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

# Pages at the root of the project, and their names on the site.
_AT_THE_ROOT = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "SECURITY.md": "security.md"}
_LINK = re.compile(r"(?<=\]\()((?:\.\./)*)([A-Z]+\.md)(?=[#)])")
_TABLE_ROW = re.compile(r"^\|.*$", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")
_INTO_DOCS = re.compile(r"(?<=\]\()docs/")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The configuration with each folder of the navigation replaced by the pages in it."""
    config.nav = _expanded(config.nav or [], Path(config.docs_dir))
    return config


def _expanded(nav: list[Any], docs: Path) -> list[Any]:
    """A navigation without folders; a folder without pages has no entry."""
    entries: list[Any] = []
    for entry in nav:
        title, value = next(iter(entry.items()))
        if isinstance(value, list):
            entries.append({title: _expanded(value, docs)})
        elif not value.endswith("/"):
            entries.append(entry)
        elif pages := sorted((docs / value).glob("*.md"), key=lambda page: (page.stem != "index", page.name)):
            entries.append({title: [page.relative_to(docs).as_posix() for page in pages]})
    return entries


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The files of the site, with the pages at the root of the project."""
    root = Path(config.docs_dir).parent
    for name, page in _AT_THE_ROOT.items():
        if (root / name).is_file():
            content = _INTO_DOCS.sub("", (root / name).read_text(encoding="utf-8"))
            files.append(File.generated(config, page, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """The text of a page, with links and table cells that the site shows like GitHub."""
    markdown = _TABLE_ROW.sub(lambda row: _CODE.sub(lambda code: code[0].replace(r"\|", "|"), row[0]), markdown)
    up = "../" * page.file.src_uri.count("/")
    return _LINK.sub(lambda link: up + _AT_THE_ROOT[link[2]] if link[2] in _AT_THE_ROOT else link[0], markdown)
