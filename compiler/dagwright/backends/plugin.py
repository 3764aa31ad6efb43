"""A backend of another package, and the error if it cannot be used."""

from __future__ import annotations

from dataclasses import dataclass

from dagwright.diagnostics.model import Report
from dagwright.source.tree import Scalar


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point: its target, its package, and the distribution that it belongs to.

    `origin` is the name of the distribution with its version; `problem` says why the entry point cannot be used.
    """

    target: str
    package: str
    distribution: str
    origin: str
    problem: str = ""


class PluginError(Exception):
    """A plug-in that cannot be used (E660), or whose code failed (E661)."""

    def __init__(self, plugin: Plugin, problem: str, *, failed: bool = False) -> None:
        super().__init__(problem)
        self.plugin = plugin
        self.problem = problem
        self.failed = failed

    def tell(self, report: Report, key: Scalar | None = None) -> None:
        """Report this as an error, at the key that names the target."""
        plugin, what = self.plugin, "failed" if self.failed else "cannot be used"
        report.error(
            "E661" if self.failed else "E660",
            f"the plug-in for target `{plugin.target}` {what}",
            None if key is None else key.span,
            label="" if key is None else "this target",
            notes=self._notes(),
            help=f"report it to the authors of `{plugin.distribution}`" if self.failed else self._way_out(),
        )

    def warn(self, report: Report) -> None:
        """Report that a list of targets leaves this one out."""
        message = f"the plug-in for target `{self.plugin.target}` is left out"
        report.warning("W660", message, None, notes=self._notes(), help=self._way_out())

    def _notes(self) -> list[str]:
        return [f"the package is {self.plugin.origin}", _one_line(self.problem)]

    def _way_out(self) -> str:
        return f"install another version of `{self.plugin.distribution}`, or uninstall it"


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    shown = "".join(c if c.isprintable() else "?" for c in line)
    return shown if len(shown) <= 300 else shown[:299] + "…"
