"""Scripts: literal texts for an interpreter, without references and short enough for one argument."""

from __future__ import annotations

from dagwright.diagnostics.model import Report
from dagwright.expressions.compile import first_reference
from dagwright.source.tree import Scalar

MAX_BYTES = 64 * 1024


def check_script(task: str, key: Scalar, script: Scalar, report: Report) -> None:
    """Report a script that is too long (E214) or contains a reference (E430)."""
    size = len(script.text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES and report.is_new("E214", key.span):
        report.error(
            "E214",
            f"the script of `{task[:24]}` has {size} bytes in UTF-8, but at most {MAX_BYTES} are possible",
            key.span,
            label="too long",
            help="put the program into a file in the image or the work folder, and run it with `command`",
        )
    where = first_reference(script.text)
    if where is not None:
        _report_reference(script, where, task, report)


def _report_reference(script: Scalar, where: tuple[int, int], task: str, report: Report) -> None:
    found = script.text[slice(*where)]
    reference = found if found.endswith("}}") else "${{ ... }}"
    report.error(
        "E430",
        f"the script of `{task}` holds a reference, and scripts are never interpolated",
        script.part(*where),
        label="would stay as it is",
        notes=["a value that is pasted into code can become code"],
        help=f'add `env: {{VALUE: "{reference}"}}` and read "$VALUE" in the script',
    )
