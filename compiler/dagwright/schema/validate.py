"""The check of a tree against the schema: fast for valid trees, with detailed messages for others."""

from __future__ import annotations

from dagwright.diagnostics.model import Report
from dagwright.schema.accept import acceptor
from dagwright.schema.targets import NO_ADDITIONS, Additions
from dagwright.source.tree import Node


def validate(node: Node, report: Report, root: str = "pipeline", additions: Additions = NO_ADDITIONS) -> None:
    """Report every violation of the schema in the tree (E200-E249).

    `root` is `pipeline`, `components` for a file of components, or `vars` for a pipeline of which only `vars` counts.
    """
    if acceptor(root, additions)(node):
        return
    from dagwright.schema.explain import explain

    explain(node, report, root, additions)
