"""The `targets:` block: settings per engine, which do not change the meaning of a pipeline."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Targets:
    """The settings of each target that the spec names, in its order.

    The settings of a target are a frozen value that only its backend knows.
    """

    settings: tuple[tuple[str, object], ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.settings)

    def of(self, name: str) -> object | None:
        """The settings of a target, or None if the spec does not name it."""
        return dict(self.settings).get(name)

    def replace(self, name: str, settings: object) -> Targets:
        """The same block with other settings for one target."""
        return Targets(tuple({**dict(self.settings), name: settings}.items()))
