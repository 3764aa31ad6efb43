"""The environment of a process, its end, and its recorded results."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import pytest
from running import Runner, alive, pipeline_of, script_of

from dagwright.runtime import step
from dagwright.runtime.artifacts import artifact_digest
from dagwright.runtime.step import StepFailed, printable_line, read_outputs, run_step, unusable_text


def test_a_process_sees_only_what_is_declared(runner: Runner) -> None:
    code = "import os, json; json.dump(sorted(os.environ), open(os.environ['DW_OUT'] + '/names', 'w'))"
    ran = runner.spec(
        f"""
tasks:
  t:
    command: [{json.dumps(sys.executable)}, -c, {json.dumps(code)}]
    env: {{MINE: "a b"}}
    outputs: {{names: json}}
targets: {{local: {{pass_env: [LET_IN]}}}}
""",
        env={"LET_IN": "1", "KEPT_OUT": "1"},
    )
    names = set(ran.task("t")["outputs"]["names"]) - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}
    own = {"PYTHONUNBUFFERED", "DW_OUT", "DW_IN", "DW_RUN_ID", "DW_PIPELINE", "DW_TASK", "DW_ATTEMPT", "DW_INDEX"}
    assert own | {"MINE", "LET_IN", "PATH"} <= names
    assert names <= own | {"MINE", "LET_IN", "PATH", "HOME", "LANG", "TZ", "TMPDIR"}


def test_literal_text_arrives_byte_for_byte(runner: Runner) -> None:
    hostile = '{{ x }} {% y %} $(HOME) `id` \\ \' " $HOME \t \U0001f600 %s """ r""" \\""" end'
    ran = runner.spec(
        f"""
tasks:
  t:
    command: [sh, -c, 'printf %s "$1" > "$DW_OUT/arg"; printf %s "$V" > "$DW_OUT/var"', x, {json.dumps(hostile)}]
    env: {{V: {json.dumps(hostile)}}}
    outputs: {{arg: string, var: string}}
"""
    )
    assert ran.task("t")["outputs"] == {"arg": hostile, "var": hostile}


def test_a_timeout_ends_grandchildren_that_ignore_it_not(runner: Runner) -> None:
    started = time.monotonic()
    ran = runner.spec(
        """
tasks:
  t:
    script: |
      sleep 50 & echo $! > pid
      wait
    timeout: 1s
"""
    )
    assert time.monotonic() - started < 45
    assert ran.task("t")["state"] == "failed"
    assert ran.events("end")[0]["reason"] == "timed out after 1 s"
    assert not alive(int((ran.folder.parent.parent / "pid").read_text()))


def test_a_task_that_ignores_term_is_killed_after_the_grace(here: Runner) -> None:
    """A shorter grace than the ten seconds of the conformance case `timeout_kills`."""
    spec = "\ntasks:\n  t: {script: \"trap '' TERM; sleep 60\", timeout: 2s}\n"
    whole = script_of(pipeline_of(spec, here.folder))
    started = time.monotonic()
    ran = here.run(with_grace(whole, 2))
    assert 3.9 < time.monotonic() - started < 40
    assert ran.events("end")[0]["exit"] == -9


def with_grace(script: str, seconds: float) -> str:
    """A script that waits some seconds between TERM and KILL, instead of ten."""
    assert script.count("\nGRACE = 10.0") == 1
    return script.replace("\nGRACE = 10.0", f"\nGRACE = {seconds}")


def test_a_timed_out_python_task_leaves_its_log(here: Runner) -> None:
    code = "import time; print('epoch 1'); time.sleep(60)"
    ran = here.spec(f"\ntasks:\n  t: {{command: [python3, -c, {json.dumps(code)}], timeout: 3s}}\n")
    assert ran.states == {"t": "failed"}
    assert (ran.folder / "logs" / "t.attempt-1.log").read_text() == "epoch 1\n"
    assert "          | epoch 1\n" in ran.stderr


def test_what_a_task_leaves_behind_is_ended(runner: Runner) -> None:
    ran = runner.spec("\ntasks:\n  t: {script: 'sleep 50 & echo $! > pid'}\n")
    assert ran.states == {"t": "succeeded"}
    assert not alive(int((ran.folder.parent.parent / "pid").read_text()))


