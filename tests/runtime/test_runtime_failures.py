"""The summary of failures at the end of a run, with variables that the tasks did not get."""

from __future__ import annotations

import os
import sys
import venv
from pathlib import Path

import pytest
from running import Runner, pipeline_of, script_of

from dagwright.meaning.environment import cut_off, with_own_python
from dagwright.meaning.rules import because

FAILURES = """
params: {n: {type: integer, default: 0}}
tasks:
  train:
    matrix: {depth: [1, 2], kind: [a, b c]}
    script: test "$DEPTH" = 1
    env: {DEPTH: "${{ matrix.depth }}"}
    retry: {limit: 1}
  evaluate: {needs: [train], command: ["true"]}
  publish: {needs: [evaluate], command: ["true"]}
  gate: {when: params.n == 1, command: ["true"]}
  behind: {needs: [gate], command: ["true"]}
  far: {needs: [behind], command: ["true"]}
  wrong: {when: 1 % params.n == 0, command: ["true"]}
  each: {foreach: [1, 0], command: [echo, "${{ 1 % item }}"]}
  fine: {command: ["true"]}
  handler: {needs: [fine], trigger_rule: any_failed, command: ["true"]}
"""


def last_lines(stderr: str) -> str:
    return stderr[stderr.index("\nfailed: ") + 1 :]


def test_the_last_lines_name_each_failure_and_each_cause(runner: Runner) -> None:
    ran = runner.spec(FAILURES, "--quiet", "-j", "1")
    assert ran.code == 5
    logs = f"runs/{ran.folder.name}/logs"
    said = [line for line in last_lines(ran.stderr).splitlines()[1:-1] if "pass" not in line]
    go_on = f"  to resume this run: python3 case.py --resume {ran.folder.name} --runs-dir {runner.folder / 'runs'}"
    assert said.pop() == go_on
    assert sorted(said) == sorted(
        [
            "  failed: train.2 (depth=2, kind=a): exit status 1, in attempt 2",
            f"    less {logs}/train.2.attempt-2.log",
            "  failed: train.3 (depth=2, kind=b c): exit status 1, in attempt 2",
            f"    less {logs}/train.3.attempt-2.log",
            "  failed: wrong: `when` cannot be evaluated: division by zero",
            "  failed: each.1 (item=0): cannot be evaluated: division by zero",
            "  upstream_failed: evaluate, publish: `train` failed",
            "  skipped: gate: `when` is false",
            "  skipped: behind, far: `gate` was skipped",
            "  skipped: handler: all of its needs succeeded",
        ]
    )
    for line in said:
        if "less" in line:
            assert (runner.folder / line.split()[-1]).is_file()
    reasons = {event["task"]: event.get("reason") for event in ran.events("state")}
    assert reasons["publish"] == "`train` failed"
    assert reasons["far"] == "`gate` was skipped"


def test_very_many_failures_are_counted(here: Runner) -> None:
    tasks = "".join(f"  t{at}: {{command: ['false']}}\n  u{at}: {{needs: [t0], command: [echo]}}\n" for at in range(30))
    said = last_lines(here.spec(f"\ntasks:\n{tasks}", "--quiet").stderr).splitlines()
    assert sum(line.startswith("  failed: t") for line in said) == 20
    assert "  failed: 10 more" in said
    names = [line for line in said if line.startswith("  upstream_failed")]
    assert len(names) == 1
    assert names[0].endswith(" and 22 more: `t0` failed")


def test_a_run_that_succeeds_says_nothing_of_it(here: Runner) -> None:
    ran = here.spec("\ntasks:\n  a: {script: test $DW_ATTEMPT = 2, retry: 1}\n", env={"PYTHONPATH": "/x"})
    assert ran.code == 0
    assert "\n  failed" not in ran.stderr
    assert "PYTHONPATH" not in ran.stderr


