"""The keys of `targets.argo.patch`: one table of allowed keys, and one of refused keys with the reasons.

A patch changes where and how pods run. A patch cannot change which tasks run, how often, with which values, or how the
run ends, so a pipeline has the same meaning with and without a patch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """The kind of a value, in the words of messages."""

    TEXT = "a text"
    FLAG = "`true` or `false`"
    WHOLE = "a whole number"
    TEXTS = "a mapping of texts"
    MAPPING = "a mapping"
    MAPPINGS = "a list of mappings"


@dataclass(frozen=True, slots=True)
class Key:
    """An allowed key: its purpose, the kind of its value, and the keys below it (in each mapping)."""

    purpose: str
    kind: Kind
    fields: tuple[str, ...] = ()


def _key(purpose: str, kind: Kind, fields: str = "") -> Key:
    return Key(purpose, kind, tuple(fields.split()))


ALLOWED: dict[str, Key] = {
    "affinity": _key(
        "rules for nodes, and for pods beside others", Kind.MAPPING, "nodeAffinity podAffinity podAntiAffinity"
    ),
    "archiveLogs": _key("whether logs go to the artifact repository, too", Kind.FLAG),
    "automountServiceAccountToken": _key("whether tasks see the token of the service account", Kind.FLAG),
    "dnsConfig": _key("name servers and search domains", Kind.MAPPING, "nameservers options searches"),
    "dnsPolicy": _key("where a pod's names are looked up", Kind.TEXT),
    "executor": _key("the service account of Argo's own container", Kind.MAPPING, "serviceAccountName"),
    "hostAliases": _key("lines of `/etc/hosts`", Kind.MAPPINGS, "hostnames ip"),
    "hostNetwork": _key("whether pods share the network of their node", Kind.FLAG),
    "imagePullSecrets": _key("secrets with which images are pulled", Kind.MAPPINGS, "name"),
    "nodeSelector": _key("labels of the nodes on which pods may run", Kind.TEXTS),
    "podDisruptionBudget": _key(
        "how many pods an eviction may take at a time",
        Kind.MAPPING,
        "maxUnavailable minAvailable selector unhealthyPodEvictionPolicy",
    ),
    "podGC": _key("when pods that have ended are deleted", Kind.MAPPING, "deleteDelayDuration labelSelector strategy"),
    "podMetadata": _key("labels and annotations of pods", Kind.MAPPING, "annotations labels"),
    "podPriorityClassName": _key("the priority class of pods", Kind.TEXT),
    "priority": _key("which Workflow starts first, where the controller bounds their number", Kind.WHOLE),
    "schedulerName": _key("the scheduler that places pods", Kind.TEXT),
    "securityContext": _key(
        "the user, the groups and the profiles of pods",
        Kind.MAPPING,
        "appArmorProfile fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser seLinuxChangePolicy "
        "seLinuxOptions seccompProfile supplementalGroups supplementalGroupsPolicy sysctls windowsOptions",
    ),
    "tolerations": _key(
        "taints of nodes that pods tolerate", Kind.MAPPINGS, "effect key operator tolerationSeconds value"
    ),
}

# Keys of a WorkflowSpec that Dagwright writes itself, and the way to set them in a spec.
WRITTEN: dict[str, str] = {
    "arguments": "declare `params:` at the top of the file",
    "artifactRepositoryRef": "write `artifact_repository: {config_map: NAME, key: KEY}` beside `patch`",
    "entrypoint": "remove it: where a run starts follows from `needs`",
    "parallelism": "write `parallelism: 16` beside `patch`",
    "podSpecPatch": "write the key of WorkflowSpec for it, or `resources`, `image`, `env` of the task",
    "serviceAccountName": "write `service_account: NAME` beside `patch`",
    "templates": "write `tasks:` at the top of the file",
    "ttlStrategy": "write `ttl: 7d` beside `patch`",
    "volumeClaimGC": "remove it: no volumes are claimed, files travel by `outputs` and `inputs`",
    "volumeClaimTemplates": "remove it: files travel between tasks by `outputs` and `inputs`",
    "volumes": "remove it: files travel between tasks by `outputs` and `inputs`",
    "workflowMetadata": "write `labels: {team: growth}` at the top of the file",
    "workflowTemplateRef": "remove it: with a `schedule` there is a WorkflowTemplate",
}

# Keys of a WorkflowSpec that change a run on this engine only, and the way to do so in a spec for all engines.
MEANINGFUL: dict[str, str] = {
    "activeDeadlineSeconds": "write `timeout: 1h` in the tasks, or under `defaults`",
    "artifactGC": "remove it: what tasks have made stays; the store can delete old objects by itself",
    "hooks": "write the tasks that run at the end under `finally`",
    "metrics": "remove it: its values are tags, and texts of a patch are taken as they stand",
    "onExit": "write the tasks that run at the end under `finally`",
    "retryStrategy": "write `retry: {limit: 3}` in the tasks, or under `defaults`",
    "shutdown": "remove it: `argo stop` and `argo terminate` end a run",
    "suspend": "remove it, and create the Workflow when it is to run",
    "synchronization": "write `overlap: forbid` under `schedule`, or `parallelism: 16` beside `patch`",
    "templateDefaults": "write it in the tasks, or under `defaults`",
}

# Common other names of keys.
OTHER_NAMES = {
    "priority_class_name": "podPriorityClassName",
    "annotations": "podMetadata",
    "labels": "podMetadata",
    "host_network": "hostNetwork",
    "pull_secrets": "imagePullSecrets",
    "image_pull_secret": "imagePullSecrets",
    "pod_security_context": "securityContext",
}

MOST_BYTES = 64 * 1024  # size of a patch, which is stored in one object with the graph
LONGEST_KEY = 317  # characters of a label's or annotation's key: a prefix of 253 characters, `/`, and a name of 63
CONTROLLER = "workflows.argoproj.io/"  # prefix of the labels and annotations of Argo's controller
