"""Words of other tools in a spec: the first help, and what the edit makes of the spec.

An edit leads to a spec without errors; where that is not possible, the help has no edit.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dagwright.diagnostics.fix import applied
from dagwright.diagnostics.model import Diagnostic, Severity
from diagnostics.cases import diagnose

ECHO = 'command: [echo, "${{ item }}"]'
MAKE = "a: {command: [x], outputs: {b: string, l: json}}"
TWO = "a: {command: [x]}\n  b: {command: [x]}"
OUTSIDE = "the spec cannot read variables of your shell or CI system"
RESULT = "write `tasks.a.outputs.<output>` or `tasks.a.status`"
NEEDS_NOTHING = "remove it: this task needs nothing, so it always runs"

# The spec, as its keys at the top and its tasks; the start of the help; the line after the edit, or None without one.
CASES: dict[str, tuple[str, str, str, str | None]] = {
    "numbers": ("", f"t: {{{ECHO}, withItems: [1, 2]}}", "write `foreach: [1, 2]`", f"t: {{{ECHO}, foreach: [1, 2]}}"),
    "texts": ("", f"t: {{{ECHO}, withItems: [a, '1']}}", "write `foreach: [a, \"1\"]`",
              f't: {{{ECHO}, foreach: [a, "1"]}}'),
    "count": ("", f"t: {{{ECHO}, foreach: 3}}", "write a list, such as `foreach: [0, 1, 2]`", None),
    "word as schedule": ("schedule: daily", "t: {command: [x]}", 'write `schedule: {cron: "0 0 * * *"}`',
                         'schedule: {cron: "0 0 * * *"}'),
    "preset as schedule": ("schedule: '@hourly'", "t: {command: [x]}", 'write `schedule: {cron: "0 * * * *"}`',
                           'schedule: {cron: "0 * * * *"}'),
    "fields as schedule": ("schedule: 5 4 * * 1", "t: {command: [x]}", 'write `schedule: {cron: "5 4 * * 1"}`',
                           'schedule: {cron: "5 4 * * 1"}'),
    "no schedule": ("schedule: '@once'", "t: {command: [x]}", "there is no schedule for a single start", None),
    "unknown schedule": ("schedule: sometimes", "t: {command: [x]}", "write a value, such as `schedule: {", None),
    "interval": ("schedule: {interval: 1h}", "t: {command: [x]}", 'write `cron: "0 * * * *"`',
                 'schedule: {cron: "0 * * * *"}'),
    "interval in minutes": ("schedule: {cron: every 15 minutes}", "t: {command: [x]}", 'write `cron: "*/15 * * * *"`',
                            'schedule: {cron: "*/15 * * * *"}'),
    "interval without fields": ("schedule: {interval: 7h}", "t: {command: [x]}", "it is called `cron` here", None),
    "start": ("start_date: 2026-01-01", "t: {command: [x]}",
              'write it as `start: "2026-01-01"` in a `schedule`, which needs a `cron`, too', None),
    "catchup": ("catchup: false", "t: {command: [x]}",
                "write it as `catchup: false` in a `schedule`, which needs a `cron`, too", None),
    "whole schedule": ("schedule_interval: '@daily'\ncatchup: false", "t: {command: [x]}",
                       'write `schedule: {cron: "0 0 * * *", catchup: false}`',
                       'schedule: {cron: "0 0 * * *", catchup: false}'),
    "depends": ("", f'{TWO}\n  t: {{command: [x], depends: "a && b.Succeeded"}}', "write `needs: [a, b]`",
                "t: {command: [x], needs: [a, b]}"),
    "depends on either": ("", f'{TWO}\n  t: {{command: [x], depends: "a || b"}}', "list the tasks, as in", None),
    "needs with an operator": ("", f'{TWO}\n  t: {{command: [x], needs: "a && b"}}', "write `needs: [a, b]`",
                               "t: {command: [x], needs: [a, b]}"),
    "needs either": ("", f'{TWO}\n  t: {{command: [x], needs: "a || b"}}', "list the tasks, as in", None),
    "needs of jobs": ("", f"{TWO}\n  t: {{command: [x], needs: [{{job: a}}]}}", "write `a`",
                      "t: {command: [x], needs: [a]}"),
    "optional needs": ("", f"{TWO}\n  t: {{command: [x], needs: [{{job: a, optional: true}}]}}",
                       "write the name of the task alone: `a`", None),
    "withParam": ("", f"{MAKE}\n  t: {{{ECHO}, withParam: '{{{{tasks.a.outputs.parameters.l}}}}'}}",
                  "write `foreach: tasks.a.outputs.l`", f"t: {{{ECHO}, foreach: tasks.a.outputs.l}}"),
    "withParam of a result": ("", f"{MAKE}\n  t: {{{ECHO}, withParam: '{{{{tasks.a.outputs.result}}}}'}}",
                              "write `foreach: tasks.a.outputs.<output>`", None),
    "braces in an expression": ("", f"{MAKE}\n  t: {{needs: a, command: [x], when: \"{{{{ x }}}} == 'y'\"}}",
                                "leave out `{{` and `}}`", None),
    "result": ("", f"{MAKE}\n  t: {{command: [x, '${{{{ tasks.a.result }}}}']}}", RESULT, None),
    "result of needs": ("", f"{MAKE}\n  t: {{command: [x, '${{{{ needs.a.result }}}}']}}", RESULT, None),
    "output of needs": ("", f"{MAKE}\n  t: {{command: [x, '${{{{ needs.a.outputs.b }}}}']}}", "did you mean `tasks`?",
                        "t: {command: [x, '${{ tasks.a.outputs.b }}']}"),
    "missing output of needs": ("", f"{MAKE}\n  t: {{command: [x, '${{{{ needs.a.outputs.z }}}}']}}", RESULT, None),
    "state": ("", f"{MAKE}\n  t: {{command: [x, '${{{{ tasks.a.state }}}}']}}", "write `tasks.a.status`",
              "t: {command: [x, '${{ tasks.a.status }}']}"),
    "name of the workflow": ("", "t: {command: [x, '${{ workflow.name }}']}", "write `run.id`",
                             "t: {command: [x, '${{ run.id }}']}"),
    "date": ("", "t: {command: [x, '${{ ds }}']}", "write `run.date`", "t: {command: [x, '${{ run.date }}']}"),
    "param of a workflow": ("", "t: {command: [x, '${{ workflow.parameters.n }}']}",
                            "write `params.n`, and declare `n` under `params`", None),
    "commit": ("", "t: {command: [x, '${{ github.sha }}']}", OUTSIDE, None),
    "filter": ("params: {x: string}", "t: {command: [x, '${{ params.x | upper }}']}",
               "write the function around its value: `upper(...)`", None),
    "filter of another name": ("params: {x: string}", "t: {command: [x, '${{ params.x | lowercase }}']}",
                               "write the function around its value: `lower(...)`", None),
    "bar": ("params: {x: boolean}", "t: {command: [x], when: 'params.x | params.x'}",
            "write `or` between two conditions", None),
    "action": ("", "t: {uses: actions/checkout@v4}", "name a component of this file", None),
    "file of components": ("", "t: {uses: lib.yaml#load}", "write `./lib.yaml#load`", "t: {uses: ./lib.yaml#load}"),
    "parallelism of one": ("", "t: {command: [x], parallelism: 3}", "remove it: it bounds the instances", None),
    "parallelism of items": ("", f"t: {{{ECHO}, foreach: [a], parallelism: 3}}", "write `max_parallel: 3`",
                             f"t: {{{ECHO}, foreach: [a], max_parallel: 3}}"),
    "parallelism of a run": ("parallelism: 3", "t: {command: [x]}",
                             "write `targets: {airflow: {max_active_tasks: 3}, argo: {parallelism: 3}}`", None),
    "rule without needs": ("", "t: {command: [x], trigger_rule: always}", NEEDS_NOTHING, None),
    "condition without needs": ("", "t: {command: [x], if: always()}", NEEDS_NOTHING, None),
    "rule with needs": ("", f"{MAKE}\n  t: {{needs: a, command: [x], trigger_rule: always}}",
                        "write `trigger_rule: all_done`", "t: {needs: a, command: [x], trigger_rule: all_done}"),
    "secret": ("", "t: {command: [x], env: {X: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}",
               "remove it, and write `secrets: {X: {name: s, key: k}}` in the task", None),
    "config map": ("", "t: {command: [x], env: {X: {valueFrom: {configMapKeyRef: {name: s, key: k}}}}}", OUTSIDE, None),
    "list of secrets": ("", "t: {command: [x], env: [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]}",
                        "write each under its own name, without `-`: `X: value`; write `secrets: {X: {name: s", None),
    "redirect": ("", "t: {command: [./p, a, '>', out.txt]}", 'write `script: "./p a > out.txt"`',
                 't: {script: "./p a > out.txt"}'),
    "redirect to nothing": ("", "t: {command: [./p, a, '>']}", "write a `script`, which a shell runs", None),
    "two operators": ("", "t: {command: [./p, '&&', '|', x]}", "write a `script`, which a shell runs", None),
    "operator first": ("", "t: {command: ['|', x]}", "write a `script`, which a shell runs", None),
    "text with a variable": ("", "t: {command: [./p, 'to $NAME, \"you\"']}", "write `script: ",
                             r't: {script: "./p \"to $NAME, \\\"you\\\"\""}'),
    "backticks": ("", "t: {command: [./p, '`date`']}", 'write `script: "./p `date`"`', 't: {script: "./p `date`"}'),
    "any character": ("", "t: {command: [cat, 'a?.csv']}", 'write `script: "cat a?.csv"`', 't: {script: "cat a?.csv"}'),
    "braces": ("", "t: {command: [cat, 'a.{csv,txt}']}", "write each name as an element of its own", None),
    "all files": ("", "t: {command: [rm, 'out/*']}", 'write `script: "rm out/*"`', 't: {script: "rm out/*"}'),
    "star": ("", "t: {command: [cat, '*']}", 'write `script: "cat *"`', 't: {script: "cat *"}'),
    "backticks in a variable": ("", "t: {command: [x], env: {X: '`date`'}}", "set the variable in a `script`", None),
    "template in a script": ("", "t: {script: 'echo {{ ds }}'}",
                             'write `env: {DS: "${{ run.date }}"}` in the task, and `$DS` here', None),
}  # fmt: skip

# No shell and no other tool has a meaning for these.
PLAIN = {
    "question": "t: {command: [./p, 'ready?', 'http://x/a?b=c']}",
    "pattern of an option": "t: {command: [./p, --allow, '*', -x, 'a.{b,c}']}",
    "text in backticks": "t: {command: [./p, 'see `man ls` for more'], env: {X: 'see `man ls` for more'}}",
    "program": "t: {command: [jq, '.{a,b}', 'x?.json']}",
    "templates of a program": 't: {script: \'docker ps --format "{{ .ID }} {{ item }}"; dbt "{{ ref(1) }}"\'}',
}


def spec(top: str, tasks: str) -> str:
    return f"apiVersion: dagwright/v1\nname: p\ndefaults: {{image: x}}\n{top}\ntasks:\n  {tasks}\n"


def check(folder: Path, text: str) -> list[Diagnostic]:
    (folder / "pipeline.yaml").write_text(text, encoding="utf-8")
    return diagnose(folder).diagnostics


@pytest.mark.parametrize("name", CASES)
def test_help(name: str, tmp_path: Path) -> None:
    (tmp_path / "lib.yaml").write_text("apiVersion: dagwright/v1\ncomponents: {load: {command: [x]}}\n")
    top, tasks, help_, line = CASES[name]
    found = next(iter(check(tmp_path, spec(top, tasks))))
    assert found.help is not None
    assert found.help.startswith(help_)
    assert (found.fix is None) == (line is None), found
    if found.fix is not None and found.span is not None:
        text = applied(found.span.source, found.fix.edits)
        assert line in [written.strip() for written in text.splitlines()], text
        assert not [d for d in check(tmp_path, text) if d.severity is Severity.ERROR or d.code == found.code]


@pytest.mark.parametrize("name", PLAIN)
def test_no_warning(name: str, tmp_path: Path) -> None:
    assert check(tmp_path, spec("", PLAIN[name])) == []


def test_all_keys_of_a_task_are_named(tmp_path: Path) -> None:
    (found,) = check(tmp_path, spec("", "t: {command: [x], zzz: 1}"))
    assert {"retry", "timeout", "description"} <= set(found.notes[0].replace(",", "").split())
