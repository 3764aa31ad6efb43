"""Suggestions for misspelled words."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

_LONGEST = 80  # words longer than this are not typos
_FEW = 200  # candidates also compared in their plain form
_MOST = 10_000  # candidates compared at all
_SHORT = 4
_DIGITS = re.compile("[0-9]")


def suggest(word: str, candidates: Collection[str], synonyms: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The candidate that `word` was probably meant to be, or None. `synonyms` maps other words to candidates."""
    if not word or not candidates or len(word) > _LONGEST:
        return None
    plain = _plain(word)
    if plain != word and plain in candidates:
        return plain
    if len(candidates) <= _FEW:
        alike = [candidate for candidate in candidates if _plain(candidate) == plain and candidate != word]
        if alike:
            return min(alike)
    meant = synonyms.get(plain) or synonyms.get(word.lower())
    if meant is not None and meant in candidates:
        return meant
    return _nearest(word, candidates)


def _plain(word: str) -> str:
    """A word without differences of style: `maxParallel` and `Max-Parallel` are `max_parallel`."""
    snake = "".join(f"_{c}" if c.isupper() and i and word[i - 1].islower() else c for i, c in enumerate(word))
    return snake.lower().replace("-", "_").replace(" ", "_")


def _nearest(word: str, candidates: Collection[str]) -> str | None:
    """The candidate within two edits (one edit for a short word), or None if several are equally near.

    Names that differ only in their digits are different names, not misspellings.
    """
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    allowed = 1 if len(word) <= _SHORT else 2
    # a list, since rapidfuzz would compare the values of a mapping
    pool = list(candidates) if len(candidates) <= _MOST else sorted(candidates)[:_MOST]
    best = process.extractOne(word, pool, scorer=OSA.distance, score_cutoff=allowed)
    if best is None:
        return None
    distance = best[1]
    equals = process.extract(word, pool, scorer=OSA.distance, score_cutoff=distance, limit=None)
    near = {
        candidate
        for candidate, _, _ in equals
        if distance < max(len(word), len(candidate)) / 2 + 0.5
        and candidate != word
        and not (_DIGITS.search(word) and _DIGITS.sub("", word) == _DIGITS.sub("", candidate))
    }
    return near.pop() if len(near) == 1 else None
