"""Runs plans on this machine: Python 3.9, standard library only. Generated scripts carry its text."""

# The modules that a generated script holds, in the order in which they stand there.
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
