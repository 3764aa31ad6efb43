"""Words of other tools, and what they are called here. Keys are folded: lower case, without `-`, `_` and blanks."""

from __future__ import annotations

import re
import unicodedata

from dagwright.diagnostics.suggest import suggest

# What a word stands for: a key of the same mapping, a dotted path of keys, or (with a blank in it) the whole help line.
_COMMAND = "write `command: [program, argument]`, or `script: ...` for text that a shell runs"
_AFTERWARDS = "add a task with `needs: [this_one]` and `trigger_rule: any_failed`"
_NAMED_BY_KEY = "a task is called by its key, so remove this line"
_PARAMS = "values of a run are declared once, under `params:` at the top; write `${{ params.name }}` here"

_ACTION = {
    "uses": "component use template templateref ref extends taskref",
    "with": "arguments componentargs",
    "image": "docker container dockerimage containerimage baseimage",
    "env": "environment variables vars envs envvars environ environmentvariables",
    "timeout": "timeoutseconds timeoutminutes executiontimeout activedeadlineseconds maxtime timelimit deadline",
    "workdir": "workingdir workingdirectory cwd directory chdir",
    "script": "source code inline",
    "outputs": "artifacts produces output results returns outlets",
    "inputs": "input consumes inlets",
    "secrets": "secret envfrom secretenv",
    "description": "desc doc docs docmd comment help summary",
    "labels": "label tags annotations metadata",
    "interpreter": "shell executable interpreterargs",
    "retry.limit": "retries maxretries retrylimit retrycount numretries attempts maxattempts",
    "retry.delay": "retrydelay retryinterval retrypolicy",
    "retry": "retrystrategy",
    "resources.cpu": "cpus cores",
    "resources.memory": "mem ram",
    "resources.gpu": "gpus accelerators",
    "resources": "requests limits",
    _COMMAND: "cmd run args argv bash bashcommand exec entrypoint commands",
    "write `script: ...` and `interpreter: [python3, -c]`": "python pythoncallable pythonscript",
    _NAMED_BY_KEY: "name id taskid key displayname",
    "remove it: the kind of a task follows from `command`, `script` or `uses`": "type kind operator",
    "another pipeline inside of this one is not in version 1; share components": "pipeline subdag subworkflow",
}
_TASK = {
    "needs": "dependencies dependson depends deps requires require after upstream upstreams waitfor waitsfor runafter",
    "when": "if condition onlyif runif unless",
    "trigger_rule": "trigger triggers runon always",
    "foreach": "withitems withparam loop each map expand items forall",
    "matrix": "strategy",
    "max_parallel": "parallel parallelism concurrency maxactivetisperdag maxactive maxconcurrency",
    _AFTERWARDS: "onfailure onerror onfailurecallback catch onfail",
    "write `needs: [this_one]` in the task that comes after": "onsuccess next then downstream downstreams before",
    "write `trigger_rule: all_done` in the tasks that run whatever becomes of this one": "continueonerror allowfailure "
    "continueon ignoreerrors softfail",
    "targets.airflow.pool": "pool",
    "targets.airflow.queue": "queue",
    "targets.argo.namespace": "namespace",
    "targets.argo.service_account": "serviceaccount serviceaccountname",
    "targets.argo.patch": "nodeselector tolerations affinity imagepullsecrets securitycontext priorityclassname",
    _PARAMS: "params parameters param",
}
_USE = "this belongs to the task that uses the component"

