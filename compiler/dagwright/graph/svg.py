"""A self-contained SVG: layers from left to right, each ordered by where its needs stand."""

from __future__ import annotations

from dagwright.graph.view import Box, View

_CHARACTER = 7.3  # width of one in pixels, at the font size below
_HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 34, 64, 16, 20

_STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2933}"
    ".m{fill:#7b8794;font-size:10px}"
    "rect{fill:#f5f7fa;stroke:#52606d;rx:6}"
    ".f{stroke-dasharray:4 3}"
    "path{fill:none;stroke:#9aa5b1;stroke-width:1.2}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e7eb}rect{fill:#323f4b;stroke:#9aa5b1}}"
)


def draw(picture: View) -> str:
    """The picture as SVG text. Names need no escaping; marks are ours."""
    layers = _ordered(picture)
    widths = [max(_width(box) for box in layer) for layer in layers]
    places: dict[str, tuple[float, float, float]] = {}
    tallest = max((len(layer) for layer in layers), default=0)
    x = float(_MARGIN)
    for layer, width in zip(layers, widths, strict=True):
        top = _MARGIN + (tallest - len(layer)) * (_HEIGHT + _GAP_Y) / 2
        for index, box in enumerate(layer):
            places[box.name] = (x, top + index * (_HEIGHT + _GAP_Y), width)
        x += width + _GAP_X
    height = 2 * _MARGIN + tallest * (_HEIGHT + _GAP_Y) - _GAP_Y
    total = x - _GAP_X + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {height:.0f}" width="{total:.0f}" '
        f'height="{height:.0f}" role="img">',
        f"<title>{picture.title}</title><style>{_STYLE}</style>",
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" style="fill:#9aa5b1;stroke:none"/></marker></defs>',
    ]
    parts += [_edge(places[start], places[end]) for start, end in picture.edges]
    parts += [_node(box, places[box.name]) for box in picture.boxes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ordered(picture: View) -> list[list[Box]]:
    """One sweep of the barycentre rule: a box stands near the middle of what it waits for."""
    needs: dict[str, list[str]] = {}
    for start, end in picture.edges:
        needs.setdefault(end, []).append(start)
    place: dict[str, float] = {}
    layers: list[list[Box]] = []
    for layer in picture.layers:
        middle = {
            box.name: sum(place[n] for n in needs.get(box.name, [])) / max(len(needs.get(box.name, [])), 1)
            for box in layer
        }
        ordered = sorted(layer, key=lambda box: middle[box.name])
        place.update({box.name: index - (len(ordered) - 1) / 2 for index, box in enumerate(ordered)})
        layers.append(ordered)
    return layers


def _width(box: Box) -> float:
    return max(len(box.name), len(" ".join(box.marks)) * 0.85) * _CHARACTER + 24


def _edge(start: tuple[float, float, float], end: tuple[float, float, float]) -> str:
    x1, y1 = start[0] + start[2], start[1] + _HEIGHT / 2
    x2, y2 = end[0], end[1] + _HEIGHT / 2
    bend = max((x2 - x1) / 2, 20)
    curve = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return f'<path d="{curve}" marker-end="url(#a)"/>'


def _node(box: Box, place: tuple[float, float, float]) -> str:
    x, y, width = place
    marks = " ".join(box.marks)
    baseline = y + (15 if marks else 21)
    kind = ' class="f"' if box.is_finally else ""
    text = f'<text x="{x + width / 2:.1f}" y="{baseline:.1f}" text-anchor="middle">{box.name}</text>'
    below = f'<text class="m" x="{x + width / 2:.1f}" y="{y + 28:.1f}" text-anchor="middle">{marks}</text>'
    frame = f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_HEIGHT}"{kind}/>'
    return frame + text + (below if marks else "")
