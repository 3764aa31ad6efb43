"""The lines of the compiler that a process runs. Every traced interpreter imports this, so it imports little."""

from __future__ import annotations

import ast
import atexit
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent.parent / "compiler" / "dagwright"
COPIED = ("meaning", "runtime")  # generated scripts contain functions of these packages
VARIABLE = "DAGWRIGHT_LINES"  # the folder in which a process leaves its lines
COPIED_FUNCTIONS = "functions"  # a file of that folder
SCRIPT = "script"  # the file name of code from generated scripts (`program/serve.py`)

Found = dict[str, set[int]]  # the lines by file, relative to the package
Functions = dict[str, tuple[str, int]]  # the file and the first line of a function, by its qualified name
Local = Callable[[FrameType, str, Any], Any]


class Lines:
    """The lines that have run since the last `take`."""

    def __init__(self, copied: Functions) -> None:
        self.found: Found = {}
        self._copied = copied
        self._tracers: dict[int, tuple[CodeType, Local | None]] = {}  # the code, so that its id stays its own

    def start(self) -> None:
        os.register_at_fork(after_in_child=self.take)
        threading.settrace(self._called)
        sys.settrace(self._called)

    def take(self) -> Found:
        taken = {file: set(lines) for file, lines in self.found.items() if lines}
        for lines in self.found.values():
            lines.clear()
        return taken

    def _called(self, frame: FrameType, event: str, argument: Any) -> Local | None:
        code = frame.f_code
        known = self._tracers.get(id(code))
        if known is None:
            known = self._tracers[id(code)] = code, self._tracer(code)
        return known[1]

    def _tracer(self, code: CodeType) -> Local | None:
        """A function that notes the lines of a function of the compiler; None for other functions."""
        if code.co_filename == SCRIPT:
            file, first = self._copied.get(code.co_qualname, ("", 0))
            offset = first - code.co_firstlineno
        else:
            file, offset = code.co_filename.removeprefix(f"{PACKAGE}{os.sep}"), 0
        if not file or os.path.isabs(file) or file.startswith("<"):
            return None
        add = self.found.setdefault(file, set()).add

        def note(frame: FrameType, event: str, argument: Any) -> Local:
            if event == "line":
                add(frame.f_lineno + offset)
            return note

        return note


def functions() -> Functions:
    """The functions that scripts contain."""
    found: Functions = {}
    for path in (path for folder in COPIED for path in (PACKAGE / folder).rglob("*.py")):
        _add(ast.parse(path.read_bytes()).body, "", str(path.relative_to(PACKAGE)), found)
    return found


def _add(body: list[ast.stmt], prefix: str, file: str, found: Functions) -> None:
    for node in body:
        if isinstance(node, ast.ClassDef):
            _add(node.body, f"{node.name}.", file, found)
        elif isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            found[prefix + node.name] = file, first


def follow(folder: str) -> None:
    """Trace this process and its forks; each leaves its lines in the folder when it ends."""
    lines = Lines(json.loads(Path(folder, COPIED_FUNCTIONS).read_text(encoding="ascii")))

    def leave() -> None:
        text = json.dumps({file: sorted(numbers) for file, numbers in lines.take().items()})
        place = Path(folder, f"{os.getpid()}-{time.monotonic_ns()}")
        place.write_text(text, encoding="ascii")
        place.rename(place.with_suffix(".json"))

    end = os._exit

    def leave_and_end(code: int) -> None:
        leave()
        end(code)

    os._exit = leave_and_end  # type: ignore[assignment]
    atexit.register(leave)
    lines.start()


def left(folder: Path) -> Found:
    """The lines of all processes that have ended; their files are removed."""
    found: Found = {}
    for path in folder.glob("*.json"):
        for file, numbers in json.loads(path.read_text(encoding="ascii")).items():
            found.setdefault(file, set()).update(numbers)
        path.unlink()
    return found