def test_variables_that_a_failed_task_may_have_missed_are_named(runner: Runner) -> None:
    env = {"AWS_PROFILE": "hidden", "MLFLOW_TRACKING_URI": "x", "HTTPS_PROXY": "x", "VIRTUAL_ENV": "/no", "MORE": "x"}
    spec = """
tasks:
  a: {command: ["false"], env: {MLFLOW_TRACKING_URI: own}}
targets: {local: {pass_env: [HTTPS_PROXY]}}
"""
    said = last_lines(runner.spec(spec, env=env).stderr)
    own = ["PYTHONPATH"] if runner.variant == "portable" else []
    names = ", ".join(["AWS_PROFILE", *own, "VIRTUAL_ENV"])
    assert f"  {names} of your environment have no effect on tasks; to pass them on, write\n" in said
    assert f"    targets: {{local: {{pass_env: [{names}]}}}}\n" in said
    assert "hidden" not in said


def test_variables_do_not_matter_where_no_process_has_failed(here: Runner) -> None:
    spec = "\nparams: {n: {type: integer, default: 0}}\ntasks:\n  a: {command: [echo, '${{ 1 % params.n }}']}\n"
    ran = here.spec(spec, env={"AWS_PROFILE": "x"})
    assert ran.code == 5
    assert "AWS_PROFILE" not in ran.stderr


def test_an_environment_whose_programs_are_found_is_not_missed() -> None:
    caller = {"PATH": "/usr/bin:/v/bin", "VIRTUAL_ENV": "/v", "CONDA_PREFIX": "/c", "http_proxy": "x", "MY_CUDA_": "x"}
    assert cut_off(caller, ["http_proxy"]) == ["CONDA_PREFIX"]
    assert cut_off({**caller, "CUDA_HOME": "x"}, []) == ["CONDA_PREFIX", "CUDA_HOME", "http_proxy"]


@pytest.fixture(scope="session")
def own_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("environment") / "own"
    venv.create(folder, with_pip=False, symlinks=True)
    return folder


def prefix_in_task(here: Runner, python: Path, **env: str) -> str:
    """The environment prefix of the `python3` in a task, for a script run by `python`."""
    spec = "\ntasks:\n  t: {command: [python3, -c, 'import sys; print(sys.prefix)']}\n"
    script = script_of(pipeline_of(spec, here.folder))

    class Own(Runner):
        def command(self, script: str) -> list[str]:
            return [str(python), super().command(script)[1]]

    ran = Own("python", here.folder).run(script, env=env)
    return (ran.folder / "logs" / "t.attempt-1.log").read_text().strip()


def test_the_python_of_the_own_environment_comes_first(here: Runner, own_environment: Path) -> None:
    python = own_environment / "bin" / "python3"
    assert prefix_in_task(here, python) == str(own_environment)
    assert prefix_in_task(here, python, VIRTUAL_ENV=str(own_environment)) == str(own_environment)
    assert prefix_in_task(here, python, VIRTUAL_ENV="/another") != str(own_environment)


@pytest.mark.parametrize("mark", ["pipx_metadata.json", "uv-receipt.toml"])
def test_the_python_of_a_tool_is_not_for_tasks(here: Runner, own_environment: Path, mark: str) -> None:
    (own_environment / mark).write_text("")
    try:
        assert prefix_in_task(here, own_environment / "bin" / "python3") != str(own_environment)
    finally:
        (own_environment / mark).unlink()


def test_without_an_environment_of_its_own_path_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for prefix in (sys.base_prefix, "/cache/archive-v0/x"):
        monkeypatch.setattr(sys, "prefix", prefix)
        assert with_own_python({"PATH": "/bin"}) == {"PATH": "/bin"}
    monkeypatch.setattr(sys, "prefix", "/project/.venv")
    assert with_own_python({}) == {"PATH": f"{os.path.dirname(sys.executable)}:{os.defpath}"}


def test_a_cause_in_words() -> None:
    assert because("skipped", ["a"]) == "`a` was skipped"
    assert because("skipped", ["a", "b"]) == "`a`, `b` were skipped"
    assert because("upstream_failed", ["a", "b"]) == "`a`, `b` failed"
    assert because("skipped", []) == "all of its needs succeeded"
