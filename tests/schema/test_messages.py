"""The schema's diagnostics for common mistakes: code, underlined text, help."""

from __future__ import annotations

import pytest

from dagwright.diagnostics.model import Diagnostic, Report
from dagwright.schema.validate import validate
from schema.corpus import MINIMAL
from schema.trees import diagnose, tree

HEAD = "apiVersion: dagwright/v1\nname: a\n"
TASK = "tasks:\n  t: {command: [x]}\n"


def text_of(found: Diagnostic) -> str:
    assert found.span is not None
    return found.span.source.text[found.span.start : found.span.end]


def one(text: str) -> tuple[str, str, str | None]:
    (found,) = diagnose(text)
    return found.code, text_of(found), found.help


def task(body: str) -> str:
    return HEAD + "tasks:\n  t:\n    " + body.replace("\n", "\n    ") + "\n"


IN_TASK = [
    # unknown keys
    ("comand: [x]", "E201", "comand", "did you mean `command`?"),
    ("command: [x]\nImage: y", "E201", "Image", "did you mean `image`?"),
    ("command: [x]\nnеeds: a", "E201", "nеeds", "did you mean `needs`?"),
    ("command: [x]\ndependencies: [a]", "E201", "dependencies", "write `needs: [a]`"),
    ("command: [x]\ndepends_on: a", "E201", "depends_on", "write `needs: a`"),
    ("command: [x]\ndependsOn: [a]", "E201", "dependsOn", "write `needs: [a]`"),
    ("command: [x]\ndepends: a", "E201", "depends", "write `needs: a`"),
    ("command: [x]\ndocker: python:3.11", "E201", "docker", "write `image: python:3.11`"),
    ("command: [x]\ncontainer: y", "E201", "container", "write `image: y`"),
    ("command: [x]\nif: params.x > 1", "E201", "if", 'write `when: "params.x > 1"`'),
    ("command: [x]\nretries: 3", "E201", "retries", "write `retry: {limit: 3}`"),
    ("command: [x]\nenvironment: {A: b}", "E201", "environment", "it is called `env` here"),
    ("command: [x]\ntimeout_seconds: 90", "E201", "timeout_seconds", "write `timeout: 1m30s`"),
    ("command: [x]\ntimeout-minutes: 5", "E201", "timeout-minutes", "write `timeout: 5m`"),
    ("command: [x]\nartifacts: {a: b}", "E201", "artifacts", "it is called `outputs` here"),
    ("command: [x]\nname: t", "E201", "name", "remove it: the key of a task is its name"),
    ("command: [x]\ncpu: 2", "E201", "cpu", "write `resources: {cpu: 2}`"),
    ("command: [x]\ncron: x", "E201", "cron", "`cron` is a key of `schedule`: move it there"),
    ("cmd: echo 'a b'", "E201", "cmd", 'write `command: [echo, "a b"]`'),
    ("run: a | b", "E201", "run", 'write `script: "a | b"`'),
    # kinds
    ("command: python x.py", "E203", "python x.py", "write `command: [python, x.py]`"),
    ("command: a > b", "E203", "a > b", 'write `script: "a > b"`'),
    ("command: run ${{ params.x }}", "E203", "run ${{ params.x }}", 'write `command: [run, "${{ params.x }}"]`'),
    ('command: [x]\nretry: {limit: "3"}', "E203", '"3"', "write `limit: 3`, without quotes"),
    ("command: [x]\nretry: {delay: 5}", "E203", "5", "write `delay: 5s`, with its unit"),
    ("command: [x]\nneeds: {a: b}", "E203", "{a: b}", "write a value, such as `needs: [a]`"),
    ("command: [x]\nenv: [A=b]", "E203", "[A=b]", "write `env: {A: b}`"),
    ("command: [x]\nenv:\n  - name: A\n    value: b", "E203", "env", "write `env: {A: b}`"),
    ("command: [x]\noutputs: [rows]", "E203", "[rows]", "write `outputs: {rows: string}`, with its type"),
    ("command: [x]\ntimeout: 30", "E203", "30", "write `timeout: 30s`, with its unit"),
    ("command: [x, [y]]", "E203", "[y]", "write it as text, in quotes: '[y]'"),
    ("command: [x]\nimage: 3.11", "E203", "3.11", 'write `image: "3.11"`, in quotes'),
    # words, names, forms, ranges
    (
        "command: [x]\ntrigger_rule: one_failed",
        "E204",
        "one_failed",
        "write `trigger_rule: any_failed`, and the tasks that may fail in `needs`",
    ),
    ("command: [x]\noutputs: {a: str}", "E204", "str", "write `a: string`"),
    ("command: [x]\noutputs: {a: {type: File}}", "E204", "File", "write `type: file`"),
    ("command: [x]\noutputs: {aB: string}", "E205", "aB", "write `a_b`"),
    ("command: [x]\nmatrix: {Item: [1]}", "E205", "Item", "write `item_axis`"),
    ("command: [x]\nmatrix: {item: [1]}", "E206", "item", "write `item_axis`"),
    ("command: [x]\ntimeout: 10 minutes", "E207", "10 minutes", "write `timeout: 10m`"),
    ("command: [x]\ntimeout: 0s", "E207", "0s", "write `timeout: 1s`"),
    ("command: [x]\ntimeout: 30m1h", "E207", "30m1h", "write `timeout: 1h30m`"),
    ("command: [x]\ntimeout: soon", "E207", "soon", None),
    ("command: [x]\nresources: {memory: 512mb}", "E208", "512mb", "write `memory: 512M`"),
    ("command: [x]\nresources: {cpu: 0}", "E209", "0", "write `cpu: 1`"),
    ("command: [x]\nretry: -1", "E209", "-1", "write `retry: 0`"),
    ("command: [x]\nretry: {factor: 1000}", "E209", "1000", "write `factor: 10`"),
    ("command: [x]\nimage: a b", "E210", "a b", "write `image: ab`"),
    (
        'command: [x]\nimage: "a:${{ params.b }}"',
        "E210",
        '"a:${{ params.b }}"',
        "this place takes only `${{ vars.<name> }}`: declare the value under `vars:`",
    ),
    (
        'command: [x]\ntimeout: "${{ params.b }}"',
        "E207",
        '"${{ params.b }}"',
        "this place takes only `${{ vars.<name> }}`: declare the value under `vars:`",
    ),
    ("command: [x]\nsecrets: {T: {name: A_b, key: k}}", "E210", "A_b", "write `name: a-b`"),
    # together
    ("image: x", "E211", "t", "add `command: [python3, train.py]`"),
    ("command: [x]\nscript: y", "E211", "script", "remove `script` or `command`"),
    ("command: [x]\nwith: {a: 1}", "E212", "with", None),
    ("uses: c\ninputs: {a: b}", "E212", "inputs", "rename `inputs` to `with`"),
    ("command: [x]\nmatrix: {a: [1]}\nforeach: [1]", "E212", "foreach", None),
    ("command: [x]\nmax_parallel: 2", "E212", "max_parallel", None),
    # nothing
    ("command: []", "E213", "[]", None),
    ("command: ['']\nworkdir: ''", "E213", "''", None),
    ("command: [x]\nneeds: [a, b, a]", "E215", "a", "remove one of them"),
    ("command: [x]\nenv: {DW_A: b}", "E217", "DW_A", "write `MY_A`"),
    ("command: [x, null]", "E218", "null", "remove the item, or write its text in quotes"),
]


