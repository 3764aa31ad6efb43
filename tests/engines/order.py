"""The order of test files in several processes: the longest come first, so that all processes end together."""

from __future__ import annotations

import pytest

LONGEST = (
    "test_conformance.py",
    "test_runtime_steps.py",
    "test_runtime_processes.py",
    "test_howto.py",
    "test_quality.py",
    "test_runtime_runs.py",
    "test_examples.py",
    "test_random_pipelines.py",
    "test_tutorial.py",
    "test_commands.py",
    "test_usage.py",
    "test_completion.py",
    "test_processes.py",
    "test_marked.py",
    "test_site.py",
    "test_agreement.py",
    "test_runtime_idle.py",
    "test_runtime_script.py",
    "test_runtime_rules.py",
    "test_argo_large.py",
    "test_compile_check.py",
    "test_init.py",
    "test_discovery.py",
    "test_runtime_work_folder.py",
    "test_words.py",
    "test_forks.py",
)
_PLACES = {name: place for place, name in enumerate(LONGEST)}


def place(item: pytest.Item) -> int:
    """The place of the file of a test among the longest; other files come after them."""
    return _PLACES.get(item.path.name, len(LONGEST))
