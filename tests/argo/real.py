"""The DAGs of real workflows as specs, stored outside the project (`DAGWRIGHT_REAL_DAGS` names their folder)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def files() -> list[Path]:
    """All DAGs; [] if they are not on this machine."""
    folder = os.environ.get("DAGWRIGHT_REAL_DAGS") or str(ROOT.parent / "shared" / "real" / "wfinstances")
    return sorted(Path(folder).glob("*.json"))


def spec_of(path: Path) -> str:
    """A spec with the graph of a file: each task calls its program with its own name."""
    tasks: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["tasks"]
    names = _names([task["id"] for task in tasks])
    lines = [
        "apiVersion: dagwright/v1",
        f"name: {_word(path.stem)[:40].strip('_').replace('_', '-')}",
        "defaults: {image: busybox}",
        "tasks:",
    ]
    for task in tasks:
        needs = ", ".join(names[parent] for parent in task["parents"])
        command = f"command: [{json.dumps(task['program'])}, {json.dumps(task['id'])}]"
        lines.append(f"  {names[task['id']]}: {{{command}{f', needs: [{needs}]' if needs else ''}}}")
    return "\n".join(lines) + "\n"


def _names(ids: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for given in ids:
        word = name = _word(given)[:50].strip("_")
        count = 1
        while name in taken:
            count += 1
            name = f"{word}_{count}"
        taken.add(name)
        found[given] = name
    return found


def _word(text: str) -> str:
    word = re.sub("[^a-z0-9]+", "_", text.lower()).strip("_")
    return word if word[:1].isalpha() else f"t_{word}"
