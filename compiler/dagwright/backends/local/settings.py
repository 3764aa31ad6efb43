"""`targets.local`: the settings, and their readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from dagwright.backends.settings import Reader, read_number, read_pairs, read_settings, read_texts, settings_of
from dagwright.diagnostics.model import Report
from dagwright.ir.model import Pipeline
from dagwright.source.span import NOWHERE, Span
from dagwright.source.tree import Node


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """`targets.local`. `max_parallel` limits parallel tasks; None means one per core.

    `workdirs` maps folders of images to folders below the work folder.
    """

    max_parallel: int | None = None
    pass_env: tuple[str, ...] = ()
    workdirs: tuple[tuple[str, str], ...] = ()
    origin: Span = field(default=NOWHERE, compare=False, repr=False)
    origins: tuple[tuple[str, Span], ...] = field(default=(), compare=False, repr=False)


_READERS: dict[str, Reader] = {"max_parallel": read_number, "pass_env": read_texts, "workdirs": read_pairs}


def settings(pipeline: Pipeline) -> LocalSettings:
    """The settings of a pipeline, or the defaults."""
    return settings_of(pipeline, "local", LocalSettings)


def read(node: Node, report: Report) -> LocalSettings:
    """The settings of a valid `targets.local`."""
    return LocalSettings(**read_settings(node, _READERS, report))
