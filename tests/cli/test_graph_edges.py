"""The edges of a picture: without those that follow from others, but with each that a trigger rule reads."""

from __future__ import annotations

from pathlib import Path

from program.running import dagwright

SPEC = """\
apiVersion: dagwright/v1
name: p
tasks:
  a: {command: [x]}
  b: {needs: a, command: [x]}
  c: {needs: [a, b], command: [x]}
  h: {needs: [a, b], trigger_rule: any_failed, command: [x]}
  d: {needs: [a, h], trigger_rule: none_failed, command: [x]}
"""


def test_needs_of_a_handler_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(SPEC)
    drawn = dagwright("graph", "p.yaml", "--as", "mermaid", cwd=tmp_path).stdout
    edges = [line.strip() for line in drawn.splitlines() if "-->" in line]
    assert edges == [f"t_{first} --> t_{then}" for first, then in ("ab", "ah", "ad", "bc", "bh", "hd")]
