"""What a misspelt word was probably meant to be."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

_LONGEST = 80  # words longer than this are no slips of the pen
_MOST = 2_000  # candidates that are compared one by one

# Words of other tools for our keys, to be passed as `synonyms` where keys are meant and not names of the user's.
OTHER_TOOLS: Mapping[str, str] = {
    "after": "needs",
    "args": "command",
    "cmd": "command",
    "concurrency": "max_parallel",
    "cron_schedule": "schedule",
    "dag_id": "name",
    "dependencies": "needs",
    "depends": "needs",
    "depends_on": "needs",
    "dependson": "needs",
    "docker": "image",
    "docker_image": "image",
    "container": "image",
    "cwd": "workdir",
    "entrypoint": "command",
    "environment": "env",
    "environment_variables": "env",
    "execution_timeout": "timeout",
    "for_each": "foreach",
    "if": "when",
    "condition": "when",
    "jobs": "tasks",
    "max_parallelism": "max_parallel",
    "nodes": "tasks",
    "parallelism": "max_parallel",
    "parameters": "params",
    "retries": "retry",
    "retry_policy": "retry",
    "run": "script",
    "runafter": "needs",
    "run_after": "needs",
    "schedule_interval": "schedule",
    "shell": "interpreter",
    "stages": "tasks",
    "steps": "tasks",
    "strategy": "matrix",
    "template": "uses",
    "timeout_minutes": "timeout",
    "timeout_seconds": "timeout",
    "upstream": "needs",
    "with_items": "foreach",
    "working_dir": "workdir",
    "working_directory": "workdir",
}


def suggest(word: str, candidates: Collection[str], synonyms: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The candidate that `word` was probably meant to be, or None. Other tools' words count where ours is possible."""
    if not word or not candidates or len(word) > _LONGEST:
        return None
    plain = _plain(word)
    same = next((candidate for candidate in candidates if _plain(candidate) == plain and candidate != word), None)
    if same is not None:
        return same
    meant = synonyms.get(plain) or synonyms.get(word.lower())
    if meant is not None and meant in candidates:
        return meant
    return _nearest(word, candidates)


def _plain(word: str) -> str:
    """A word without the differences of style: `maxParallel` and `Max-Parallel` are `max_parallel`."""
    snake = "".join(f"_{c}" if c.isupper() and i and word[i - 1].islower() else c for i, c in enumerate(word))
    return snake.lower().replace("-", "_").replace(" ", "_")


def _nearest(word: str, candidates: Collection[str]) -> str | None:
    """The candidate at the least edit distance, if that is small for the word's length; the first of equals."""
    from rapidfuzz.distance import OSA

    allowed = 1 if len(word) <= 4 else 2 if len(word) <= 8 else 3
    best: str | None = None
    for candidate in _plausible(word, candidates, allowed):
        distance = OSA.distance(word, candidate, score_cutoff=allowed)
        if distance <= allowed and distance < max(len(word), len(candidate)) / 2 + 0.5 and candidate != word:
            best, allowed = candidate, distance - 1
            if allowed < 1:
                break
    return best


def _plausible(word: str, candidates: Collection[str], allowed: int) -> list[str]:
    near = [candidate for candidate in candidates if abs(len(candidate) - len(word)) <= allowed]
    if len(near) <= _MOST:
        return near
    return [c for c in near if c[:1] == word[:1] or c[-1:] == word[-1:]][:_MOST]
