"""Tasks that differ only in values share a template; a template called by a single task is not shared."""

from __future__ import annotations

from typing import Any

import pytest

from dagwright.backends.argo.fit.share import MANY_TASKS, MOST_HANDED_OVER

HEAD = "apiVersion: dagwright/v1\nname: demo\ndefaults: {image: busybox}\n"
COMPONENT = HEAD + (
    "components:\n"
    "  train: {inputs: {model: string, lr: {type: number, default: 0.1}}, "
    "command: [train, '${{ inputs.model }}'], env: {LR: '${{ inputs.lr }}', SEED: '7'}, outputs: {auc: number}}\n"
    "tasks:\n"
)


def test_tasks_of_a_component_share_its_template(argo: Any) -> None:
    spec = COMPONENT + "  a: {uses: train, with: {model: gbm}}\n  b_2: {uses: train, with: {model: xgb, lr: 0.2}}\n"
    templates = argo.templates(spec)
    assert set(templates) == {"main", "train"}
    shared = templates["train"]
    assert shared["inputs"]["parameters"] == [{"name": "arg_1"}, {"name": "lr"}]
    assert shared["container"]["args"] == ["{{inputs.parameters.arg_1}}"]
    env = {entry["name"]: entry["value"] for entry in shared["container"]["env"]}
    assert (env["LR"], env["SEED"]) == ("{{inputs.parameters.lr}}", "7")
    assert env["DW_TASK"] == "{{= replace(tasks.name, '-', '_') }}"
    calls = argo.calls(spec)
    assert calls["b-2"] == {
        "name": "b-2",
        "template": "train",
        "arguments": {"parameters": [{"name": "arg_1", "value": "xgb"}, {"name": "lr", "value": "0.2"}]},
    }


def test_a_component_that_is_used_once_has_the_template_of_its_task(argo: Any) -> None:
    templates = argo.templates(COMPONENT + "  a: {uses: train, with: {model: gbm}}\n")
    assert set(templates) == {"main", "a"}
    assert templates["a"]["container"]["args"] == ["gbm"]
    assert "inputs" not in templates["a"]


def test_what_differs_beyond_values_is_not_shared(argo: Any) -> None:
    spec = COMPONENT + (
        "  a: {uses: train, with: {model: gbm}}\n  b: {uses: train, with: {model: gbm}, timeout: 5m}\n"
        "  c: {uses: train, with: {model: gbm}, matrix: {x: [1, 2]}}\n"
    )
    assert set(argo.templates(spec)) == {"main", "a", "b", "c"}


def test_references_and_hostile_text_are_handed_over_escaped(argo: Any) -> None:
    spec = COMPONENT + (
        "  a: {uses: train, with: {model: '{{=1}} $(HOME) {'}}\n"
        "  b: {uses: train, with: {model: '{${{ tasks.a.outputs.auc }}}'}}\n"
    )
    a, b = argo.calls(spec).values()
    assert a["arguments"]["parameters"][0]["value"] == "$(DW_LBRACE){=1}} $$(HOME) {"
    value = b["arguments"]["parameters"][0]["value"]
    assert value.startswith("$(DW_LBRACE){{= map([tasks['a'].outputs.parameters['auc']], # matches")
    assert value.endswith(" }}}")


def test_tasks_without_a_component_share_only_in_a_large_pipeline(argo: Any) -> None:
    def spec(count: int) -> str:
        return HEAD + "tasks:\n" + "".join(f"  t{at}: {{command: [echo, 'x{at}']}}\n" for at in range(count))

    assert len(argo.templates(spec(MANY_TASKS - 1))) == MANY_TASKS
    templates = argo.templates(spec(MANY_TASKS))
    assert set(templates) == {"main", "t0--shared"}


def test_long_texts_stay_in_templates(argo: Any) -> None:
    long = "x" * (MOST_HANDED_OVER + 1)
    tasks = "".join(f"  t{at}: {{command: [echo, '{at}{long}']}}\n" for at in range(MANY_TASKS))
    assert len(argo.templates(HEAD + "tasks:\n" + tasks)) == MANY_TASKS + 1


@pytest.mark.engine("long")
def test_very_many_values_are_not_handed_over(argo: Any) -> None:
    def task(at: int) -> str:
        return f"  t{at}: {{command: [echo, {', '.join(f'x{at}_{i}' for i in range(600))}]}}\n"

    assert len(argo.templates(HEAD + "tasks:\n" + "".join(map(task, range(MANY_TASKS))))) == MANY_TASKS + 1


def test_a_component_with_the_name_of_a_task_does_not_take_its_template(argo: Any) -> None:
    spec = COMPONENT + (
        "  train: {command: ['true']}\n  a: {uses: train, with: {model: x}}\n  b: {uses: train, with: {model: y}}\n"
    )
    assert set(argo.templates(spec)) == {"main", "train", "a--shared"}


def test_published_outputs_are_named_by_their_callers(argo: Any) -> None:
    spec = COMPONENT + (
        "  a: {uses: train, with: {model: x}}\n  b: {uses: train, with: {model: y}}\n"
        "  c: {trigger_rule: all_done, command: [echo, '${{ default(tasks.a.outputs.auc, 0.0) }}', "
        "'${{ default(tasks.b.outputs.auc, 0.0) }}']}\n"
    )
    (output,) = argo.templates(spec)["train"]["outputs"]["parameters"]
    assert output["globalName"] == "{{tasks.name}}_auc"


def test_bytes_a_task(argo: Any) -> None:
    """Each task of a large pipeline with one component adds at most 183 bytes."""
    for needs in ("", ", needs: [t{0:04}]"):
        tasks = "".join(
            f"  t{at:04}: {{uses: train, with: {{model: m{at}}}{needs.format((at - 1) // 3) if at else ''}}}\n"
            for at in range(1000)
        )
        assert len(argo.text(COMPONENT + tasks)) <= 183 * 1000


def test_a_program_that_a_task_computes_is_handed_over(argo: Any) -> None:
    """The program belongs to the template, but only the caller can evaluate the reference."""
    spec = HEAD + (
        "components: {job: {inputs: {program: string, word: string}, "
        "command: ['${{ inputs.program }}', '${{ inputs.word }}']}}\ntasks:\n"
        "  a: {command: [find_one], outputs: {program: string}}\n"
        "  b: {uses: job, with: {program: '${{ tasks.a.outputs.program }}', word: x}}\n"
        "  c: {uses: job, with: {program: '${{ tasks.a.outputs.program }}', word: y}}\n"
    )
    templates, calls = argo.templates(spec), argo.calls(spec)
    assert templates["job"]["container"]["command"] == ["{{inputs.parameters.arg_0}}"]
    assert templates["job"]["inputs"]["parameters"] == [{"name": "arg_0"}, {"name": "arg_1"}]
    (program, word) = calls["c"]["arguments"]["parameters"]
    assert "tasks['a'].outputs.parameters['program']" in program["value"]
    assert word == {"name": "arg_1", "value": "y"}