def test_signals_have_their_defaults_in_tasks(runner: Runner) -> None:
    """A blocked SIGCHLD stalls children that wait for it; an ignored SIGPIPE makes `yes | head` complain."""
    ran = runner.spec(
        """
tasks:
  pipe: {script: "(yes || echo $? > status) | head -n 1; sleep 0.3; cat status", timeout: 20s}
  mask: {command: [python3, -c, "import signal; print(len(signal.pthread_sigmask(signal.SIG_BLOCK, [])))"]}
"""
    )
    assert (ran.folder / "logs" / "pipe.attempt-1.log").read_text() == "y\n141\n"
    assert (ran.folder / "logs" / "mask.attempt-1.log").read_text() == "0\n"


def test_stdin_is_empty_and_the_log_holds_both_streams(runner: Runner) -> None:
    ran = runner.spec("\ntasks:\n  t: {script: 'cat; printf \"out\\377\"; printf err >&2'}\n")
    assert (ran.folder / "logs" / "t.attempt-1.log").read_bytes() == b"out\xfferr"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (":", "output `o` is missing: nothing was written to $DW_OUT/o"),
        ("printf 'a\\0b' > $DW_OUT/o", "output `o` holds a NUL byte"),
        ("printf '\\377' > $DW_OUT/o", "output `o` is not UTF-8 (byte 0)"),
        ("mkdir $DW_OUT/o", "output `o` is not a file"),
        ("mkfifo $DW_OUT/o", "output `o` is not a file"),
        ("head -c 32769 /dev/zero | tr '\\0' a > $DW_OUT/o", "output `o` is longer than 32,768 bytes"),
        ("exit 99", "exit status 99"),
        ("kill -9 $$", "killed by SIGKILL"),
    ],
)
def test_what_fails_an_attempt(here: Runner, script: str, reason: str) -> None:
    ran = here.spec(f"\ntasks:\n  t:\n    script: {json.dumps(script)}\n    outputs: {{o: string}}\n")
    assert ran.task("t") == {"state": "failed", "attempts": 1, "outputs": {}}
    assert ran.events("end")[0]["reason"].startswith(reason)


