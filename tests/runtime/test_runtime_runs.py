"""Whole runs: fan-outs, artifacts, `finally`, params, secrets, stopping, records."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from pathlib import Path

import pytest
from running import Runner, moment, pipeline_of, script_of, wait_for

from dagwright.runtime.record import TRACE, is_live, new_run_id, read_record
from dagwright.runtime.step import GRACE

FAN_OUT = """
params: {words: {type: json, default: [a, b]}}
tasks:
  grid:
    matrix: {x: [1, 2], y: [p, q]}
    max_parallel: 2
    script: |
      printf %s "$X$Y-$DW_INDEX" > "$DW_OUT/v"
      printf %s "$X$Y" > "$DW_OUT/f"
    env: {X: "${{ matrix.x }}", Y: "${{ matrix.y }}"}
    outputs: {v: string, f: file}
  join:
    script: |
      printf %s "$LIST" > "$DW_OUT/list"
      cat "$FOLDER"/* > "$DW_OUT/all"
      ls "$FOLDER" | tr "\\n" " " > "$DW_OUT/names"
    env: {LIST: "${{ tasks.grid.outputs.v }}", FOLDER: "${{ tasks.grid.outputs.f }}"}
    outputs: {list: json, all: string, names: string}
  each:
    foreach: params.words
    script: test "$W" != bad
    env: {W: "${{ string(item) }}"}
    retry: 1
  after: {command: ["true"], needs: [each]}
"""


def test_a_fan_out_keeps_its_order_and_gives_lists_and_folders(runner: Runner) -> None:
    ran = runner.spec(FAN_OUT)
    assert ran.code == 0
    assert ran.task("join")["outputs"] == {
        "list": ["1p-0", "1q-1", "2p-2", "2q-3"],
        "all": "1p1q2p2q",
        "names": "0 1 2 3 ",
    }
    running = most = 0
    for event in ran.record:
        if event.get("task") == "grid" and event["event"] in ("start", "end"):
            running += 1 if event["event"] == "start" else -1
            most = max(most, running)
    assert most <= 2


def test_instances_fail_alone_and_an_empty_list_is_skipped(here: Runner) -> None:
    script = script_of(pipeline_of(FAN_OUT, here.folder))
    ran = here.run(script, "--param", 'words=["a","bad","c"]')
    assert [(i["state"], i["attempts"]) for i in ran.task("each")["instances"]] == [
        ("succeeded", 1),
        ("failed", 2),
        ("succeeded", 1),
    ]
    assert ran.states["after"] == "upstream_failed"
    ran = here.run(script, "--param", "words=[]")
    assert ran.task("each") == {"state": "skipped", "instances": []}
    assert ran.states["after"] == "skipped"
    for wrong in ('{"a": 1}', json.dumps(["x"] * 1001)):
        ran = here.run(script, "--param", f"words={wrong}")
        assert ran.task("each") == {"state": "failed", "instances": []}
    ran = here.run(script, "--param", "words=" + json.dumps(["x"] * 300), "--quiet", "-j", "8")
    assert len(ran.task("each")["instances"]) == 300


def test_artifacts_are_read_only_and_do_not_change(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  make:
    script: |
      mkdir -p "$DW_OUT/model/sub"
      echo one > "$DW_OUT/model/sub/part"
      chmod +x "$DW_OUT/model/sub/part"
      echo data > "$DW_OUT/data.csv"
    outputs: {model: directory, data: {type: file, filename: data.csv}}
  use:
    inputs: {table: "${{ tasks.make.outputs.data }}"}
    command: [sh, -c, 'echo "$1" > "$DW_OUT/where"; rm -f "$2/sub/part" || true; cat "$DW_IN/table/data.csv"', x,
      "${{ tasks.make.outputs.model }}", "${{ tasks.make.outputs.model }}"]
    outputs: {where: string}
  again:
    needs: [use]
    command: [cat, "${{ tasks.make.outputs.model }}/sub/part"]
"""
    )
    assert ran.code == 0, ran.stderr
    assert (ran.folder / "logs" / "use.attempt-1.log").read_text() == "data\n"
    assert (ran.folder / "logs" / "again.attempt-1.log").read_text() == "one\n"
    assert ran.task("use")["outputs"]["where"] == str(ran.folder / "inputs/use/make.model/model")
    kept = ran.folder / "outputs" / "make.attempt-1" / "model" / "sub" / "part"
    assert stat.S_IMODE(kept.stat().st_mode) & 0o333 == 0o111 & stat.S_IMODE(kept.stat().st_mode)
    assert all(os.access(folder, os.W_OK) for folder, _, _ in os.walk(ran.folder))  # so that it can be deleted


def test_finally_runs_last_and_knows_how_the_rest_ended(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  a: {command: ["false"]}
  b: {script: sleep 0.3}
finally:
  report:
    command: [sh, -c, 'printf %s "$1" > "$DW_OUT/s"; exit 1', x, "${{ run.status }} ${{ run.date }}"]
    outputs: {s: {type: string, default: none}}
  last: {command: ["true"], needs: [report], trigger_rule: any_failed}
"""
    )
    assert ran.states == {"a": "failed", "b": "succeeded", "report": "failed", "last": "succeeded"}
    assert ran.code == 5
    (argv,) = [event["argv"] for event in ran.events("start", task="report")]
    date = next(event for event in ran.record if event["event"] == "run")["scheduled_at"][:10]
    assert argv[-1] == f"failed {date}"


def test_an_expression_that_cannot_be_evaluated_fails_its_task_untried(runner: Runner) -> None:
    ran = runner.spec(
        """
params: {n: {type: integer, default: 0}}
tasks:
  a: {command: [echo, "${{ 1 % params.n }}"], retry: 3}
  b: {command: ["true"], when: "1 % params.n == 0"}
  c: {command: ["true"], env: {V: "${{ 1 % params.n }}"}}
  d: {foreach: [1, 0], command: [echo, "${{ 1 % item }}"]}
"""
    )
    for name in "abc":
        assert ran.task(name) == {"state": "failed", "attempts": 0, "outputs": {}}
    assert [(i["state"], i["attempts"]) for i in ran.task("d")["instances"]] == [("succeeded", 1), ("failed", 0)]


PARAMS = """
params:
  n: {type: integer, default: 1, minimum: 1, maximum: 5}
  x: {type: number, default: 0.5}
  s: {type: string, min_length: 2, default: "ab"}
  e: {type: string, enum: [red, blue], default: red}
  need: {type: boolean}
tasks:
  t: {command: [echo, "${{ params.n }} ${{ params.x }} ${{ params.s }} ${{ params.e }} ${{ params.need }}"]}
"""


def test_a_text_of_another_type_is_laid_to_the_task_that_wrote_it(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  judge:
    script: echo True > "$DW_OUT/good"; echo many > "$DW_OUT/n"
    outputs: {good: boolean, n: number}
  deploy: {when: tasks.judge.outputs.good, command: [echo, x]}
  count: {command: [echo, "${{ tasks.judge.outputs.n + 1 }}"]}
"""
    )
    assert '`when` cannot be evaluated: the output `good` of `judge` is wrong: "True" is neither true nor' in ran.stderr
    assert 'cannot be evaluated: the output `n` of `judge` is wrong: "many" is not a number' in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "E802"),
        (["need=true", "m=1"], "E801"),
        (["need=yes"], "E803"),
        (["need=true", "n=01"], "E803"),
        (["need=true", "n=9"], "E804"),
        (["need=true", "s=a"], "E804"),
        (["need=true", "e=green"], "E804"),
        (["need=true", "x=NaN"], "E803"),
        (["need"], "E801"),
        (["need=true", "n=1", "n=2"], "E809"),
        (["need=true", "n=1", "x=2", "n=1"], "E809"),
    ],
)
def test_wrong_params_refuse_the_run(here: Runner, arguments: list[str], code: str) -> None:
    ran = here.spec(PARAMS, *(part for argument in arguments for part in ("--param", argument)))
    assert ran.trace == {"status": "refused"}
    assert ran.code == 2
    assert f"error[{code}]" in ran.stderr
    assert not (here.folder / "runs").exists()


def test_params_are_inserted_as_they_were_given(runner: Runner) -> None:
    (runner.folder / "params.json").write_text('{"need": false, "x": 2.0, "n": 4}')
    ran = runner.spec(PARAMS, "--params-file", "params.json", "--param", "n=3", "--param", "s=${{x}} $(id)")
    assert (ran.folder / "logs" / "t.attempt-1.log").read_text() == "3 2.0 ${{x}} $(id) red false\n"


def test_a_param_without_a_name(here: Runner) -> None:
    assert "error[E801]: `--param =3` has no name before the `=`\n" in here.spec(PARAMS, "--param", "=3").stderr
    assert "error[E801]: `--param need` has no `=`\n" in here.spec(PARAMS, "--param", "need").stderr


@pytest.mark.parametrize("content", ['{"need": true, "n": 1, "n": 2}', '{"need": true, "n": {"n": 1, "n": 1}}'])
def test_a_params_file_with_a_key_twice(here: Runner, content: str) -> None:
    (here.folder / "params.json").write_text(content)
    ran = here.spec(PARAMS, "--params-file", "params.json")
    assert (ran.code, ran.trace) == (2, {"status": "refused"})
    assert "error[E806]: the params file params.json holds the key `n` twice\n" in ran.stderr


@pytest.mark.parametrize("flag", ["--params-file", "--secrets-file"])
def test_an_empty_name_of_a_file_is_not_no_file(here: Runner, flag: str) -> None:
    """An empty name, as from `--secrets-file "$FILE"` with an unset variable, is an error."""
    ran = here.spec(PARAMS, "--param", "need=true", flag, "")
    assert (ran.code, ran.trace) == (2, {"status": "refused"})
    assert f"error[E806]: the {flag[2:].replace('-', ' ')} with an empty name cannot be read\n" in ran.stderr


SECRET = """
tasks:
  t:
    script: printf %s "$TOKEN" > "$DW_OUT/t"; echo "is $TOKEN"; test "$DW_ATTEMPT" = 2
    secrets: {TOKEN: {name: my-deploy, key: api.token}}
    outputs: {t: file}
    retry: 1
  shows: {command: [echo, "${{ params.p }}"]}
params: {p: {type: string, default: x}}
"""


def test_a_missing_secret_refuses_the_run(runner: Runner) -> None:
    ran = runner.spec(SECRET)
    assert (ran.code, ran.trace) == (2, {"status": "refused"})
    assert "DW_SECRET_MY_DEPLOY_API_TOKEN" in ran.stderr


@pytest.mark.parametrize(
    "content", ["# a comment\n\nDW_SECRET_MY_DEPLOY_API_TOKEN=%s\n", '{"my-deploy": {"api.token": "%s"}}']
)
def test_secrets_reach_the_task_and_none_of_our_records(runner: Runner, content: str) -> None:
    secret = "s3cr3t=value"
    (runner.folder / "secrets").write_text(content % secret)
    ran = runner.spec(SECRET, "--secrets-file", "secrets", "--param", f"p=has {secret} inside")
    assert ran.code == 0, ran.stderr
    assert (ran.folder / "outputs" / "t.attempt-2" / "t").read_text() == secret
    ours = [ran.stdout, ran.stderr, (ran.folder / "record.jsonl").read_text(), (ran.folder / TRACE).read_text()]
    assert not [text for text in ours if secret in text]
    assert "| is ***\n" in ran.stderr  # the log of the attempt that failed
    assert secret not in (runner.folder / "case.py").read_text()


@pytest.mark.parametrize(
    ("content", "message", "advice"),
    [
        (
            "# x\nexport DW_SECRET_MY_API_TOKEN=hunter2\n",
            "line 2 of the secrets file is no",
            "leave out `export`",
        ),
        ("MY_DEPLOY_API_TOKEN=hunter2", "line 1 of the secrets file is no", "write `DW_SECRET_NAME_KEY=value`"),
        ("dw_secret_my_deploy_api_token=hunter2", "line 1 of the secrets file is no", "upper case"),
        ("aHVudGVyMg==hunter2", "line 1 of the secrets file is no", "write `DW_SECRET_NAME_KEY=value`"),
        ("DW_SECRET_=hunter2", "line 1 of the secrets file is no", "write `DW_SECRET_NAME_KEY=value`"),
        ("DW_SECRET_A=1\nhunter2\n", "line 2 of the secrets file is no", "write `DW_SECRET_NAME_KEY=value`"),
        ("DW_SECRET_A=1\n\nDW_SECRET_A=hunter2", "line 3 of the secrets file names a variable for the", "remove one"),
        ('{"a": {"b": "x", "b": "hunter2"}}', "the secrets file secrets holds the key `b` twice", "remove one"),
    ],
)
def test_a_line_of_a_secrets_file_that_would_be_ignored(here: Runner, content: str, message: str, advice: str) -> None:
    (here.folder / "secrets").write_text(content)
    ran = here.spec(SECRET, "--secrets-file", "secrets")
    assert (ran.code, ran.trace) == (2, {"status": "refused"})
    assert f"error[E806]: {message}" in ran.stderr
    assert advice in ran.stderr
    assert "hunter2" not in ran.stderr
    assert "aHVu" not in ran.stderr


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_quotes_belong_to_the_value_of_a_secret(here: Runner, start: str) -> None:
    spec = SECRET.replace("my-deploy", "a").replace("api.token", "b")
    (here.folder / "secrets").write_text(f'{start}DW_SECRET_A_B="it\'s = so" \r\nDW_SECRET_OTHER=\n', encoding="utf-8")
    ran = here.spec(spec, "--secrets-file", "secrets")
    assert ran.code == 0, ran.stderr
    assert (ran.folder / "outputs" / "t.attempt-2" / "t").read_text() == '"it\'s = so" '


def test_a_secret_that_becomes_an_output_is_in_none_of_our_texts(runner: Runner) -> None:
    """Outputs, arguments and reasons contain the secret neither as text nor as JSON; readers of the output get it."""
    secret = 'hunter"2\\\u00e9'
    (runner.folder / "secrets").write_text(json.dumps({"a": {"b": secret}}))
    ran = runner.spec(
        """
tasks:
  a:
    script: |
      printf %s "$TOKEN" > "$DW_OUT/v"
      printf %s '{"k": ["hunter\\"2\\\\\u00e9", 1]}' > "$DW_OUT/j"
    secrets: {TOKEN: {name: a, key: b}}
    outputs: {v: string, j: json}
  reads: {script: 'test "$(printf %s "$V" | wc -c)" -eq 11', env: {V: "${{ tasks.a.outputs.v }}"}}
  shows: {command: [echo, "${{ to_json(tasks.a.outputs.v) }}"]}
  loops: {foreach: 'from_json("[" + to_json(tasks.a.outputs.v) + "]")', command: [echo, "${{ item }}"]}
  fails: {command: [echo, "${{ integer(tasks.a.outputs.v) }}"]}
""",
        "--secrets-file",
        "secrets",
    )
    assert ran.states["reads"] == "succeeded"
    assert ran.states["fails"] == "failed"
    assert ran.trace["tasks"]["a"]["outputs"] == {"v": "***", "j": {"k": ["***", 1]}}
    ours = ran.stdout + ran.stderr + (ran.folder / "record.jsonl").read_text() + (ran.folder / TRACE).read_text()
    assert "hunter" not in ours


def test_ctrl_c_stops_everything_and_finally_does_not_run(runner: Runner) -> None:
    script = script_of(
        pipeline_of(
            """
tasks:
  a: {script: "sleep 50 & echo $! > pid; wait"}
  b: {command: ["true"], needs: [a]}
  c: {foreach: [1, 2], command: [sleep, "50"]}
finally:
  z: {command: ["true"]}
""",
            runner.folder,
        )
    )
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        (runner.folder / "pid").unlink(missing_ok=True)
        process = runner.start(script, "-j", "2")
        wait_for(runner.folder / "pid")
        process.send_signal(number)
        ran = runner.end(process)
        assert ran.code == code
        assert ran.trace["status"] == "cancelled"
        assert set(ran.states.values()) == {"cancelled"}
        assert not ran.events("start", task="z")
        assert " cancelled        b" not in ran.stderr  # tasks that never started are only counted
        assert " cancelled        a" in ran.stderr
        assert json.loads((ran.folder / TRACE).read_text()) == ran.trace


def test_a_second_ctrl_c_does_not_wait_for_the_grace(runner: Runner) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); open('pid', 'w').write('1'); time.sleep(60)"
    script = script_of(pipeline_of(f"\ntasks:\n  a: {{command: [python3, -c, {json.dumps(code)}]}}\n", runner.folder))
    process = runner.start(script)
    wait_for(runner.folder / "pid")
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    ran = runner.end(process)
    assert ran.code == 130
    (stopping, *_), (end,) = ran.events("stopping"), ran.events("end")
    assert moment(end) - moment(stopping) < GRACE


def test_the_record_survives_our_sudden_death(runner: Runner) -> None:
    tasks = "".join(f"  t{i}: {{script: ':'}}\n" for i in range(400))
    script = script_of(pipeline_of(f"\ntasks:\n{tasks}", runner.folder))
    process = runner.start(script, "--quiet")
    record = runner.folder / "runs" / "latest" / "record.jsonl"
    end = time.monotonic() + 120
    while not (record.exists() and record.stat().st_size > 6000):
        assert time.monotonic() < end
    folder = record.parent.resolve()
    assert is_live(str(folder))
    process.kill()
    process.communicate()
    while is_live(str(folder)):  # a starting process holds the lock until it has started
        assert time.monotonic() < end
    events = read_record(str(folder))
    assert events[0]["event"] == "run"
    ended = [e["task"] for e in events if e["event"] == "end"]
    assert 0 < len(ended) < 400
    started = {e["task"] for e in events if e["event"] == "start"}
    assert set(ended) <= started


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    whole = b'{"event":"run"}\n{"event":"start","task":"a"}\n'
    for torn in (b"", b'{"event":"en', b'{"event":"end"}', b"\xff\xfe"):
        (tmp_path / "record.jsonl").write_bytes(whole + torn)
        assert [event["event"] for event in read_record(str(tmp_path))] == ["run", "start"]


def test_run_ids_are_unique_and_sort_by_time() -> None:
    ids = [new_run_id() for _ in range(200)]
    assert len(set(ids)) == 200
    assert [i.partition("-")[0] for i in ids] == sorted(i.partition("-")[0] for i in ids)


def test_a_place_that_cannot_be_written_is_said(here: Runner) -> None:
    (here.folder / "runs").write_text("a file")
    process = here.start(script_of(pipeline_of("\ntasks:\n  t: {command: ['true']}\n", here.folder)))
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 74
    assert "error[E807]" in stderr
    assert "Traceback" not in stderr


def test_a_dry_run_shows_the_order_and_runs_nothing(runner: Runner) -> None:
    script = script_of(pipeline_of(FAN_OUT, runner.folder))
    process = runner.start(script, "--dry-run", "--param", 'words=["z"]')
    stdout, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert 'param words = ["z"]' in stdout
    assert stdout.index("wave 1") < stdout.index("  grid") < stdout.index("wave 2") < stdout.index("  join")
    assert 'test "$W" != bad' in stdout
    assert not (runner.folder / "runs").exists()
