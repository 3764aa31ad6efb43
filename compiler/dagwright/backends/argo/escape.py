"""Literal text and run-time text, spelt so that neither Argo nor Kubernetes changes it.

Argo looks for `{{` in everything, more than once; Kubernetes then expands `$(NAME)` in `env`, `command` and `args`.
So a brace that could open a tag is written `$(DW_LBRACE)`, a variable that holds `{`, and a dollar that could open a
variable is written twice.
"""

from __future__ import annotations

import re

LBRACE = "$(DW_LBRACE)"
LBRACE_NAME = "DW_LBRACE"

# A dollar stays single only before a character that opens nothing; before one outside ASCII Kubernetes takes the
# first byte alone, so that is no such character, and a brace that is written as a variable is none either.
_DOLLAR = re.compile(r"\$(?=[$(]|[^\x00-\x7f]|\{\{)")
_BRACE = re.compile(r"\{(?=\{)")


def literal(text: str, *, after_tag: bool = False, before_tag: bool = False) -> str:
    """Literal text for env, command and args; the flags say whether a tag stands directly before or behind it."""
    spelt = _BRACE.sub(LBRACE, _DOLLAR.sub("$$", text))
    if before_tag and text.endswith("{"):
        spelt = spelt[:-1] + ("$" if text.endswith("${") else "") + LBRACE
    elif before_tag and text.endswith("$"):
        spelt += "$"
    if after_tag and spelt.startswith("{"):
        spelt = LBRACE + spelt[1:]
    return spelt


def data(value: str) -> str:
    """An expr-lang expression of the text of `value` (one, too), escaped for env, command and args."""
    return f"replace(replace({value}, '$', '$$'), '{{', '{LBRACE}')"


def tag(expression: str) -> str:
    """An expression as an expression tag."""
    return "{{= " + expression + " }}"


def has_tag(text: str) -> bool:
    """Whether Argo would look for a tag in the text."""
    return "{{" in text
