"""How the names of a pipeline are spelt in a manifest.

Names of the language are snake case without double underscores, so `-` for `_` is one-to-one, and a name with `--`
can only be ours. Words that the language reserves (`params`, `outputs`, `tasks` …) can only be ours, too.
"""

from __future__ import annotations

PARAMS = "params"  # the first task: it checks or keeps what was given at run time, without a pod
INPUTS = "inputs"  # where the first task keeps params: the one after it, which checks them
OUTPUTS = "outputs"  # a task without a pod that makes absent outputs readable
TASKS = "tasks"  # where there is `finally`: the DAG of everything else
NO_POD = "no--pod"  # the template of a task that ends at once
EACH = "each"  # the loop inside the DAG of a fan-out
RUN = "run"  # the task itself inside the DAG of one instance
STAND_IN = "stand--in"  # the template of a task that has the state of tasks of another part
STATES = "part--states"  # a task without a pod that keeps the states of its part for others
INDEX = "index"

FIRST = frozenset({PARAMS, INPUTS, OUTPUTS, TASKS, "main"})  # templates that stand before those of tasks

OUT_VOLUME = "dw-out"
IN_VOLUME = "dw-in"
OUT_PATH = "/dw/out"
IN_PATH = "/dw/in"


def kebab(name: str) -> str:
    """The name of a task, of its template, or of a label's part: `load_all` is `load-all`."""
    return name.replace("_", "-")


def helper(task: str, part: str) -> str:
    """The name of another template that a task needs: `train--each`."""
    return f"{kebab(task)}--{part}"


def artifact(name: str) -> str:
    """The name of an artifact input; that of a direct reference (`ingest.dataset`) holds a dot."""
    return name.replace(".", "-")


def global_output(task: str, output: str) -> str:
    """The workflow-wide name of an output that may be absent; the first `_` divides task and output."""
    return f"{kebab(task)}_{output}"


def kept_param(name: str) -> str:
    """The workflow-wide name under which the first task keeps a param; no task is called `params`."""
    return f"{PARAMS}_{name}"


def entrypoint(templates: frozenset[str]) -> str:
    """The name of the first template: `main`, unless a task is called so."""
    return "main" if "main" not in templates else "main--dag"
