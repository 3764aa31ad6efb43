"""The contents of manifests, read back as data."""

from __future__ import annotations

from typing import Any

import pytest

from dagwright.backends.argo.backend import BACKEND
from dagwright.backends.backend import Level
from dagwright.backends.features import Feature

HEAD = "apiVersion: dagwright/v1\nname: demo\ndefaults: {image: busybox}\n"


def test_a_plain_pipeline_is_a_plain_manifest(argo: Any) -> None:
    (workflow,) = argo.objects(HEAD + "tasks:\n  a: {command: [echo, a]}\n  b: {needs: a, command: [echo, b]}\n")
    assert workflow["kind"] == "Workflow"
    assert workflow["metadata"]["generateName"] == "demo-"
    assert len(workflow["metadata"]["annotations"]["dagwright.dev/spec-sha256"]) == 64
    main, a, b = workflow["spec"]["templates"]
    assert main["dag"] == {
        "failFast": False,
        "tasks": [{"name": "a", "template": "a"}, {"name": "b", "template": "b", "depends": "a.Succeeded"}],
    }
    assert (a["container"]["command"], a["container"]["args"]) == (["echo"], ["a"])
    assert b["name"] == "b"


RULES = (
    HEAD
    + """
params: {go: {type: boolean, default: true}}
tasks:
  a: {command: ["true"]}
  s: {when: params.go, command: ["true"]}
  t: {needs: [a, s], RULE command: ["true"]}
"""
)
_A, _S = "a.Succeeded", "(s.Succeeded || s.Skipped)"
_A_DONE = "(a.Succeeded || a.Failed || a.Errored || a.Omitted)"
_S_DONE = "(s.Succeeded || s.Skipped || s.Failed || s.Errored || s.Omitted)"


@pytest.mark.parametrize(
    ("rule", "depends", "when"),
    [
        ("all_success", f"{_A} && {_S}", "{{= tasks['s'].status != 'Skipped' }}"),
        ("none_failed", f"{_A} && {_S}", None),
        ("none_failed_min_one_success", f"{_A} && {_S}", None),
        (
            "any_failed",
            f"params.Succeeded && {_A_DONE} && {_S_DONE}",
            "{{= tasks['a'].status in ['Failed', 'Error', 'Omitted'] || tasks['s'].status in "
            "['Failed', 'Error', 'Omitted'] }}",
        ),
        ("all_done", f"params.Succeeded && {_A_DONE} && {_S_DONE}", None),
    ],
)
def test_trigger_rules(argo: Any, rule: str, depends: str, when: str | None) -> None:
    call = argo.calls(RULES.replace("RULE", f"trigger_rule: {rule},"))["t"]
    # These needs are roots, so they cannot be omitted once the params are valid.
    assert call["depends"] == depends.replace(" || a.Omitted", "").replace(" || s.Omitted", "")
    assert call.get("when") == when


def test_a_failure_that_is_handled_stays_visible(argo: Any) -> None:
    spec = HEAD + (
        "tasks:\n  a: {command: ['true']}\n  b: {needs: a, command: ['true']}\n"
        "  c: {needs: b, trigger_rule: all_done, command: ['true']}\n"
    )
    assert argo.templates(spec)["main"]["dag"]["target"] == "b c"
    assert "target" not in argo.templates(spec.replace("trigger_rule: all_done, ", ""))["main"]["dag"]


def test_dags_and_loops_are_targets_so_that_a_retry_ends(argo: Any) -> None:
    spec = HEAD + (
        "params: {word: {type: string, default: x}}\n"
        "tasks:\n  m: {matrix: {x: [p, q]}, command: ['true']}\n"
        "  a: {needs: m, command: [echo, '${{ params.word }}']}\n  b: {needs: a, command: ['true']}\n"
    )
    assert argo.templates(spec)["main"]["dag"]["target"] == "params m b"


def test_finally_is_the_exit_handler(argo: Any) -> None:
    spec = HEAD + (
        "params: {word: {type: string, default: x, min_length: 1}}\n"
        "tasks:\n  a: {command: [echo, '${{ params.word }}']}\n"
        "finally:\n  report: {command: [echo, '${{ run.status }}']}\n"
    )
    (workflow,) = argo.objects(spec)
    assert workflow["spec"]["onExit"] == "run--finally"
    gate, report = argo.templates(spec)["run--finally"]["dag"]["tasks"]
    assert gate == {"name": "params", "template": "no--pod", "when": "{{= get(workflow, 'outputs') != nil }}"}
    assert report == {"name": "report", "template": "report", "depends": "params.Succeeded"}
    assert [task["name"] for task in argo.templates(spec)["main"]["dag"]["tasks"]] == ["params", "a"]
    without = argo.templates(spec.replace("${{ params.word }}", "x"))["run--finally"]["dag"]["tasks"]
    assert without == [{"name": "report", "template": "report"}]


