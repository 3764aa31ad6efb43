"""The environment of a task: each variable comes from `env` or from `secrets`, never from both."""

from __future__ import annotations

from collections.abc import Mapping as Map

from dagwright.diagnostics.model import Label, Report
from dagwright.lower.merge import Field
from dagwright.source.tree import Mapping, Node, Scalar


def report_doubled(task: Mapping, env: Map[str, Field], secrets: Node | None, report: Report) -> None:
    """Report an E268 for each variable that a merged task defines twice, once per place in the source.

    Definitions from another file come before those of the spec itself.
    """
    if not isinstance(secrets, Mapping):
        return
    for name in [name for name in env if name in secrets.keys]:
        variable = env[name].key
        first, again = sorted((variable, secrets.keys[name]), key=lambda key: (key.source is task.source, key.start))
        if not report.is_new("E268", again.span):
            continue
        report.error(
            "E268",
            f"`{name[:40]}` is set by both `env` and `secrets`",
            again.span,
            label="the same variable again",
            secondary=[Label(first.span, "first here")],
            help="remove one of the two"
            if _within(variable, task)
            else f"write `env: {{{name}: null}}` in the task to remove the inherited one",
        )


def _within(key: Scalar, node: Node) -> bool:
    return key.source is node.source and node.start <= key.start < node.end
