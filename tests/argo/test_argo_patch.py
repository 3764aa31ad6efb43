"""`targets.argo.patch`: allowed keys, their place in the manifest, and refused keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dagwright.backends.argo.patch.check import check_patch
from dagwright.backends.argo.patch.keys import ALLOWED, LONGEST_KEY, MEANINGFUL, MOST_BYTES, WRITTEN, Kind
from dagwright.diagnostics.explain import explain
from dagwright.diagnostics.model import Report
from dagwright.ir.data import Atom, Entry, Fields, plain_fields
from dagwright.lower.data import fields
from dagwright.printing.yaml import document
from dagwright.reading.budgets import DEFAULT_BUDGETS
from dagwright.reading.read import parse
from dagwright.source.span import Source

HEAD = "apiVersion: dagwright/v1\nname: demo\ndefaults: {image: busybox}\n"
TASKS = "tasks: {a: {command: ['true']}}\n"
SPEC = "io.argoproj.workflow.v1alpha1.WorkflowSpec"

# A value for every key, with all keys below it.
VALUES: dict[str, Any] = {
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["7"]}]}]
            }
        }
    },
    "archiveLogs": True,
    "automountServiceAccountToken": False,
    "dnsConfig": {"nameservers": ["10.0.0.2"], "searches": ["a.local"], "options": [{"name": "ndots", "value": "2"}]},
    "dnsPolicy": "Default",
    "executor": {"serviceAccountName": "reporter"},
    "hostAliases": [{"ip": "10.0.0.7", "hostnames": ["store.local"]}],
    "hostNetwork": False,
    "imagePullSecrets": [{"name": "regcred"}],
    "nodeSelector": {"disk": "ssd", "count": "1.10", "on": "on", "empty": "", "octal": "0o7", "none": "null"},
    "podDisruptionBudget": {"minAvailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow"},
    "podGC": {"strategy": "OnWorkflowSuccess", "deleteDelayDuration": "30s"},
    "podMetadata": {"labels": {"cost": "ml"}, "annotations": {"sidecar.istio.io/inject": "false"}},
    "podPriorityClassName": "high",
    "priority": 10,
    "schedulerName": "volcano",
    "securityContext": {"runAsUser": 1000, "fsGroup": 2000, "runAsNonRoot": True, "supplementalGroups": [1, 2]},
    "tolerations": [
        {"key": "gpu", "operator": "Equal", "value": "true", "effect": "NoExecute", "tolerationSeconds": 300}
    ],
}


def spec_of(patch: Any, more: str = "") -> str:
    return HEAD + more + TASKS + f"targets: {{argo: {{patch: {json.dumps(patch)}}}}}\n"


def marked(error: Any) -> str:
    return error.span.source.text[error.span.start : error.span.end]


@pytest.mark.parametrize("key", ALLOWED)
def test_every_key_of_the_table_reaches_the_workflow(argo: Any, key: str) -> None:
    patch = {key: VALUES[key]}
    if key == "automountServiceAccountToken":
        patch["executor"] = VALUES["executor"]
    (workflow,) = argo.objects(spec_of(patch))
    assert {name: workflow["spec"][name] for name in patch} == patch


def test_all_of_them_keep_what_is_generated(argo: Any) -> None:
    (plain,), (patched,) = argo.objects(spec_of({})), argo.objects(spec_of(VALUES))
    assert patched["spec"] == {**plain["spec"], **VALUES}


def test_a_schedule_has_it_in_the_template_alone(argo: Any) -> None:
    template, cron = argo.objects(spec_of(VALUES, "schedule: {cron: '0 4 * * *'}\n"))
    assert {key: template["spec"][key] for key in VALUES} == VALUES
    assert not set(VALUES) & set(cron["spec"]["workflowSpec"])


def test_a_pipeline_in_several_objects_has_it_where_it_starts(argo: Any) -> None:
    tasks = "tasks:\n" + "".join(f"  t{at}: {{script: 'echo {at} {'x' * 60000}'}}\n" for at in range(20))
    *libraries, workflow = argo.objects(HEAD + tasks + f"targets: {{argo: {{patch: {json.dumps(VALUES)}}}}}\n")
    assert libraries
    assert {key: workflow["spec"][key] for key in VALUES} == VALUES
    assert all(set(found["spec"]) == {"templates"} for found in libraries)


@pytest.mark.parametrize("key", [*WRITTEN, *MEANINGFUL])
def test_other_keys_of_a_workflow_are_refused(argo: Any, key: str) -> None:
    (error,) = argo.errors(spec_of({key: {}}))
    assert (error.code, marked(error)) == ("E649", f'"{key}"')
    assert error.help


@pytest.mark.parametrize(
    ("patch", "code", "at", "meant"),
    [
        ("{nodeSelectors: {disk: ssd}}", "E649", "nodeSelectors", "`nodeSelector`"),
        ("{podSpecPtch: '{}'}", "E649", "podSpecPtch", "`podSpecPatch`"),
        ("{priorityClassName: high}", "E649", "priorityClassName", "`podPriorityClassName`"),
        ("{runtimeClassName: gvisor}", "E649", "runtimeClassName", "explain E649"),
        ("{'': x}", "E649", "''", "explain E649"),
        ("{tolerations: [{key: a}, {kye: gpu}]}", "E649", "kye", "`key`"),
        ("{securityContext: {runAsUsr: 1}}", "E649", "runAsUsr", "`runAsUser`"),
        ("{securityContext: {privileged: true}}", "E649", "privileged", "`runAsUser`"),
        ("{podMetadata: {labels: {workflows.argoproj.io/workflow: x}}}", "E649", "workflows.argoproj.io/workflow", ""),
        ("{podMetadata: {annotations: {a: true}}}", "E650", "true", '`"true"`'),
        ("{podMetadata: {annotations: [a]}}", "E650", "annotations", "{disk: ssd}"),
        ("{nodeSelector: {a: ssd, b: 1.10}}", "E650", "1.10", '`"1.10"`'),
        ("{nodeSelector: [ssd]}", "E650", "nodeSelector", "{disk: ssd}"),
        ("{tolerations: [gpu]}", "E650", "tolerations", "list"),
        ("{tolerations: {key: gpu}}", "E650", "tolerations", "list"),
        ("{affinity: near}", "E650", "near", "keys"),
        ("{hostNetwork: 'true'}", "E650", "'true'", "without quotes"),
        ("{priority: true}", "E650", "true", "number"),
        ("{schedulerName: 7}", "E650", "7", '`"7"`'),
        ("{affinity: {podAffinity: {x: [~]}}}", "E650", "~", "remove"),
        ("{affinity: {podAffinity: {x: .inf}}}", "E650", ".inf", "text"),
        ("{affinity: {podAffinity: {x: 9223372036854775808}}}", "E650", "9223372036854775808", "text"),
        ("{automountServiceAccountToken: false}", "E650", "false", "executor: {serviceAccountName"),
        ("{schedulerName: 'a{{b'}", "E646", "{{", "without"),
        ('{schedulerName: "\\x7b{b"}', "E646", '"\\x7b{b"', "without"),
        ("{nodeSelector: {'{{a}}': b}}", "E646", "{{", "without"),
        ("{nodeSelector: {a: '${{ run.id }}'}}", "E440", "${{ run.id }}", "write it out"),
    ],
)
def test_what_is_refused_is_pointed_at(argo: Any, patch: str, code: str, at: str, meant: str) -> None:
    (error,) = argo.errors(HEAD + TASKS + f"targets: {{argo: {{patch: {patch}}}}}\n")
    assert (error.code, marked(error)) == (code, at)
    assert meant in error.help


def test_what_aliases_share_is_told_once(argo: Any) -> None:
    patch = "{hostAliases: [&a {ip: '{{', hostname: x}, *a, *a, *a]}"
    errors = argo.errors(HEAD + TASKS + f"targets: {{argo: {{patch: {patch}}}}}\n")
    assert [error.code for error in errors] == ["E649", "E646"]


def test_a_key_that_is_too_long(argo: Any) -> None:
    (error,) = argo.errors(spec_of({"nodeSelector": {"k" * (LONGEST_KEY + 1): "v"}}))
    assert error.code == "E650"
    assert argo.errors(spec_of({"nodeSelector": {"k" * LONGEST_KEY: "v"}})) == []


@pytest.mark.parametrize(
    "value",
    [
        "'" + "x" * MOST_BYTES + "'",
        "[" + ", ".join(["&a ['xxxxxxxx', 1, {b: c}]", *["*a"] * 4000]) + "]",
        "[&a [x,x,x,x,x,x,x,x], &b [*a,*a,*a,*a,*a,*a,*a,*a], &c [*b,*b,*b,*b,*b,*b,*b,*b],"
        " &d [*c,*c,*c,*c,*c,*c,*c,*c], &e [*d,*d,*d,*d,*d,*d,*d,*d], *e, *e, *e, *e]",
    ],
    ids=["text", "list", "aliases"],
)
def test_too_much_is_one_error(argo: Any, value: str) -> None:
    text = f"targets: {{argo: {{patch: {{affinity: {{podAffinity: {{x: {value}}}}}}}}}}}\n"
    (error,) = argo.errors(HEAD + TASKS + text)
    assert error.code in ("E650", "E113")  # the reader has its own limit for one text


def test_the_deepest_that_is_read(argo: Any) -> None:
    deep = "[" * 26 + "]" * 26
    (workflow,) = argo.objects(HEAD + TASKS + f"targets: {{argo: {{patch: {{affinity: {{podAffinity: {deep}}}}}}}}}\n")
    assert json.dumps(workflow["spec"]["affinity"]["podAffinity"]) == deep


def test_the_data_is_frozen() -> None:
    tree = parse(Source("p.yaml", "{nodeSelector: &a {disk: ssd}, tolerations: [*a, 1, 1.5, true, '1']}"),
                 DEFAULT_BUDGETS, Report())  # fmt: skip
    assert tree is not None
    one, two = fields(tree), fields(tree)
    assert one == two
    assert hash(one) == hash(two)
    given = plain_fields(one)
    assert given == {"nodeSelector": {"disk": "ssd"}, "tolerations": [{"disk": "ssd"}, 1, 1.5, True, "1"]}


_ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
_DATA = st.recursive(
    _ATOMS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_KEYS = st.sampled_from([*ALLOWED, *WRITTEN, *MEANINGFUL]) | st.text(max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(_KEYS, _DATA, max_size=4))
def test_any_patch_is_refused_or_printed_as_it_is(patch: dict[str, Any]) -> None:
    from schema.trees import tree

    report = Report()
    found = fields(tree(patch))
    check_patch(found, report)
    if report.failed:
        assert {error.code for error in report.diagnostics} <= {"E649", "E650"}
    else:
        assert yaml.safe_load(document(plain_fields(found))) == patch


def test_tables_name_each_key_once() -> None:
    tables = (ALLOWED, WRITTEN, MEANINGFUL)
    assert len({key for table in tables for key in table}) == sum(map(len, tables))
    page = explain("E649")
    assert page is not None
    assert all(f"`{key}`" in page.cause for key in ALLOWED)


@pytest.mark.engine("argo")
def test_the_tables_are_those_of_argo(home: Path) -> None:
    """Every key of a WorkflowSpec is in one table, with the keys that Argo has below it."""
    known = json.loads((home / "schema.json").read_text(encoding="utf-8"))["definitions"]

    def properties(schema: dict[str, Any]) -> dict[str, Any]:
        return known[schema["$ref"].rpartition("/")[2]]["properties"] if "$ref" in schema else {}

    spec = known[SPEC]["properties"]
    assert spec.keys() == ALLOWED.keys() | WRITTEN.keys() | MEANINGFUL.keys()
    kinds = {Kind.TEXT: "string", Kind.FLAG: "boolean", Kind.WHOLE: "integer", Kind.MAPPINGS: "array"}
    for name, key in ALLOWED.items():
        own = properties(spec[name].get("items", spec[name]))
        assert set(key.fields) == set(own), name
        assert spec[name].get("type", "object") == kinds.get(key.kind, "object"), name


def test_a_patch_without_origins_is_checked_too() -> None:
    report = Report()
    check_patch(Fields((Entry("priority", Atom("high")), Entry("nope", Atom(1)))), report)
    assert [error.code for error in report.diagnostics] == ["E650", "E649"]
