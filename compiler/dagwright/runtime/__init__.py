"""The local runtime: Python 3.9, standard library only. Generated scripts contain a copy of its text."""

# The modules in a generated script, in order; `meaning/` is below the runtime.
MODULES = (
    "meaning.values",
    "runtime.evaluate",
    "meaning.environment",
    "runtime.processes",
    "runtime.step",
    "runtime.model",
    "meaning.rules",
    "runtime.artifacts",
    "runtime.work_folder",
    "runtime.record",
    "runtime.signals",
    "runtime.state",
    "runtime.masking",
    "runtime.reading",
    "runtime.scheduler",
    "runtime.trace",
    "meaning.bounds",
    "runtime.inputs",
    "runtime.lines",
    "runtime.session",
    "runtime.wording",
    "runtime.dry_run",
    "runtime.streams",
    "runtime.main",
)
