"""Names of a pipeline as written in a manifest.

Names of the language are snake case without double underscores, so replacing `_` by `-` is one-to-one, and only
Dagwright's names contain `--`. Words reserved by the language (`params`, `outputs`, `tasks` …) are also Dagwright's.
"""

from __future__ import annotations

PARAMS = "params"  # the first task: it stores and checks the given params, without a pod
CHECK = "params--check"  # the template that checks the given params
KEPT = "params--kept"  # the template that stores the given params
ENTRY = "run--start"  # a task without a pod before tasks that must not be evaluated with the whole DAG
FINALLY = "run--finally"  # the DAG of the tasks of `finally`: the exit handler of the Workflow
NO_POD = "no--pod"  # the template of a task that ends at once
EACH = "each"  # the loop inside the DAG of a fan-out
RUN = "run"  # the task itself inside the DAG of one instance
STATES = "part--states"  # a task without a pod that stores the states of its part for other parts
INDEX = "index"

CALLER = "{{tasks.name}}"  # the tag of the name of the DAG task that calls a template
CALLING_TASK = "{{= replace(tasks.name, '-', '_') }}"  # the tag of the name of the calling task in the language

FIRST = frozenset({PARAMS, "main"})  # templates printed before those of tasks

OUT_VOLUME = "dw-out"
IN_VOLUME = "dw-in"
OUT_PATH = "/dw/out"
IN_PATH = "/dw/in"


def kebab(name: str) -> str:
    """The name of a task, of its template, or of a label's part: `load_all` is `load-all`."""
    return name.replace("_", "-")


def helper(task: str, part: str) -> str:
    """The name of an additional template for a task: `train--each`."""
    return f"{kebab(task)}--{part}"


def input_tag(name: str) -> str:
    """The tag of an input parameter."""
    return "{{inputs.parameters." + name + "}}"


def artifact(name: str) -> str:
    """The name of an artifact input; the name of a direct reference (`ingest.dataset`) has a dot."""
    return name.replace(".", "-")


def global_output(task: str, output: str) -> str:
    """The workflow-wide name of an output that may be absent; the first `_` separates task and output."""
    return f"{kebab(task)}_{output}"


def entrypoint(templates: frozenset[str]) -> str:
    """The name of the first template: `main`, unless a task has this name."""
    return "main" if "main" not in templates else "main--dag"
