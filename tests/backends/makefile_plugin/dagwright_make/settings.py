"""`targets.make`: the settings, and their readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from dagwright.backends.settings import Reader, read_number, read_settings, read_text, settings_of
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.source.span import NOWHERE, Span
from dagwright.source.tree import Node


@dataclass(frozen=True, slots=True)
class MakeSettings:
    """`targets.make`. `jobs` limits parallel tasks; `shell` runs the commands."""

    jobs: int = 1
    shell: str = "/bin/sh"
    origin: Span = field(default=NOWHERE, compare=False, repr=False)
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)


_READERS: dict[str, Reader] = {"jobs": read_number, "shell": read_text}


def settings(pipeline: Pipeline) -> MakeSettings:
    """The settings of a pipeline, or the defaults."""
    return settings_of(pipeline, "make", MakeSettings)


def read(node: Node, report: Report) -> MakeSettings:
    """The settings of a valid `targets.make`."""
    return MakeSettings(**read_settings(node, _READERS, report))