def test_one_trailing_newline_goes_and_a_default_stands_in(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  t:
    script: |
      printf 'x\\n\\n' > "$DW_OUT/two"
      printf '0.80\\n' > "$DW_OUT/number"
      printf 'oops' > "$DW_OUT/bad"
      head -c 32768 /dev/zero | tr '\\0' a > "$DW_OUT/long"; echo >> "$DW_OUT/long"
    outputs: {two: string, number: number, bad: integer, long: string, gone: {type: integer, default: 7}}
  reads:
    command: [sh, -c, 'printf %s "$1" > "$DW_OUT/text"', x, "${{ tasks.t.outputs.number }}"]
    outputs: {text: string}
"""
    )
    outputs = ran.task("t")["outputs"]
    assert outputs.pop("long") == "a" * 32768
    assert outputs == {"two": "x\n", "number": 0.8, "bad": {"invalid": "oops"}, "gone": 7}
    assert ran.task("reads")["outputs"] == {"text": "0.80"}


def test_a_program_that_is_not_there_fails_its_task(runner: Runner) -> None:
    ran = runner.spec(
        """
tasks:
  a: {command: [no-such-program]}
  b: {command: [./no-such-file], retry: 1}
  c: {command: ["true"], workdir: nowhere}
  d: {command: ["no\\n12:00:00  succeeded  d"]}
"""
    )
    assert ran.states == {"a": "failed", "b": "failed", "c": "failed", "d": "failed"}
    assert ran.task("b")["attempts"] == 2
    reasons = {event["task"]: event["reason"] for event in ran.events("end")}
    assert reasons["a"] == "could not start: no program `no-such-program` in PATH"
    assert reasons["b"] == "could not start ./no-such-file: No such file or directory"
    assert "working directory" in reasons["c"]
    assert reasons["d"] == "could not start: no program `no\\n12:00:00  succeeded  d` in PATH"


def test_too_long_texts_are_not_tried() -> None:
    assert unusable_text(["x", "a" * (120 * 1024)], {}) is None
    assert "an argument is" in str(unusable_text(["x", "\u00e9" * (60 * 1024) + "a"], {}))
    assert "the variable V" in str(unusable_text(["x"], {"V": "a\0"}))
    assert "surrogate" in str(unusable_text(["x", "\ud800"], {}))
    assert unusable_text([], {}) == "the command is empty"


def test_artifacts_must_be_of_their_kind_and_without_links(tmp_path: Path) -> None:
    def declared(kind: str) -> list[dict[str, object]]:
        return [{"name": "o", "type": kind, "filename": "o", "default": None}]

    with pytest.raises(StepFailed, match="missing"):
        read_outputs(str(tmp_path), declared("file"))
    (tmp_path / "o").mkdir()
    assert read_outputs(str(tmp_path), declared("directory")) == {"o": str(tmp_path / "o")}
    with pytest.raises(StepFailed, match="is a directory, not a file"):
        read_outputs(str(tmp_path), declared("file"))
    (tmp_path / "o" / "deep").mkdir()
    (tmp_path / "o" / "deep" / "link").symlink_to("/etc")
    with pytest.raises(StepFailed, match="holds a link: deep/link"):
        read_outputs(str(tmp_path), declared("directory"))


def test_the_digest_of_a_directory_counts_paths_and_the_right_to_execute(tmp_path: Path) -> None:
    import hashlib

    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "run").write_text("x")
    (tmp_path / "b" / "run").chmod(0o755)
    (tmp_path / "a").write_text("")
    empty, x = (hashlib.sha256(content).hexdigest().encode() for content in (b"", b"x"))
    lines = b"a\0-\0" + empty + b"\n" + b"b/run\0x\0" + x + b"\n"
    assert artifact_digest(str(tmp_path)) == hashlib.sha256(lines).hexdigest()


def test_the_blocking_step_gives_time_to_clean_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Airflow, the process gets TERM at the timeout, and KILL only after the grace period."""
    env, lines = {"PATH": os.environ["PATH"]}, list[str]()
    cleans = "trap 'sleep 0.5; echo clean; exit' TERM; echo ready; while :; do sleep 0.1; done"
    with pytest.raises(StepFailed, match="timed out after 2 s"):
        run_step(["sh", "-c", cleans], env, "/", 2, lines.append, lambda attempt: None)
    assert (lines[0], lines[-1]) == ("ready", "clean")
    monkeypatch.setattr(step, "GRACE", 1)
    started = time.monotonic()
    with pytest.raises(StepFailed, match="timed out after 2 s"):
        run_step(["sh", "-c", "trap '' TERM; sleep 60"], env, "/", 2, lines.append, lambda attempt: None)
    assert 3 <= time.monotonic() - started < 50


def test_the_blocking_step_passes_arguments_on_byte_for_byte() -> None:
    lines: list[str] = []
    argv = ["printf", "%s", "\udcff\u20ac"]  # how Python holds a byte that is not UTF-8
    run_step(argv, {"PATH": os.environ["PATH"]}, "/", None, lines.append, lambda attempt: None)
    assert lines == ["\\xff\u20ac"]


def test_the_blocking_step_hands_on_lines_and_fails() -> None:
    lines: list[str] = []
    env = {"PATH": os.environ["PATH"]}
    run_step(["sh", "-c", "printf 'a\\nb\\377'"], env, "/", None, lines.append, lambda attempt: None)
    assert lines == ["a", "b\\xff"]
    assert printable_line(b"\xe2\x82\xac") == "\u20ac"
    with pytest.raises(StepFailed, match="exit status 4"):
        run_step(["sh", "-c", "exit 4"], env, "/", None, lines.append, lambda attempt: None)
    started = time.monotonic()
    with pytest.raises(StepFailed, match="timed out after 1 s"):
        run_step(["sh", "-c", "sleep 40 & sleep 40"], env, "/", 1, lines.append, lambda attempt: None)
    assert time.monotonic() - started < 35
