"""Words of other tools with their meaning here: Airflow, Argo, GitHub Actions, GitLab, KFP, dbt, Snakemake.

The words are folded: in lower case, without `-`, `_` and blanks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from dagwright.diagnostics.suggest import suggest

# The meaning of a word: a key of the same mapping; a dotted path of keys from there or from the top of the file; `@`
# and a section of the page on limits, for features that do not exist; or (with a blank in it) the whole help line.
_COMMAND = "write `command: [program, argument]`, or `script: ...` for text that a shell runs"
_NAMED_BY_KEY = "remove it: the key of a task is its name"
_PARAMS = "declare the values of a run once, under `params:` at the top; write `${{ params.name }}` here"
_RUN_FAILED = "write the tasks under `finally:`, each with `when: run.status == 'failed'`"
_CALLBACKS = (
    "onfailurecallback onsuccesscallback onretrycallback onexecutecallback onskippedcallback slamisscallback sla hooks "
    "notify notifications email emailonfailure emailonretry"
)
_CACHE = "cache caching cached cachekey cachingoptions enablecaching cachestrategy memoize memo"
_LOCKS = "poolslots semaphore mutex synchronization lock resourcegroup concurrencygroup"
_PLACEMENT = (
    "nodeselector tolerations affinity nodename priorityclassname schedulername runtimeclassname hostaliases "
    "imagepullsecrets securitycontext executor executorconfig podspecpatch"
)

_ACTION = {
    "uses": "component use template templateref ref extends taskref",
    "with": "arguments componentargs opkwargs opargs kwargs",
    "image": "docker container dockerimage containerimage baseimage",
    "env": "environment variables vars envs envvars environ environmentvariables",
    "timeout": "timeoutseconds timeoutminutes executiontimeout activedeadlineseconds maxtime timelimit deadline",
    "workdir": "workingdir workingdirectory cwd directory chdir",
    "script": "source code inline",
    "outputs": "artifacts produces output results returns",
    "inputs": "input consumes",
    "secrets": "secret envfrom secretenv",
    "description": "desc doc docs docmd comment help summary",
    "labels": "label tags annotations metadata",
    "interpreter": "executable interpreterargs",
    "write `interpreter: [bash, -c]`, and the text in `script`": "shell",
    "retry.limit": "retries maxretries retrylimit retrycount numretries",
    "retry.delay": "retrydelay retryinterval",
    "retry.max_delay": "maxretrydelay",
    "write `retry: {limit: 2}`, one less than the number of attempts": "attempts maxattempts",
    "write `retry: {factor: 2}`": "retryexponentialbackoff exponentialbackoff",
    "retry": "retrystrategy",
    "resources.cpu": "cpus cores threads",
    "resources.memory": "mem ram",
    "resources.gpu": "gpus accelerators",
    "resources": "requests limits",
    _COMMAND: "cmd run args argv bash bashcommand exec entrypoint commands",
    "write `script: ...` and `interpreter: [python3, -c]`": "python pythoncallable pythonscript",
    "write it as the first or last lines of the `script`": "beforescript afterscript setup teardown",
    "write `image: python:3.11`, the container that the task runs in": "runson runsin",
    _NAMED_BY_KEY: "name id taskid key displayname jobname",
    "remove it: the kind of a task follows from `command`, `script` or `uses`": "type kind operator",
    "write each step as a task, or all of them in one `script`": "steps step",
    "@groups-and-sub-pipelines": "pipeline subdag subworkflow dag taskgroup tasks workflowtemplate trigger triggerdag",
    "@cache-results": _CACHE,
    "@volumes-and-sidecars": "volumes volumemounts sidecars services initcontainers daemon",
    "@retry-only-some-failures": "retrypolicy retryon retryexitcodes",
}
_TASK = {
    "needs": "dependencies dependson depends deps requires require after upstream upstreams waitsfor runafter "
    "dependenttasks",
    "when": "if condition onlyif runif",
    "write `when: not (...)`": "unless skipif",
    "write `when:` with one expression, such as `when: params.full`": "rules only except",
    "write `trigger_rule: all_done`": "always runalways",
    "foreach": "withitems withparam loop each map expand items forall parameteriterator",
    "write `foreach: [0, 1, 2]`": "withsequence",
    "write what is below it in the task itself: `matrix: {model: [a, b]}`, `max_parallel: 2`": "strategy",
    "max_parallel": "parallelism maxactivetisperdag maxactivetisperdagrun maxactive maxconcurrency maxparalleltasks",
    "write `max_parallel: 4` for instances at a time; `matrix: {part: [1, 2]}` makes instances": "parallel",
    "write `needs: [this_one]` in the task that comes after": "onsuccess next then downstream downstreams before",
    "remove it: the order of tasks follows from `needs`": "stage weight",
    _PARAMS: "params parameters param",
    "@callbacks": f"onfailure onerror catch onfail onexit {_CALLBACKS}",
    "@ignore-failures": "continueonerror allowfailure continueon ignoreerrors ignorefailure softfail",
    "@wait-for-something": "waitfor wait waituntil sensor sensors poke pokeinterval delay startin deferrable",
    "@earlier-runs": "dependsonpast waitfordownstream waitforpastdependsbeforeskipping",
    "@approval-by-a-person": "suspend manual approve approval pause",
    "@priority-of-a-task": "priority priorityweight weightrule",
    "@locks-and-pools": f"concurrency {_LOCKS}",
    "@placement-of-one-task": _PLACEMENT,
    "@conditions-on-items": "where filter",
    "@fail-fast": "failfast",
}
_USE = "this belongs to the task that uses the component"

FOREIGN: dict[str, dict[str, str]] = {
    "pipeline": {
        "tasks": "dag jobs job step steps nodes node task stage workflow ops operators dags rule models",
        "params": "parameters param arguments args inputs config",
        "vars": "constants globals locals",
        "schedule.cron": "cron scheduleinterval crontab cronexpression",
        "schedule": "schedules",
        "schedule.timezone": "timezone tz",
        "schedule.catchup": "catchup backfill",
        "schedule.start": "startdate start",
        "schedule.overlap": "concurrencypolicy overlap",
        "finally": "onexit exithandler teardown afterall cleanup always",
        _RUN_FAILED: "onfailure onerror onfailurecallback",
        "write the tasks under `finally:`, each with `when: run.status == 'succeeded'`": "onsuccess onsuccesscallback",
        "defaults": "defaultargs default taskdefaults",
        "name": "id dagid pipelineid title pipeline pipelinename",
        "apiVersion": "version schemaversion specversion",
        "remove it: `apiVersion` says what the file is": "kind",
        "components": "templates component tasktemplates tasktypes include import",
        "labels": "tags annotations label",
        "targets": "target engines engine backend backends",
        "owner": "owners author authors team maintainer",
        "description": "desc doc docs docmd",
        "write what is below it at the top of the file": "metadata spec",
        "remove it, and write `tasks:`; their order follows from `needs`": "stages",
        "secrets belong to the tasks that need them: `secrets: {TOKEN: {name: deploy, key: token}}`": "secrets secret",
        "outputs belong to the tasks that make them: `outputs: {model: file}`": "outputs artifacts output",
        "defaults.image": "image docker container",
        "defaults.env": "env environment variables",
        "defaults.retry.limit": "retries",
        "defaults.retry": "retry retrystrategy",
        "defaults.resources": "resources",
        "defaults.workdir": "workdir",
        "defaults.interpreter": "interpreter shell",
        "write `targets: {airflow: {max_active_tasks: N}, argo: {parallelism: N}}`": "maxactivetasks parallelism "
        "maxparallel",
        "@time-limit-of-a-run": "timeout dagruntimeout activedeadlineseconds timeoutminutes timeoutseconds deadline",
        "@number-of-runs-at-once": "maxactiveruns concurrency",
        "@start-without-a-schedule": "on trigger triggers datasets assets events webhook",
        "@callbacks": "hooks notify notifications email slamisscallback",
        "@cache-results": _CACHE,
        "@locks-and-pools": _LOCKS,
        "@volumes-and-sidecars": "volumes volumeclaimtemplates sidecars services",
        "@earlier-runs": "dependsonpast",
        "@fail-fast": "failfast failstop",
    },
    "component file": {"components": "component templates tasks task"},
    "task": {**_ACTION, **_TASK},
    "component": {**_ACTION, _USE: "needs when triggerrule matrix foreach maxparallel if dependson dependencies",
                  "inputs": "params parameters input arguments",
                  "with": "componentargs opkwargs opargs kwargs"},
    "defaults": {
        **{key: words for key, words in _ACTION.items() if key not in ("uses", "with", "script", "outputs", "inputs",
           "secrets", "description", _COMMAND, _NAMED_BY_KEY)},
        "this belongs to each task": "command script uses with needs when triggerrule matrix foreach maxparallel "
        "inputs outputs secrets description run cmd",
    },
    "retry": {
        "limit": "retries max count times maxretries number",
        "factor": "multiplier backofffactor backoffrate",
        "write `factor: 2`": "backoff exponential exponentialbackoff",
        "write `limit: 2`, one less than the number of attempts": "attempts maximumattempts maxattempts",
        "delay": "wait interval duration pause initialdelay minwait sleep seconds",
        "max_delay": "maxwait maxinterval maxduration maximuminterval cap maxretrydelay",
        "@retry-only-some-failures": "when retrypolicy expression exitcodes onexitcodes on nonretryableerrortypes",
    },
    "schedule": {
        "cron": "expression schedule interval cronexpression at every schedules crontab",
        "timezone": "tz zone timeszone",
        "overlap": "concurrencypolicy",
        "start": "startdate begin from since",
        "catchup": "backfill",
        "a schedule has no end; remove it": "end enddate until stop",
        "@number-of-runs-at-once": "concurrency maxactiveruns",
    },
    "resources": {
        "cpu": "cpus cores cpurequest threads",
        "memory": "mem ram memoryrequest",
        "gpu": "gpus nvidia.com/gpu accelerator accelerators",
        "write `cpu`, `memory` and `gpu` in `resources` itself": "requests limits",
    },
    "param": {
        "default": "value defaultvalue",
        "minimum": "min ge gte",
        "maximum": "max le lte",
        "min_length": "minlen",
        "max_length": "maxlen",
        "enum": "choices values options allowed oneof allowedvalues",
        "description": "desc help title doc",
        "remove it: a param is required if it has no `default`": "required optional nullable",
    },
    "output": {"filename": "path file name filepath location valuefrom", "default": "value", "description": "desc doc"},
    "input": {"default": "value", "description": "desc doc",
              "remove it: an input is required if it has no `default`": "required optional"},
    "secret": {"name": "secret secretname ref", "key": "secretkey field entry"},
}  # fmt: skip

# Values of other tools, by key; `#` is any number.
_EACH_NEED = "write `trigger_rule: all_done`, and `when: tasks.a.status {}` for each need `a`, joined with `and`"
VALUES: dict[str, dict[str, str]] = {
    "type": {
        "string": "str text varchar char",
        "integer": "int int64 int32 long",
        "number": "float double decimal real float64",
        "boolean": "bool",
        "json": "dict object list array map any struct",
        "file": "path filepath artifact model dataset",
        "directory": "dir folder",
    },
    "trigger_rule": {
        "any_failed": "onefailed onfailure failed",
        "all_done": "always done finished alldonesetupsuccess",
        "all_success": "success onsuccess succeeded",
        "@start-before-all-needs-have-ended": "onesuccess onedone",
        _EACH_NEED.format("== 'failed'"): "allfailed",
        _EACH_NEED.format("== 'skipped'"): "allskipped",
        _EACH_NEED.format("!= 'skipped'"): "noneskipped",
    },
    "overlap": {
        "forbid": "never no skip false queue 1",
        "allow": "yes true parallel",
        "@number-of-runs-at-once": "# replace cancel",
    },
}

# Functions of other tools that decide when a task runs, with the equivalent trigger rule.
CONDITIONS = {"always": "all_done", "failure": "any_failed", "success": "all_success", "on_failure": "any_failed",
              "on_success": "all_success"}  # fmt: skip

# Words of other languages in expressions.
FUNCTIONS = {
    "len": "length size count",
    "string": "str tostring",
    "integer": "int toint",
    "number": "float double tofloat",
    "boolean": "bool tobool",
    "to_json": "tojson",
    "from_json": "fromjson json jsonparse",
    "starts_with": "startswith",
    "ends_with": "endswith",
    "default": "coalesce",
    "if": "iif ternary",
    "lower": "tolower lowercase",
    "upper": "toupper uppercase",
    "contains": "includes",
    "format_date": "strftime date dateformat",
    "max": "maximum",
    "min": "minimum",
    "trim": "strip trimspace",
    "replace": "gsub",
    "join": "implode",
    "slug": "slugify kebabcase",
    "sum": "total",
}
ROOTS = {
    "params": "parameters param variables",
    "vars": "var",
    "tasks": "needs steps jobs task nodes",
    "run": "workflow dag dagrun pipeline",
    "item": "each value",
}
OUTSIDE = frozenset(["github", "gitea", "gitlab", "runner", "job", "conn", "ci", "pod", "node"])
STATUS = {
    "succeeded": "success sucess ok done passed complete completed",
    "failed": "failure error errored fail",
    "skipped": "skip",
    "upstream_failed": "omitted upstreamfailed",
}

_LOOKALIKES = str.maketrans("асеһіјорѕухԁӏοαν", "acehijopsyxdloav")
_SHORT = 6
_SEPARATORS = re.compile(r"[-_\s]+")


def fold(word: str) -> str:
    """A word with common variations removed: case, separators, look-alikes of other alphabets, full-width forms."""
    plain = unicodedata.normalize("NFKC", word).casefold().translate(_LOOKALIKES)
    return _SEPARATORS.sub("", "".join(c for c in plain if unicodedata.category(c) != "Cf"))


def synonym(table: dict[str, str], word: str) -> str | None:
    """The word here for a word of another language in one of the small tables above, or None."""
    return _find(table, word)


def _find(table: Mapping[str, str], word: str) -> str | None:
    folded = fold(word)
    return next((ours for ours, theirs in table.items() if folded in theirs.split()), None)


Table = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Words:
    """Words of other tools: for keys by the title of their mapping, for values by their key."""

    keys: Table
    values: Table

    def key(self, title: str, word: str) -> str | None:
        """The meaning of a word of another tool in the mapping `title`, or None."""
        return _find(self.keys.get(title, {}), word)

    def nearly_key(self, title: str, word: str) -> str | None:
        """The meaning of a misspelled word in the mapping `title`, or None; short words are not enough."""
        table = self.keys.get(title, {})
        folded = fold(word)
        meant = suggest(folded, " ".join(table.values()).split()) if len(folded) > _SHORT else None
        return None if meant is None else _find(table, meant)

    def value(self, key: str, word: str) -> str | None:
        """The value at `key` for a value of another tool, or None."""
        table = self.values.get(key, {})
        return _find(table, word) or (_find(table, "#") if word.isdigit() else None)

    def joined(self, other: Words) -> Words:
        """These words and others; where both have a meaning for a word, the first one counts."""
        return Words(_joined(self.keys, other.keys), _joined(self.values, other.values))


def _joined(first: Table, second: Table) -> Table:
    return {name: _both(first.get(name, {}), second.get(name, {})) for name in {**first, **second}}


def _both(first: Mapping[str, str], second: Mapping[str, str]) -> Mapping[str, str]:
    return {ours: f"{first.get(ours, '')} {second.get(ours, '')}" for ours in {**first, **second}}


LANGUAGE = Words(FOREIGN, VALUES)
