"""A self-contained SVG: layers from left to right, each ordered by the positions of its needs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from dagwright.graph.view import Box, View

_CHARACTER = 7.3  # width of a character in pixels, at the font size below
_HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 34, 64, 16, 20
_MOST_BENDS = 2000

_STYLE = (
    "text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1f2933}"
    ".m{fill:#7b8794;font-size:10px}"
    "rect{fill:#f5f7fa;stroke:#52606d;rx:6}"
    ".f{stroke-dasharray:4 3}"
    "path{fill:none;stroke:#9aa5b1;stroke-width:1.2}"
    "@media(prefers-color-scheme:dark){text{fill:#e4e7eb}rect{fill:#323f4b;stroke:#9aa5b1}}"
)


@dataclass(frozen=True, slots=True)
class Bend:
    """The gap in a layer through which edges from `start` pass to a later layer."""

    start: str


Item = Box | Bend


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an item in a layer; `x` is the left side of the layer, `y` the middle of the item."""

    x: float
    y: float
    width: float


def draw(picture: View) -> str:
    """The picture as SVG text. Names and marks contain no characters that need escapes."""
    layers = _ordered(_with_bends(picture), picture)
    slots = _places(layers)
    height = max(map(_stack, layers), default=0) + 2 * _MARGIN
    total = max((slot.x + slot.width for slot in slots.values()), default=0) + _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total:.0f} {height:.0f}" width="{total:.0f}" '
        f'height="{height:.0f}" role="img">',
        f"<title>{picture.title}</title><style>{_STYLE}</style>",
        '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" style="fill:#9aa5b1;stroke:none"/></marker></defs>',
    ]
    level = {item.name: at for at, layer in enumerate(layers) for item in layer if isinstance(item, Box)}
    for start, end in picture.edges:
        between = [slots[start, at] for at in range(level[start] + 1, level[end]) if (start, at) in slots]
        parts.append(_edge([slots[start, level[start]], *between, slots[end, level[end]]]))
    parts += [_node(box, slots[box.name, level[box.name]]) for box in picture.boxes]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _with_bends(picture: View) -> list[list[Item]]:
    """The layers, each with one bend per box whose edges cross it; no bends if there would be too many."""
    layers: list[list[Item]] = [list(layer) for layer in picture.layers]
    level = {box.name: at for at, layer in enumerate(picture.layers) for box in layer}
    farthest: dict[str, int] = {}
    for start, end in picture.edges:
        farthest[start] = max(farthest.get(start, 0), level[end])
    bends = [(start, at) for start, last in farthest.items() for at in range(level[start] + 1, last)]
    for start, at in bends if len(bends) <= _MOST_BENDS else ():
        layers[at].append(Bend(start))
    return layers


def _ordered(layers: list[list[Item]], picture: View) -> list[list[Item]]:
    """The layers after one sweep of the barycentre rule: each item near the middle of the items before it."""
    needs: dict[str, list[str]] = {}
    for start, end in picture.edges:
        needs.setdefault(end, []).append(start)
    place: dict[str, float] = {}  # the position of a box, or of its bend in the last layer with one
    found: list[list[Item]] = []
    for layer in layers:
        middles = [_middle(item, needs, place) for item in layer]
        ordered = [item for _, item in sorted(zip(middles, layer, strict=True), key=lambda pair: pair[0])]
        place.update({_name(item): index - (len(ordered) - 1) / 2 for index, item in enumerate(ordered)})
        found.append(ordered)
    return found


def _middle(item: Item, needs: dict[str, list[str]], place: dict[str, float]) -> float:
    before = [item.start] if isinstance(item, Bend) else needs.get(item.name, [])
    return sum(place[name] for name in before) / max(len(before), 1)


def _name(item: Item) -> str:
    return item.start if isinstance(item, Bend) else item.name


def _places(layers: list[list[Item]]) -> dict[tuple[str, int], Slot]:
    """The slot of every item by its name and layer."""
    heights = [_stack(layer) for layer in layers]
    slots: dict[tuple[str, int], Slot] = {}
    x = float(_MARGIN)
    for at, layer in enumerate(layers):
        width = max(_width(item) for item in layer if isinstance(item, Box))
        y = _MARGIN + (max(heights) - heights[at]) / 2
        for item in layer:
            slots[_name(item), at] = Slot(x, y + _height(item) / 2, width)
            y += _height(item) + _GAP_Y
        x += width + _GAP_X
    return slots


def _stack(layer: list[Item]) -> float:
    """The height of a layer."""
    return sum(map(_height, layer)) + (len(layer) - 1) * _GAP_Y


def _height(item: Item) -> float:
    return _HEIGHT if isinstance(item, Box) else 0


def _width(box: Box) -> float:
    return max(len(box.name), len(" ".join(box.marks)) * 0.85) * _CHARACTER + 24


def _edge(slots: list[Slot]) -> str:
    """A line from the first slot to the last, straight through those between."""
    curve = f"M{slots[0].x + slots[0].width:.1f} {slots[0].y:.1f}"
    for before, after in pairwise(slots):
        x1, x2 = before.x + before.width, after.x
        bend = max((x2 - x1) / 2, 20)
        curve += f"C{x1 + bend:.1f} {before.y:.1f} {x2 - bend:.1f} {after.y:.1f} {x2:.1f} {after.y:.1f}"
        if after is not slots[-1]:
            curve += f"H{after.x + after.width:.1f}"
    return f'<path d="{curve}" marker-end="url(#a)"/>'


def _node(box: Box, slot: Slot) -> str:
    marks = " ".join(box.marks)
    x, top = slot.x + slot.width / 2, slot.y - _HEIGHT / 2
    baseline = top + (15 if marks else 21)
    kind = ' class="f"' if box.is_finally else ""
    text = f'<text x="{x:.1f}" y="{baseline:.1f}" text-anchor="middle">{box.name}</text>'
    below = f'<text class="m" x="{x:.1f}" y="{top + 28:.1f}" text-anchor="middle">{marks}</text>'
    frame = f'<rect x="{slot.x:.1f}" y="{top:.1f}" width="{slot.width:.1f}" height="{_HEIGHT}"{kind}/>'
    return frame + text + (below if marks else "")
