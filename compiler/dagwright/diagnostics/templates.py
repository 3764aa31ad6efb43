"""Templates of other tools, with the equivalent expressions of this language."""

from __future__ import annotations

import re

# The text between the braces of another tool's template → the equivalent here; `{0}` is the first name in the text.
_TEMPLATES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(form), instead)
    for form, instead in (
        (r"ds", "run.date"),
        (r"ds_nodash", "format_date(run.scheduled_at, 'YYYYMMDD')"),
        (r"(?:ts|logical_date|execution_date|data_interval_(?:start|end))", "run.scheduled_at"),
        (r"ts_nodash", "format_date(run.scheduled_at, 'YYYYMMDDTHHmmss')"),
        (r"(?:dag_run\.)?run_id", "run.id"),
        (r"(?:dag_run\.conf|params)\.(\w+)", "params.{0}"),
        (r"(?:dag_run\.conf|params)\[['\"](\w+)['\"]\]", "params.{0}"),
        (r"(?:ti|task_instance)\.xcom_pull\(\s*(?:task_ids\s*=\s*)?\[?['\"](\w+)['\"].*\)", "tasks.{0}.outputs."),
        (r"(?:ds|ts|prev_|next_|yesterday_|tomorrow_|macros|execution_date|logical_date|data_interval_)\W?.*", ""),
        (r"(?:var|conn|dag|dag_run|ti|task|task_instance)\.[\w.]+.*", ""),
        (r"=?\s*inputs\.parameters\.([\w-]+)", "inputs.{0}"),
        (r"=?\s*inputs\.artifacts\.([\w-]+)\.path", "inputs.{0}"),
        (r"=?\s*outputs\.(?:artifacts|parameters)\.([\w-]+)\.path", "outputs.{0}"),
        (r"=?\s*workflow\.parameters\.([\w-]+)", "params.{0}"),
        (r"=?\s*(?:tasks|steps)\.([\w-]+)\.outputs\.(?:parameters|artifacts)\.([\w-]+)", "tasks.{0}.outputs.{1}"),
        (r"=?\s*(?:tasks|steps)\.([\w-]+)\.outputs\..*", "tasks.{0}.outputs."),
        (r"item", "item"),
        (r"item\.(\w+)", "item['{0}']"),
        (r"workflow\.(?:name|uid)", "run.id"),
        (r"workflow\.(?:creationTimestamp|scheduledTime)(?:\.RFC3339)?", "run.scheduled_at"),
        (r"=?\s*(?:workflow|pod|node|steps|tasks|inputs|outputs)\.[\w.-]+", ""),
        (r"(?:ref|source|var|env_var|config)\(.*\)", ""),
        (r"\$\.(?:inputs|outputs)\..*", ""),
    )
)


def equivalent(inner: str) -> str | None:
    """The expression for the text between the braces of another tool's template, or None for another text.

    It is empty if nothing here is equivalent, and ends with a dot if the name of an output must follow.
    """
    matches = ((form.fullmatch(inner.strip()), instead) for form, instead in _TEMPLATES)
    known = next(((match, instead) for match, instead in matches if match is not None), None)
    return known and known[1].format(*(name.replace("-", "_") for name in known[0].groups()))


_WHOLE = re.compile(r"\s*\{\{-?(?P<inner>[^{}]+?)-?\}\}\s*")


def equivalent_of_text(text: str) -> str | None:
    """The expression for a text that is one template, or None."""
    whole = _WHOLE.fullmatch(text)
    return equivalent(whole["inner"]) if whole is not None else None
