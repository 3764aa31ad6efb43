"""`depends`, `when` and `target` of tasks, chosen so that Argo's own states equal the language's states.

`depends` is false exactly if the task is `upstream_failed` (Argo's Omitted); `when` skips a task that is `skipped`.
Argo decides when every task in `depends` is terminal, so all ancestors are terminal too.
"""

from __future__ import annotations

from collections.abc import Collection

from dagwright.backends.argo import names
from dagwright.backends.argo.analysis.evaluation import can_fail, reads_only_run
from dagwright.backends.argo.analysis.facts import Facts, Need
from dagwright.backends.argo.exprlang.escape import tag
from dagwright.backends.argo.exprlang.references import References, status
from dagwright.backends.argo.exprlang.texts import condition
from dagwright.ir.expr import Expr
from dagwright.ir.graph import leaves
from dagwright.ir.model import Task

FAILED_PHASES = "['Failed', 'Error', 'Omitted']"


def depends(facts: Facts, task: Task, entry: str) -> str:
    """The `depends` of a task: a condition over the results of its needs. `entry` is the `depends` of the DAG's roots.

    A task that runs after failures also depends on `entry`, since the first tasks may have refused the run.
    """
    words = [_words(facts, task, need) for need in facts.needs(task)]
    if entry and (not task.needs or task.trigger_rule.runs_after_failure):
        words.insert(0, entry)
    return words[0].removeprefix("(").removesuffix(")") if len(words) == 1 else " && ".join(words)


def _words(facts: Facts, task: Task, need: Need) -> str:
    """The results of one need after which the task may start."""
    results = ["Succeeded"]
    if facts.can_skip(need):
        results.append("Skipped")
    if task.trigger_rule.runs_after_failure:
        results += [] if need.elsewhere else ["Failed", "Errored"]
        if need.elsewhere or facts.pipeline.by_name[need.tasks[0]].needs:
            results.append("Omitted")
    return any_of(need.name, results)


def any_of(task: str, results: list[str]) -> str:
    """`(a.Succeeded || a.Skipped)`, or a single result without parentheses."""
    words = " || ".join(f"{task}.{result}" for result in results)
    return f"({words})" if len(results) > 1 else words


def runs(facts: Facts, task: Task) -> str | None:
    """An expression: is the task not skipped? None if the task is never skipped."""
    parts = [part for part in (_not_skipped_by_rule(facts, task), _own(facts, task)) if part is not None]
    if len(parts) == 2:
        return " && ".join(f"({part})" for part in parts)
    return parts[0] if parts else None


def _not_skipped_by_rule(facts: Facts, task: Task) -> str | None:
    deciding = [need.name for need in facts.deciding(task)]
    if not deciding:
        return None
    match task.trigger_rule.row:
        case ("upstream_failed", "skipped", "skipped", "run"):
            return " && ".join(f"{status(need)} != 'Skipped'" for need in deciding)
        case ("upstream_failed", "skipped", "run", "run"):
            return " || ".join(f"{status(need)} != 'Skipped'" for need in deciding)
        case ("run", "skipped", "skipped", "skipped"):
            return " || ".join(f"{status(need)} in {FAILED_PHASES}" for need in deciding)
    raise AssertionError(f"no condition for {task.trigger_rule}")


def _own(facts: Facts, task: Task) -> str | None:
    if task.when is None:
        return None
    expression = condition(task.when, References(facts, task))
    return f"{status_of_scope(facts, task)} != '' && ({expression})" if is_early(task.when) else expression


def is_early(expr: Expr) -> bool:
    """Whether Argo would evaluate the expression together with the whole DAG, so that an error ends the run."""
    return reads_only_run(expr) and can_fail(expr)


def status_of_scope(facts: Facts, task: Task) -> str:
    """An expression that Argo cannot resolve before the task is due."""
    return f"tasks['{facts.scope_of(task)}'].status"


def when(facts: Facts, task: Task) -> str | None:
    """The `when` of a task."""
    expression = runs(facts, task)
    return tag(expression) if expression is not None else None


def target(tasks: tuple[Task, ...], groups: Collection[str], always: tuple[str, ...] = ()) -> str | None:
    """The tasks whose results decide the DAG's result: leaves, and tasks whose failure other tasks may run after.

    The `groups`, which are DAGs and loops, are targets, too: a retry of the Workflow restarts the groups above the
    failed task, and Argo ends a restarted group only if it is a target or a need of a task that runs.
    None if the leaves are enough. The names in `always` are targets in any case.
    """
    ends = {names.kebab(task.name) for task in leaves(tasks)}
    handled = {names.kebab(need) for t in tasks if t.trigger_rule.runs_after_failure for need in t.needs}
    deciding = ends | handled | {*groups}
    if not always and deciding <= ends:
        return None
    return " ".join([*always, *(n for t in tasks if (n := names.kebab(t.name)) in deciding)])
