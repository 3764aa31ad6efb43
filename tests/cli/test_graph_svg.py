"""Lines of the SVG go around boxes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

SPEC = """
apiVersion: dagwright/v1
name: bends
tasks:
  a: {command: [x]}
  b: {command: [x], needs: a}
  c: {command: [x], needs: b}
  other: {command: [x]}
  d: {command: [x], needs: [c, other]}
"""


def test_a_long_edge_passes_between_the_boxes(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text(SPEC)
    command = [sys.executable, "-m", "dagwright", "graph", str(tmp_path / "pipeline.yaml"), "--as", "svg"]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    boxes = [
        tuple(map(float, found))
        for found in re.findall(r'<rect x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"', drawn)
    ]
    straight = re.findall(r" ([0-9.]+) ([0-9.]+)H([0-9.]+)", drawn)
    assert len(boxes) == 5
    assert len(straight) == 2  # `other` → `d` passes the layers of `b` and `c`
    for x1, y, x2 in (tuple(map(float, found)) for found in straight):
        assert not [box for box in boxes if box[0] < x2 and x1 < box[0] + box[2] and box[1] <= y <= box[1] + box[3]]
