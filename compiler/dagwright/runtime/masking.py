"""Secrets in what is shown or written down."""

from typing import Iterable

_SHORTEST = 4  # characters of a secret that can be told from other text


class Mask:
    """Takes the values of secrets out of texts: whole, and each line of one that has several."""

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {part for secret in secrets for part in (secret, *secret.splitlines()) if len(part) >= _SHORTEST}
        self._found = sorted(found, key=lambda part: (-len(part), part))  # one that holds another goes first

    def __call__(self, text: str) -> str:
        for secret in self._found:
            if secret in text:
                text = text.replace(secret, "***")
        return text