def test_only_outputs_that_may_be_absent_are_published(argo: Any) -> None:
    spec = HEAD + (
        "tasks:\n  a: {command: ['true'], outputs: {x: string, y: string}}\n"
        "  b: {command: [echo, '${{ tasks.a.outputs.x }}']}\n"
        "  c: {trigger_rule: all_done, command: [echo, '${{ default(tasks.a.outputs.y, 0x) }}']}\n"
    ).replace("0x", '"none"')
    templates = argo.templates(spec)
    named = {output["name"]: output.get("globalName") for output in templates["a"]["outputs"]["parameters"]}
    assert named == {"x": None, "y": "a_y"}
    calls = argo.calls(spec)
    assert calls["b"]["depends"] == "a.Succeeded"
    assert list(calls) == ["a", "b", "c"], "no other task is needed to read an output that may be absent"


def test_a_loop_stands_in_the_dag_unless_something_needs_its_status(argo: Any) -> None:
    spec = HEAD + "tasks:\n  a: {matrix: {m: [x, y]}, MORE command: [echo, '${{ matrix.m }}']}\n"
    call = argo.calls(spec.replace("MORE", ""))["a"]
    assert call["template"] == "a"
    assert call["withItems"] == [{"index": "0", "m": "x"}, {"index": "1", "m": "y"}]
    templates = argo.templates(spec.replace("MORE", "max_parallel: 1,"))
    assert templates["a--each"]["parallelism"] == 1
    reader = "  b: {trigger_rule: any_failed, needs: [a], command: ['true']}\n"
    assert argo.calls(spec.replace("MORE", "") + reader)["a"]["template"] == "a--each"


def test_odd_values_of_a_matrix_are_chosen_by_index(argo: Any) -> None:
    call = argo.calls(HEAD + "tasks:\n  a: {matrix: {m: ['{{x}}', b]}, command: [echo, '${{ matrix.m }}']}\n")["a"]
    assert call["withSequence"] == {"count": "2"}
    assert call["arguments"]["parameters"][1]["value"] == "{{= ['$(DW_LBRACE){x}\\u007d', 'b'][int(item)] }}"


def test_a_schedule_makes_a_template_and_a_cron_workflow(argo: Any) -> None:
    template, cron = argo.objects(
        HEAD
        + "params: {n: {type: integer, default: 3}}\n"
        + 'schedule: {cron: "30 4 * * *", timezone: Europe/Berlin, start: 2030-01-01T00:00:00Z}\n'
        + "tasks:\n  a: {command: [echo, '${{ params.n }}']}\n"
    )
    assert (template["kind"], cron["kind"]) == ("WorkflowTemplate", "CronWorkflow")
    spec = cron["spec"]
    assert (spec["schedules"], spec["timezone"], spec["concurrencyPolicy"]) == (
        ["30 4 * * *"],
        "Europe/Berlin",
        "Forbid",
    )
    assert spec["when"] == "{{= now().Unix() >= 1893456000 }}"
    assert spec["workflowSpec"] == {
        "workflowTemplateRef": {"name": "demo"},
        "arguments": {"parameters": [{"name": "n", "value": "3"}]},
    }


def test_text_params_are_kept_by_the_first_task(argo: Any) -> None:
    spec = HEAD + "params: {s: {type: string}}\ntasks:\n  a: {command: [echo, '${{ params.s }}']}\n"
    templates = argo.templates(spec)
    assert templates["params--kept"]["outputs"]["parameters"][0]["globalName"] == "params"
    assert "fromJSON(workflow.outputs.parameters.params).s" in templates["a"]["container"]["args"][0]
    assert argo.calls(spec)["a"]["depends"] == "params.Succeeded"
    scheduled = spec + 'schedule: {cron: "0 4 * * *"}\n'
    scheduled = scheduled.replace("{type: string}", "{type: string, default: x}")
    assert "params--kept" not in argo.templates(scheduled)