@pytest.mark.parametrize(("body", "code", "underlined", "help_"), IN_TASK, ids=[row[0] for row in IN_TASK])
def test_in_a_task(body: str, code: str, underlined: str, help_: str | None) -> None:
    found = one(task(body))
    assert found[:2] == (code, underlined)
    if help_ is not None:
        assert found[2] == help_


AT_THE_TOP = [
    (HEAD + TASK + "cron: 0 4 * * *\n", "E201", "cron", 'write `schedule: {cron: "0 4 * * *"}`'),
    (HEAD + TASK + "parameters: {a: b}\n", "E201", "parameters", "it is called `params` here"),
    (HEAD + TASK + "image: x\n", "E201", "image", "write `defaults: {image: x}`"),
    (HEAD + TASK + "load: {command: [y]}\n", "E201", "load", "a task belongs below `tasks:`, as `load: ...`"),
    (HEAD + "steps:\n  t: {command: [x]}\n", "E201", "steps", "it is called `tasks` here"),
    (HEAD + "jobs:\n  t: {command: [x]}\n", "E201", "jobs", "it is called `tasks` here"),
    (HEAD + "dag:\n  t: {command: [x]}\n", "E201", "dag", "it is called `tasks` here"),
    ("name: a\n" + TASK, "E202", "name", "add `apiVersion: dagwright/v1`"),
    (HEAD + "tasks:\n  - {name: load, command: [x]}\n", "E203", "- {name: load, command: [x]}", None),
    (HEAD + TASK + "schedule: 0 4 * * *\n", "E203", "0 4 * * *", 'write `schedule: {cron: "0 4 * * *"}`'),
    (HEAD + TASK + "params: {a: 3}\n", "E203", "3", "write `a: {type: integer, default: 3}`"),
    (HEAD + TASK + "schedule: {cron: x, catchup: 'yes'}\n", "E203", "'yes'", "write `catchup: true`, without quotes"),
    ("apiVersion: dagwright/v1\nname: My_Flow\n" + TASK, "E205", "My_Flow", "write `name: my-flow`"),
    (HEAD + "tasks: {load-data: {command: [x]}}\n", "E205", "load-data", "write `load_data`"),
    (HEAD + "tasks: {if: {command: [x]}}\n", "E206", "if", "write `if_task`"),
    (HEAD + "tasks: {}\n", "E213", "{}", None),
    (HEAD + f"tasks: {{{'a' * 61}: {{command: [x]}}}}\n", "E214", "a" * 61, "shorten it"),
    ("apiVersion: v1\nname: a\n" + TASK, "E216", "v1", "write `apiVersion: dagwright/v1`"),
    (HEAD + "tasks:\n  t:\n", "E218", "t", None),
    (
        HEAD + TASK + "targets: {airflow: }\n",
        "E218",
        "airflow",
        "write `airflow: {}` to name the target without settings",
    ),
    (HEAD + TASK + "targets: {airflow: {version: 3.10}}\n", "E204", "3.10", "write `version: 3.3`"),
    (HEAD + TASK + "targets: {k8s: {}}\n", "E201", "k8s", "it is called `argo` here"),
    ("- a\n- b\n", "E200", "- a", None),
    ("just text\n", "E200", "just text", None),
]


