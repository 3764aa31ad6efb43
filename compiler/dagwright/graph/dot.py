"""DOT, for Graphviz."""

from __future__ import annotations

from dagwright.graph.view import View


def draw(picture: View) -> str:
    """A `digraph` from left to right; names hold only letters, digits and `_`, so quoting them is enough."""
    lines = [
        f'digraph "{picture.title}" {{',
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="Helvetica"];',
    ]
    for box in picture.boxes:
        label = "\\n".join([box.name, *box.marks])
        style = ', style="rounded,dashed"' if box.is_finally else ""
        lines.append(f'  "{box.name}" [label="{label}"{style}];')
    lines += [f'  "{start}" -> "{end}";' for start, end in picture.edges]
    return "\n".join([*lines, "}"]) + "\n"
