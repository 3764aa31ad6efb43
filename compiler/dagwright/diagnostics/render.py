"""The table of output formats: one list of diagnostics, many renderers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from dagwright.diagnostics.model import Diagnostic

Renderer: TypeAlias = Callable[[Iterable[Diagnostic], bool], str]


def _text() -> Renderer:
    from dagwright.diagnostics.render_text import render_text

    return render_text


def _concise() -> Renderer:
    from dagwright.diagnostics.render_concise import render_concise

    return render_concise


def _json() -> Renderer:
    from dagwright.diagnostics.render_json import render_json

    return render_json


def _sarif() -> Renderer:
    from dagwright.diagnostics.render_sarif import render_sarif

    return render_sarif


def _github() -> Renderer:
    from dagwright.diagnostics.render_github import render_github

    return render_github


# Renderers are imported when needed: most commands use one or none.
_RENDERERS: dict[str, Callable[[], Renderer]] = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
FORMATS = tuple(_RENDERERS)


def render(diagnostics: Iterable[Diagnostic], format: str, color: bool = False) -> str:  # noqa: A002 - the flag's name
    """The diagnostics in one of `FORMATS`, ending with a line break; empty if there are none."""
    return _RENDERERS[format]()(diagnostics, color)