def test_every_setting_of_a_task_and_of_the_target(argo: Any) -> None:
    (workflow,) = argo.objects(
        """
apiVersion: dagwright/v1
name: demo
owner: someone
description: What it does.
labels: {team: growth}
targets:
  argo:
    image: busybox
    image_pull_policy: Always
    namespace: ml
    service_account: runner
    artifact_repository: {config_map: repositories, key: minio}
    parallelism: 7
    ttl: 1d
tasks:
  load_all:
    description: Loads {{everything}}.
    labels: {tier: gold}
    workdir: /srv
    command: [echo, "$(X) {{y}}"]
    env: {A: b}
    secrets: {TOKEN: {name: deploy, key: token}}
    resources: {cpu: 0.5, memory: 4Gi, gpu: 1}
    retry: {limit: 3, delay: 30s, factor: 2, max_delay: 10m}
    timeout: 1h
"""
    )
    spec = workflow["spec"]
    assert workflow["metadata"]["namespace"] == "ml"
    assert workflow["metadata"]["labels"]["team"] == "growth"
    assert workflow["metadata"]["annotations"]["dagwright.dev/owner"] == "someone"
    assert spec["serviceAccountName"] == "runner"
    assert spec["artifactRepositoryRef"] == {"configMap": "repositories", "key": "minio"}
    assert (spec["parallelism"], spec["ttlStrategy"]) == (7, {"secondsAfterCompletion": 86400})
    template = spec["templates"][1]
    container = template["container"]
    assert template["name"] == "load-all"
    assert template["metadata"]["labels"] == {"team": "growth", "tier": "gold"}
    assert "{{" not in template["metadata"]["annotations"]["workflows.argoproj.io/description"]
    assert template["activeDeadlineSeconds"] == 3600
    assert template["retryStrategy"] == {
        "limit": "3",
        "retryPolicy": "Always",
        "backoff": {"duration": "30s", "factor": "2", "cap": "600s"},
    }
    assert (container["image"], container["imagePullPolicy"], container["workingDir"]) == ("busybox", "Always", "/srv")
    assert container["args"] == ["$$(X) $(DW_LBRACE){y}}"]
    assert container["resources"] == {
        "requests": {"cpu": "0.5", "memory": "4Gi"},
        "limits": {"memory": "4Gi", "nvidia.com/gpu": "1"},
    }
    env = {variable["name"]: variable for variable in container["env"]}
    assert container["env"][0] == {"name": "DW_LBRACE", "value": "{"}
    assert env["DW_TASK"]["value"] == "load_all"
    assert env["DW_ATTEMPT"]["value"] == "{{= int(retries) + 1 }}"
    assert env["TOKEN"]["valueFrom"] == {"secretKeyRef": {"name": "deploy", "key": "token"}}


def test_every_feature_has_a_level() -> None:
    table = BACKEND.support(None)
    assert set(table) == set(Feature)
    assert {feature for feature, support in table.items() if support.level is Level.UNSUPPORTED} == {Feature.CATCHUP}


def test_the_same_spec_gives_the_same_bytes(argo: Any) -> None:
    assert argo.text(RULES.replace("RULE", "")) == argo.text(RULES.replace("RULE", ""))


def test_a_task_may_be_called_as_the_first_template(argo: Any) -> None:
    objects = argo.objects(HEAD + "tasks:\n  main: {command: ['true']}\n")
    assert objects[0]["spec"]["entrypoint"] == "main--dag"


def test_a_default_with_a_tag_is_not_in_the_manifest(argo: Any) -> None:
    """The executor would evaluate the tag; readers recognize a placeholder and insert the default."""
    spec = HEAD + (
        "tasks:\n"
        "  a: {command: ['true'], outputs: {o: {type: string, default: '{{x}}'}, p: {type: string, default: x}}}\n"
        "  b: {command: [echo, '${{ tasks.a.outputs.o }}', '${{ tasks.a.outputs.p }}']}\n"
    )
    held = [output["valueFrom"]["default"] for output in argo.templates(spec)["a"]["outputs"]["parameters"]]
    assert held == ["\0default", "x"]
    given = {p["name"]: p["value"] for p in argo.calls(spec)["b"]["arguments"]["parameters"]}
    assert "== '\\u0000default' ? '{\\u007bx}\\u007d' :" in given["a_o"]
    assert "default" not in given["a_p"]
