"""The folder docs/diagnostics: one page per code and a table of all, made from the texts of `dagwright explain`."""

from __future__ import annotations

from dagwright.diagnostics.explain import codes, explain
from docs.blocks import fenced

FAMILIES = {
    "1": "Reading a file",
    "2": "Keys and values",
    "3": "The graph of tasks",
    "4": "References, expressions and types",
    "5": "Paths and components",
    "6": "Targets",
    "7": "Schedules",
    "8": "Runs",
    "9": "Input and output",
}
_HEAD = """# Diagnostics

Every error (`E`) and warning (`W`) that Dagwright reports has a code. A code keeps its meaning and is never used
again, so you can search for it and link to it. `dagwright explain CODE` prints the same page in your terminal.
"""


def diagnostic_pages() -> dict[str, str]:
    """Every page of the folder by its name."""
    return {"index.md": _index(), **{f"{code}.md": _page(code) for code in codes()}}


def _index() -> str:
    parts = [_HEAD]
    for digit, family in FAMILIES.items():
        rows = "\n".join(f"| [{code}]({code}.md) | {_title(code)} |" for code in codes() if code[1] == digit)
        parts.append(f"## {family}\n\n| code | meaning |\n| --- | --- |\n{rows}\n")
    return "\n".join(parts)


def _title(code: str) -> str:
    entry = explain(code)
    assert entry is not None
    return entry.title


def _page(code: str) -> str:
    entry = explain(code)
    assert entry is not None
    parts = [f"# {code}: {entry.title}\n\n{entry.cause}\n"]
    if entry.wrong and entry.right:
        parts.append(f"## Wrong\n\n{fenced('yaml', entry.wrong)}\n## Right\n\n{fenced('yaml', entry.right)}")
    if entry.remedy:
        parts.append(f"## What to do\n\n{entry.remedy}\n")
    parts.append(f"[All diagnostics](index.md#{FAMILIES[code[1]].lower().replace(' ', '-').replace(',', '')})\n")
    return "\n".join(parts)
