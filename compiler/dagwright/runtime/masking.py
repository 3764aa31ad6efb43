"""Masking of secrets in output and records."""

import json
from typing import Any, Iterable, Iterator

_SHORTEST = 4  # characters of the shortest masked secret; shorter ones would match other text


class Mask:
    """A mask for the values of secrets in texts: whole values, each line of longer ones, and all of these as JSON."""

    def __init__(self, secrets: Iterable[str]) -> None:
        parts = (part for secret in secrets for part in (secret, *secret.splitlines()))
        found = {spelt for part in parts if len(part) >= _SHORTEST for spelt in _spellings(part)}
        self._found = sorted(found, key=lambda part: (-len(part), part))  # longer parts first

    def __call__(self, text: str) -> str:
        for secret in self._found:
            if secret in text:
                text = text.replace(secret, "***")
        return text

    def data(self, value: Any) -> Any:
        """A JSON value with all its texts masked."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, list):
            return [self.data(item) for item in value]
        if isinstance(value, dict):
            return {self(key): self.data(item) for key, item in value.items()}
        return value


def _spellings(text: str) -> Iterator[str]:
    yield text
    for ascii_only in (True, False):
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1]
