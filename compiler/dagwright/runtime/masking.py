"""Secrets in what is shown or written down."""

import json
from typing import Any, Iterable, Iterator

_SHORTEST = 4  # characters of a secret that can be told from other text


class Mask:
    """Takes the values of secrets out of texts: whole, each line of one that has several, and all that as JSON."""

    def __init__(self, secrets: Iterable[str]) -> None:
        parts = (part for secret in secrets for part in (secret, *secret.splitlines()))
        found = {spelt for part in parts if len(part) >= _SHORTEST for spelt in _spellings(part)}
        self._found = sorted(found, key=lambda part: (-len(part), part))  # one that holds another goes first

    def __call__(self, text: str) -> str:
        for secret in self._found:
            if secret in text:
                text = text.replace(secret, "***")
        return text

    def data(self, value: Any) -> Any:
        """The same of all texts within a value of JSON."""
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