@pytest.mark.parametrize(("text", "code", "underlined", "help_"), AT_THE_TOP, ids=[row[0][-40:] for row in AT_THE_TOP])
def test_at_the_top(text: str, code: str, underlined: str, help_: str | None) -> None:
    found = one(text)
    assert found[:2] == (code, underlined)
    if help_ is not None:
        assert found[2] == help_


def test_everything_is_reported_at_once() -> None:
    found = diagnose(
        HEAD + "tasks:\n  a: {comand: [x], retry: {limit: '3'}, timeout: 1 day}\n  b-c: {script: x, uses: y}\n"
    )
    assert [d.code for d in found] == ["E201", "E203", "E207", "E205", "E211"]
    assert found[1].message == "`retry.limit` of task `a` must be a whole number, not text"


def test_a_mistake_behind_an_alias_is_reported_once() -> None:
    found = diagnose(HEAD + "tasks:\n  a: &a {comand: [x]}\n  b: *a\n")
    assert [d.code for d in found] == ["E201"]


def test_a_component_file() -> None:
    found = diagnose("components:\n  a: {command: [x], needs: [b]}\n", "components")
    assert [(d.code, d.help) for d in found] == [("E201", "this belongs to the task that uses the component")]
    found = diagnose("tasks:\n  a: {command: [x]}\n", "components")
    assert [(d.code, text_of(d)) for d in found] == [("E201", "tasks")]


def test_hostile_keys_are_shown_harmlessly() -> None:
    keys = {"a\u202e\x1b[31m`": 1, "b" * 5000: 1, "\ud800": 1}
    report = Report()
    validate(tree({**MINIMAL, "tasks": {"t": {"command": ["x"], **keys}}}), report)
    assert [d.code for d in report.diagnostics] == ["E201", "E201", "E201"]
    for diagnostic in report.diagnostics:
        assert diagnostic.message.isprintable()
        assert len(diagnostic.message) <= 90
