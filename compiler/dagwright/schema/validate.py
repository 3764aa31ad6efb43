"""The check of a tree against the language: fast where it is right, wordy where it is wrong."""

from __future__ import annotations

from dagwright.diagnostics.model import Report
from dagwright.schema.accept import acceptor
from dagwright.source.tree import Node


def validate(node: Node, report: Report, root: str = "pipeline") -> None:
    """Report (E200-E249) everything in the tree that the language does not allow.

    `root` is `pipeline`, or `components` for a file of components.
    """
    if acceptor(root)(node):
        return
    from dagwright.schema.explain import explain

    explain(node, report, root)
