"""Literal text and run-time text, escaped so that neither Argo nor Kubernetes changes it.

Argo replaces `{{` in every text, more than once; Kubernetes then expands `$(NAME)` in `env`, `command` and `args`.
So `$(DW_LBRACE)`, a variable with the value `{`, replaces a brace that could open a tag, and a dollar that could open
a variable is doubled.
"""

from __future__ import annotations

import re

LBRACE = "$(DW_LBRACE)"
LBRACE_NAME = "DW_LBRACE"

# A dollar stays single only before a character that is safe for Kubernetes. Characters outside ASCII are not safe,
# since Kubernetes reads their first byte alone; nor are braces that are written as a variable.
_DOLLAR = re.compile(r"\$(?=[$(]|[^\x00-\x7f]|\{\{)")
_BRACE = re.compile(r"\{(?=\{)")


def literal(text: str, *, after_tag: bool = False, before_tag: bool = False) -> str:
    """Literal text for env, command and args; the flags tell whether a tag directly precedes or follows it."""
    escaped = _BRACE.sub(LBRACE, _DOLLAR.sub("$$", text))
    if before_tag and text.endswith("{"):
        escaped = escaped[:-1] + ("$" if text.endswith("${") else "") + LBRACE
    elif before_tag and text.endswith("$"):
        escaped += "$"
    if after_tag and escaped.startswith("{"):
        escaped = LBRACE + escaped[1:]
    return escaped


def data(value: str) -> str:
    """An expr-lang expression for the text of the expression `value`, escaped for env, command and args."""
    return f"replace(replace({value}, '$', '$$'), '{{', '{LBRACE}')"


def tag(expression: str) -> str:
    """An expression as an expression tag."""
    return "{{= " + expression + " }}"


# The text in a manifest for a default with a tag; readers replace it by the default. It cannot be the value of a task:
# a NUL fails the attempt on the other engines.
HELD_DEFAULT = "\0default"


def held_default(text: str) -> str:
    """The default of an output in the manifest, which must not contain a tag: the executor would evaluate it."""
    return HELD_DEFAULT if has_tag(text) else text


def has_tag(text: str) -> bool:
    """Whether Argo would find the start of a tag in the text."""
    return "{{" in text
