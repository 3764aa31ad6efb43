"""Explanations of diagnostic codes: the pages `explain/<CODE>.md`."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from dagwright.diagnostics.site import SITE

_PAGES = Path(__file__).resolve().parent / "explain"
_CODE = re.compile(r"[EW][1-9][0-9]{2}")
_KEEPS_LINES = re.compile(r"```|[-*|] |\||\s")
_SECTIONS = {"Wrong": "wrong", "Right": "right", "What to do": "remedy"}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A page. `wrong` and `right` are whole specs without fences; or both are None, and `remedy` is text."""

    code: str
    title: str
    cause: str
    wrong: str | None = None
    right: str | None = None
    remedy: str | None = None


def codes() -> list[str]:
    """All codes that have a page, in order."""
    return sorted(page.stem for page in _PAGES.glob("*.md") if _CODE.fullmatch(page.stem))


def explain(code: str) -> Explanation | None:
    """The page of a code, or None."""
    if not _CODE.fullmatch(code):
        return None
    page = _PAGES / f"{code}.md"
    return _read(code, page.read_text(encoding="utf-8")) if page.is_file() else None


def _read(code: str, text: str) -> Explanation:
    head, *parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    first, _, cause = head.strip().partition("\n")
    title = first.removeprefix("#").strip().removeprefix(code).removeprefix(":").strip()
    sections = {_SECTIONS[name.strip()]: _content(body) for name, body in zip(parts[::2], parts[1::2], strict=True)}
    return Explanation(code, title, cause.strip(), **sections)


def _content(body: str) -> str:
    """The first fenced text of a section, with its last line break, else the whole section."""
    fenced = re.search(r"^(`{3,})[^\n]*\n(.*?)^\1$", body, flags=re.MULTILINE | re.DOTALL)
    return fenced[2] if fenced else body.strip()


_LINK = re.compile(r"\[([^\]]+)\]\(\.\./([\w-]+)\.md(#[\w-]+)?\)")


def _wrapped(text: str) -> str:
    """The text with paragraphs wrapped to a terminal's width; lists and fenced texts are unchanged."""
    blocks = _LINK.sub(lambda link: f"{link[1]} ({SITE}/{link[2]}/{link[3] or ''})", text).split("\n\n")
    return "\n\n".join(block if _KEEPS_LINES.match(block) else _fill(block) for block in blocks)


def _fill(paragraph: str) -> str:
    return textwrap.fill(" ".join(paragraph.split()), 88, break_long_words=False, break_on_hyphens=False)


def render_explanation(explanation: Explanation, color: bool = False) -> str:
    """An explanation for a terminal, ending with a line break."""
    bold, plain = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    blocks = [f"{bold}{explanation.code}: {explanation.title}{plain}", _wrapped(explanation.cause)]
    for name, text in (("Wrong", explanation.wrong), ("Right", explanation.right)):
        if text:
            blocks.append(
                f"{bold}{name}{plain}\n\n" + "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())
            )
    if explanation.remedy:
        blocks.append(f"{bold}What to do{plain}\n\n{_wrapped(explanation.remedy)}")
    return "\n\n".join(block.rstrip("\n") for block in blocks) + "\n"
