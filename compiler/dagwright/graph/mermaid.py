"""Mermaid, as GitHub and GitLab render it in Markdown."""

from __future__ import annotations

from dagwright.graph.view import View


def draw(picture: View) -> str:
    """A `flowchart LR`. Ids have a prefix, since Mermaid reads a bare `end` as a keyword."""
    lines = ["flowchart LR"]
    for box in picture.boxes:
        label = " ".join([box.name, *box.marks])
        opening, closing = ('(["', '"])') if box.is_finally else ('["', '"]')
        lines.append(f"  t_{box.name}{opening}{label}{closing}")
    lines += [f"  t_{start} --> t_{end}" for start, end in picture.edges]
    return "\n".join(lines) + "\n"
