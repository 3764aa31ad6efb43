"""The picture for a terminal: one line per task, in waves, with the needs of the task."""

from __future__ import annotations

from dagwright.graph.view import View


def draw(picture: View) -> str:
    """The waves, numbered from 1; tasks of one wave do not wait for each other."""
    needs: dict[str, list[str]] = {}
    for start, end in picture.edges:
        needs.setdefault(end, []).append(start)
    last = {box.name for box in picture.boxes if box.is_finally}
    width = max((len(_label(box.name, box.marks)) for box in picture.boxes), default=0)
    lines = [f"{picture.title}: {_count(len(picture.boxes), 'task')} in {_count(len(picture.layers), 'wave')}"]
    for number, layer in enumerate(picture.layers, start=1):
        for index, box in enumerate(layer):
            wave = f"{number:>3}" if index == 0 else "   "
            label = _label(box.name, box.marks)
            before = needs.get(box.name, [])
            after = "  <- everything (finally)" if box.is_finally and not last & set(before) else _after(before)
            lines.append(f"{wave}  {label:<{width}}{after}".rstrip())
    return "\n".join(lines) + "\n"


def _label(name: str, marks: tuple[str, ...]) -> str:
    return " ".join([name, *(f"[{mark}]" for mark in marks)])


def _after(needs: list[str]) -> str:
    shown = ", ".join(needs[:6]) + (f" and {len(needs) - 6} more" if len(needs) > 6 else "")
    return f"  <- {shown}" if needs else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