FOREIGN: dict[str, dict[str, str]] = {
    "pipeline": {
        "tasks": "dag jobs job steps step nodes node task stages stage workflow ops operators dags",
        "params": "parameters param arguments variables vars args inputs config",
        "schedule.cron": "cron scheduleinterval crontab cronexpression",
        "schedule": "on schedules trigger triggers",
        "schedule.timezone": "timezone tz",
        "schedule.catchup": "catchup backfill",
        "schedule.start": "startdate start",
        "schedule.overlap": "concurrency concurrencypolicy maxactiveruns overlap",
        "finally": "onfailure onexit exithandler teardown afterall hooks onerror onsuccess cleanup always",
        "defaults": "defaultargs default taskdefaults",
        "name": "id dagid pipelineid title pipeline pipelinename",
        "apiVersion": "version schemaversion specversion",
        "remove it: `apiVersion` says what the file is": "kind",
        "components": "templates component tasktemplates tasktypes",
        "labels": "tags annotations label",
        "targets": "target engines engine backend backends",
        "targets.airflow": "airflow",
        "targets.argo": "argo",
        "targets.local": "local",
        "owner": "owners author authors team maintainer",
        "description": "desc doc docs docmd",
        "write what is below it at the top of the file": "metadata spec",
        "secrets belong to the tasks that need them: `secrets: {TOKEN: {name: deploy, key: token}}`": "secrets secret",
        "outputs belong to the tasks that make them: `outputs: {model: file}`": "outputs artifacts output",
        "defaults.image": "image docker container",
        "defaults.env": "env environment",
        "defaults.retry": "retry retries retrystrategy",
        "defaults.timeout": "timeout",
        "defaults.resources": "resources",
        "defaults.workdir": "workdir",
        "defaults.interpreter": "interpreter shell",
    },
    "component file": {"components": "component templates tasks task"},
    "task": {**_ACTION, **_TASK},
    "component": {**_ACTION, _USE: "needs when triggerrule matrix foreach maxparallel if dependson dependencies",
                  "inputs": "params parameters input arguments"},
    "defaults": {
        **{key: words for key, words in _ACTION.items() if key not in ("uses", "with", "script", "outputs", "inputs",
           "secrets", "description", _COMMAND, _NAMED_BY_KEY)},
        "this belongs to each task": "command script uses with needs when triggerrule matrix foreach maxparallel "
        "inputs outputs secrets description run cmd",
    },
    "retry": {
        "limit": "retries max count attempts times maximumattempts maxattempts maxretries number",
        "factor": "backoff multiplier exponential backofffactor exponentialbackoff backoffrate",
        "delay": "wait interval duration pause initialdelay minwait sleep seconds",
        "max_delay": "maxwait maxinterval maxduration maximuminterval cap maxretrydelay",
    },
    "schedule": {
        "cron": "expression schedule interval cronexpression at every schedules crontab",
        "timezone": "tz zone timeszone",
        "overlap": "concurrency concurrencypolicy maxactiveruns",
        "start": "startdate begin from since",
        "catchup": "backfill",
        "a schedule has no end; remove it": "end enddate until stop",
    },
    "resources": {
        "cpu": "cpus cores cpurequest",
        "memory": "mem ram memoryrequest",
        "gpu": "gpus nvidia.com/gpu accelerator accelerators",
        "`cpu`, `memory` and `gpu` stand in `resources` itself": "requests limits",
    },
    "param": {
        "default": "value defaultvalue",
        "minimum": "min ge gte",
        "maximum": "max le lte",
        "min_length": "minlen",
        "max_length": "maxlen",
        "enum": "choices values options allowed oneof allowedvalues",
        "description": "desc help title doc",
        "a param is required if it has no `default`": "required optional nullable",
    },
    "output": {"filename": "path file name filepath location valuefrom", "default": "value", "description": "desc doc"},
    "input": {"default": "value", "description": "desc doc",
              "an input is required if it has no `default`": "required optional"},
    "secret": {"name": "secret secretname ref", "key": "secretkey field entry"},
    "target airflow": {
        "service_account": "serviceaccountname",
        "artifacts": "artifact storage",
        "artifacts.path": "path artifactspath",
        "artifacts.volume_claim": "volumeclaim pvc claim",
        "max_active_tasks": "concurrency parallelism maxparallel",
        "pass_env": "env environment passenvironment",
        "startup_timeout": "startuptimeoutseconds",
        "`owner` stands at the top of the file": "owner",
        "tags": "tag labels",
    },
    "target argo": {
        "service_account": "serviceaccountname",
        "artifact_repository": "artifactrepositoryref artifacts repository",
        "ttl": "ttlstrategy ttlsecondsafterfinished",
        "parallelism": "maxparallel concurrency",
        "patch": "patches workflowspec",
        "write it below `patch`, as in `patch: {nodeSelector: {disk: ssd}}`": "nodeselector tolerations affinity "
        "imagepullsecrets securitycontext podpriorityclassname priorityclassname schedulername dnspolicy dnsconfig "
        "hostaliases hostnetwork podgc poddisruptionbudget archivelogs podmetadata automountserviceaccounttoken",
    },
    "target local": {"max_parallel": "jobs workers parallelism concurrency maxworkers", "pass_env": "env environment"},
    "targets": {"airflow": "apacheairflow", "argo": "argoworkflows kubernetes k8s", "local": "process shell script"},
}  # fmt: skip

# Values of other tools, by the key that they stand at.
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
        "any_failed": "onefailed onfailure failed allfailed",
        "all_done": "always done finished alldonesetupsuccess",
        "none_failed": "noneskipped",
        "none_failed_min_one_success": "onesuccess onedone noneforbidden",
        "all_success": "success onsuccess succeeded",
    },
    "overlap": {"forbid": "never no skip false queue replace", "allow": "yes true parallel"},
    "runtime": {"kubernetes": "k8s pod container docker", "process": "local bash worker"},
    "image_pull_policy": {"IfNotPresent": "missing notpresent"},
}

_LOOKALIKES = str.maketrans("асеһіјорѕухԁӏοαν", "acehijopsyxdloav")
_SHORT = 4
_SEPARATORS = re.compile(r"[-_\s]+")


def fold(word: str) -> str:
    """A word without what people vary: case, separators, look-alikes of other alphabets, full-width forms."""
    plain = unicodedata.normalize("NFKC", word).casefold().translate(_LOOKALIKES)
    return _SEPARATORS.sub("", "".join(c for c in plain if unicodedata.category(c) != "Cf"))


def foreign(title: str, word: str) -> str | None:
    """What a word of another tool is called in the mapping `title`, or None."""
    return _find(FOREIGN.get(title, {}), word)


def nearly_foreign(title: str, word: str) -> str | None:
    """What a misspelt word of another tool is called in the mapping `title`, or None; short words are no evidence."""
    table = FOREIGN.get(title, {})
    folded = fold(word)
    meant = suggest(folded, " ".join(table.values()).split()) if len(folded) > _SHORT else None
    return None if meant is None else _find(table, meant)


def foreign_value(key: str, word: str) -> str | None:
    """What a value of another tool is called at `key`, or None."""
    return _find(VALUES.get(key, {}), word)


def _find(table: dict[str, str], word: str) -> str | None:
    folded = fold(word)
    return next((ours for ours, theirs in table.items() if folded in theirs.split()), None)
