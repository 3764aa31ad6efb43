"""Masking of secrets in output and records."""

import base64
import json
from typing import Any, Iterable, Iterator
from urllib.parse import quote, quote_plus

_SHORTEST = 4  # characters of the shortest masked secret; shorter ones would match other text


class Mask:
    """A mask for the values of secrets in texts: whole values, and each line of longer ones.

    Each is found as it is, and as JSON, base64 or part of a URL.
    """

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
    raw = text.encode("utf-8", "surrogatepass")
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
    for before in range(3):  # base64 has three forms, by the position of the text in a longer one
        whole = base64.b64encode(b"\0" * before + raw).decode("ascii")
        # The first and last characters also depend on the text around the secret.
        found = whole[(0, 2, 3)[before] : len(whole) - (0, 3, 2)[(before + len(raw)) % 3]]
        if len(found) >= _SHORTEST:
            yield found
            yield found.replace("+", "-").replace("/", "_")
