"""Values that Argo cannot store are refused at their place in the spec."""

from __future__ import annotations

from typing import Any

import pytest

HEAD = "apiVersion: dagwright/v1\nname: demo\ndefaults: {image: busybox}\n"


@pytest.mark.parametrize(
    ("code", "task", "at"),
    [
        ("E644", "{image: null, command: ['true']}", "a"),
        ("E645", "{workdir: jobs, command: ['true']}", "jobs"),
        ("E646", "{workdir: '/x/{{y}}', command: ['true']}", "{{"),
        ("E646", "{image: 'b{{x}}', command: ['true']}", "{{"),
    ],
)
def test_it_is_refused_at_the_smallest_wrong_text(argo: Any, code: str, task: str, at: str) -> None:
    (error,) = argo.errors(HEAD + f"tasks:\n  a: {task}\n")
    assert error.code == code
    assert error.span.source.text[error.span.start : error.span.end] == at
    assert error.help


def test_an_image_of_the_target_is_enough(argo: Any) -> None:
    spec = HEAD + "targets: {argo: {image: busybox}}\ntasks:\n  a: {image: null, command: ['true']}\n"
    assert argo.errors(spec) == []


def test_braces_are_fine_where_kubernetes_expands(argo: Any) -> None:
    spec = HEAD + "tasks:\n  a: {script: 'echo {{x}} $(y)', env: {V: '{{=1}}'}}\n"
    assert argo.errors(spec) == []


def test_too_many_tasks_of_finally(argo: Any) -> None:
    tasks = "".join(f"  t{at}: {{command: ['true']}}\n" for at in range(201))
    (error,) = argo.errors(HEAD + "tasks:\n  a: {command: ['true']}\nfinally:\n" + tasks)
    assert error.code == "E641"
    assert "201" in error.message
    span = error.span
    assert span.source.text[span.start : span.end] == "t196"


def test_too_many_values_for_one_task(argo: Any) -> None:
    outputs = ", ".join(f"o{at}: string" for at in range(501))
    env = ", ".join(f"V{at}: '${{{{ tasks.a.outputs.o{at} }}}}'" for at in range(501))
    spec = (
        HEAD
        + f"tasks:\n  a: {{command: ['true'], outputs: {{{outputs}}}}}\n  b: {{command: ['true'], env: {{{env}}}}}\n"
    )
    (error,) = argo.errors(spec)
    assert error.code == "E642"
    assert "501" in error.message


def test_one_template_too_large_for_kubernetes(argo: Any) -> None:
    rows = ", ".join(f"'{at:x<1100}'" for at in range(1000))
    foreach = f"foreach: [{rows}], command: [echo, '${{{{ item }}}}']"
    (error,) = argo.errors(HEAD + f"tasks:\n  a: {{{foreach}}}\n")
    assert error.code == "E643"
    assert "bytes" in error.message


def test_templates_that_are_too_large_together_go_into_several_objects(argo: Any) -> None:
    tasks = "".join(f"  t{at}: {{script: 'echo {'x' * 60000}'}}\n" for at in range(20))
    *libraries, workflow = argo.objects(HEAD + "tasks:\n" + tasks)
    assert {found["kind"] for found in libraries} == {"WorkflowTemplate"}
    assert sum(len(found["spec"]["templates"]) for found in libraries) == 20
    (main,) = workflow["spec"]["templates"]
    homes = {call["templateRef"]["name"] for call in main["dag"]["tasks"]}
    assert homes == {found["metadata"]["name"] for found in libraries}
    (warning,) = [found for found in argo.diagnostics(HEAD + "tasks:\n" + tasks) if found.code == "W643"]
    assert "about 1,2" in warning.message
    assert all(name.startswith("demo-") and len(name) <= len("demo") + 11 for name in homes)


def test_catchup_is_refused(argo: Any) -> None:
    schedule = 'schedule: {cron: "0 4 * * *", start: 2030-01-01T00:00:00Z, catchup: true}\n'
    (error,) = argo.errors(HEAD + schedule + "tasks:\n  a: {command: ['true']}\n")
    assert error.code == "E601"
