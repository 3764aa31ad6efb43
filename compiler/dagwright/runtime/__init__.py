"""The local runtime: Python 3.9, standard library only. Generated scripts contain a copy of its text."""

# The modules in a generated script, in order.
MODULES = (
    "values",
    "evaluate",
    "environment",
    "processes",
    "step",
    "model",
    "rules",
    "artifacts",
    "work_folder",
    "record",
    "signals",
    "state",
    "masking",
    "reading",
    "scheduler",
    "trace",
    "bounds",
    "inputs",
    "lines",
    "session",
    "wording",
    "dry_run",
    "streams",
    "main",
)
