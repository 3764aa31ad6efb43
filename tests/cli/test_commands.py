"""The command line as users run it, in a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from program.running import dagwright, dagwright_alone

GOOD = """\
apiVersion: dagwright/v1
name: good
targets: {argo: {image: busybox}, local: {}}
tasks:
  hello: {command: [echo, hello]}
"""
BAD = GOOD.replace("command", "comand").replace("good", "bad")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "good.yaml").write_text(GOOD)
    (tmp_path / "specs" / "notes.yaml").write_text("just: notes\n")
    return tmp_path


def test_check_says_ok(specs: Path) -> None:
    result = dagwright("check", "specs", cwd=specs)
    assert (result.returncode, result.stderr) == (0, "note: 1 YAML file is not a spec: 'specs/notes.yaml'\n")
    assert "good.yaml: ok (1 tasks)" in result.stdout.replace("1 task)", "1 tasks)")


def test_check_reports_on_stderr(specs: Path) -> None:
    (specs / "specs" / "bad.yaml").write_text(BAD)
    result = dagwright("check", "specs/bad.yaml", cwd=specs)
    assert result.returncode == 1
    assert "error[E201]: unknown key `comand` in task `hello`" in result.stderr
    assert "did you mean `command`?" in result.stderr
    assert result.stdout == ""


def test_check_json(specs: Path) -> None:
    (specs / "specs" / "bad.yaml").write_text(BAD)
    result = dagwright("check", "specs", "--format", "json", cwd=specs)
    found = json.loads(result.stdout)["diagnostics"]
    assert result.returncode == 1
    assert [(d["code"], d["line"], d["column"]) for d in found if d["code"] == "E201"] == [("E201", 5, 11)]


def test_standard_input(specs: Path) -> None:
    result = dagwright("compile", "-", "-o", "-", "-t", "argo", cwd=specs, stdin=GOOD)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("apiVersion:")


def test_compile_writes_all_or_nothing(specs: Path) -> None:
    assert dagwright("compile", "specs", "-o", "out", cwd=specs).returncode == 0
    assert sorted(p.name for p in (specs / "out").rglob("*") if p.is_file()) == ["good.py", "good.yaml"]
    (specs / "specs" / "bad.yaml").write_text(BAD)
    assert dagwright("compile", "specs", "-o", "other", cwd=specs).returncode == 1
    assert not (specs / "other").exists()


def test_a_failed_write_changes_nothing(specs: Path) -> None:
    (specs / "out" / "argo").mkdir(parents=True)
    (specs / "out" / "local").write_text("a file where a folder must be")
    result = dagwright("compile", "specs", "-o", "out", cwd=specs)
    assert result.returncode == 74
    assert "error[E901]" in result.stderr
    assert [p.name for p in (specs / "out").rglob("*")] == ["argo", "local"] or not list(
        (specs / "out" / "argo").iterdir()
    )


def test_same_file_from_two_specs(specs: Path) -> None:
    (specs / "specs" / "twin.yaml").write_text(GOOD)
    result = dagwright("compile", "specs", "-o", "out", cwd=specs)
    assert result.returncode == 1
    assert "error[E506]: two pipelines have the same name" in result.stderr
    assert not (specs / "out").exists()


def test_check_finds_two_pipelines_of_one_name(specs: Path) -> None:
    (specs / "specs" / "twin.yaml").write_text(GOOD)
    result = dagwright("check", cwd=specs)
    assert result.returncode == 1
    assert "error[E506]: two pipelines have the same name\n  --> specs/twin.yaml:2:7\n" in result.stderr
    assert "specs/good.yaml:2:7" in result.stderr
    assert result.stdout == "checked 2 files: 1 error\n"
    (specs / "specs" / "twin.yaml").write_text(GOOD.replace("argo: {image: busybox}, local", "airflow"))
    assert dagwright("check", cwd=specs).returncode == 0  # no target has both


def test_only_files_that_differ_are_written(specs: Path) -> None:
    first = dagwright("compile", "specs", "-o", "out", cwd=specs)
    assert first.stdout == "wrote out/argo/good.yaml\nwrote out/local/good.py\n"
    script, manifest = specs / "out/local/good.py", specs / "out/argo/good.yaml"
    for path in (script, manifest):
        os.utime(path, ns=(1, 1))
    again = dagwright("compile", "specs", "-o", "out", cwd=specs)
    assert again.stdout == "0 files changed, 2 unchanged\n"
    manifest.write_text("changed by hand")
    third = dagwright("compile", "specs", "-o", "out", cwd=specs)
    assert third.stdout == "wrote out/argo/good.yaml\n1 file changed, 1 unchanged\n"
    assert (script.stat().st_mtime_ns, manifest.stat().st_mtime_ns > 1) == (1, True)
    assert dagwright("compile", "specs", "-o", "out", "--check", cwd=specs).returncode == 0


def test_a_spec_without_targets_is_checked_for_local_runs(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("targets: {argo: {image: busybox}, local: {}}\n", ""))
    result = dagwright("check", "a.yaml", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "a.yaml: ok (1 task)\n")
    note = "'a.yaml' names no `targets`: checked for local runs only; add `-t airflow,argo` for others"
    assert result.stderr == f"note: {note}\n"
    for asked in (
        ("check", "a.yaml", "-t", "airflow,argo"),
        ("compile", "a.yaml"),
        ("compile", "a.yaml", "-t", "argo"),
    ):
        refused = dagwright(*asked, cwd=tmp_path)
        assert (refused.returncode, "error[E644]" in refused.stderr) == (1, True)
        assert ("note: to leave a target out" in refused.stderr) == (asked == ("compile", "a.yaml"))
    (tmp_path / "b.yaml").write_text((tmp_path / "a.yaml").read_text().replace("good", "b"))
    assert "note: 2 specs name no `targets`: checked" in dagwright("check", cwd=tmp_path).stderr
    assert dagwright("run", "a.yaml", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "arguments", [["chek", "x"], ["check"], ["run"], ["compile", "x.yaml", "-t", "airfow"], ["--nope"]]
)
def test_usage_errors(tmp_path: Path, arguments: list[str]) -> None:
    result = dagwright(*arguments, cwd=tmp_path)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_suggestions(specs: Path) -> None:
    assert "Did you mean 'check'?" in dagwright("chek", cwd=specs).stderr
    assert "Did you mean 'airflow'?" in dagwright("check", "specs", "-t", "airfow", cwd=specs).stderr


@pytest.mark.parametrize("style", ["text", "mermaid", "dot", "svg"])
def test_graph(root: Path, style: str) -> None:
    spec = "tests/golden/trigger_rules/pipeline.yaml"
    result = dagwright("graph", spec, "--as", style, cwd=root)
    assert result.returncode == 0, result.stderr
    for task in ("work", "maybe", "both", "tolerant", "some", "alert", "clean"):
        assert task in result.stdout


def test_graph_shows_needs_in_finally(tmp_path: Path) -> None:
    (tmp_path / "pipeline.yaml").write_text(
        "apiVersion: dagwright/v1\nname: ends\ntasks: {work: {command: [x]}, more: {command: [x]}}\n"
        "finally: {clean: {command: [x]}, count: {command: [x]}, tell: {command: [x], needs: [clean, count]}}\n"
    )
    lines = dagwright("graph", "pipeline.yaml", cwd=tmp_path).stdout.splitlines()
    assert [line.split() for line in lines[3:]] == [
        ["2", "clean", "<-", "everything", "(finally)"],
        ["count", "<-", "everything", "(finally)"],
        ["3", "tell", "<-", "clean,", "count"],
    ]


def test_explain(specs: Path) -> None:
    assert "Wrong" in dagwright("explain", "e302", cwd=specs).stdout
    assert dagwright("explain", "E999", cwd=specs).returncode == 2
    assert "E302" in dagwright("explain", cwd=specs).stdout


def test_support(root: Path) -> None:
    spec = "tests/golden/retry/pipeline.yaml"
    everything = json.loads(dagwright("support", "--as", "json", cwd=root).stdout)["features"]
    of_spec = json.loads(dagwright("support", spec, "--as", "json", cwd=root).stdout)["features"]
    assert len(of_spec) < len(everything)
    assert {"airflow", "argo", "local"} == set(everything[0]["targets"])
    assert all(feature["used_at"].startswith(spec) for feature in of_spec)


def test_version_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['dagwright', '--version']\ntry:\n import dagwright.cli as c; c.main()\n"
    code += "except SystemExit:\n"
    code += " print([m for m in ('click', 'jinja2', 'jsonschema', 'networkx', 'ruamel', 'rich') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["dagwright 0.1.0", "[]"]


@pytest.mark.parametrize("command", ["run", "plan", "graph", "support"])
def test_a_folder_with_one_spec_is_that_spec(command: str, specs: Path) -> None:
    assert dagwright(command, "specs", cwd=specs).returncode == 0
    (specs / "specs" / "other.yaml").write_text(GOOD.replace("good", "other"))
    result = dagwright(command, "specs", cwd=specs)
    assert result.returncode == 2
    listed = "\n  specs/good.yaml\n  specs/other.yaml\n"
    assert f"'specs' holds 2 pipeline specs. Name one of them:{listed}" in result.stderr


@pytest.mark.parametrize("command", ["run", "plan", "graph"])
def test_without_a_path_the_only_spec_of_the_folder_is_taken(command: str, specs: Path, tmp_path: Path) -> None:
    for where in (specs, specs / "specs"):
        result = dagwright(command, cwd=where)
        assert (result.returncode, "hello" in result.stdout + result.stderr) == (0, True), result.stderr
    (specs / "specs" / "other.yaml").write_text(GOOD.replace("good", "other"))
    several = dagwright(command, cwd=specs)
    assert several.returncode == 2
    assert "This folder holds 2 pipeline specs. Name one of them:\n  specs/good.yaml\n" in several.stderr
    (specs / "here.yaml").write_text(GOOD)
    assert dagwright(command, cwd=specs).returncode == 0  # those below it do not count
    (specs / "empty").mkdir()
    nothing = dagwright(command, cwd=specs / "empty")
    assert nothing.returncode == 2
    assert "There is no pipeline spec in this folder. Name one, or create a pipeline with" in nothing.stderr


def test_a_file_where_the_output_should_go(specs: Path) -> None:
    result = dagwright("compile", "specs/good.yaml", "-t", "local", "-o", "specs/good.yaml", cwd=specs)
    assert result.returncode == 74
    assert result.stderr == "error[E901]: File exists: specs/good.yaml\n"


def test_a_closed_pipe_is_quiet(root: Path) -> None:
    command = f"{sys.executable} -m dagwright schema | head -1"
    result = subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True, check=True)
    assert result.stderr == ""


@pytest.mark.parametrize("arguments", ["compile specs/good.yaml -t local -o -", "schema", "--help"])
def test_a_reader_that_goes_away(arguments: str, specs: Path) -> None:
    command = [sys.executable, "-m", "dagwright", *arguments.split()]
    with subprocess.Popen(command, cwd=specs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # before the first write, since the size of a pipe's buffer varies
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


@pytest.mark.parametrize("arguments", ["--version", "--help", "schema", "check -", "compile - -o -", "run - --json"])
def test_a_closed_stdout(arguments: str, tmp_path: Path) -> None:
    spec = "{apiVersion: dagwright/v1, name: x, tasks: {a: {command: [echo, hi]}}, targets: {local: {}}}"
    command = f"exec {sys.executable} -m dagwright {arguments} >&-"
    shell = ["sh", "-c", command]
    result = subprocess.run(shell, cwd=tmp_path, input=spec, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "error" not in result.stderr
    assert "Traceback" not in result.stderr


def test_a_stdout_that_lacks_characters(specs: Path) -> None:
    (specs / "x.yaml").write_text(GOOD.replace("hello]", "gr\u00fc\u00df \U0001f600]"), encoding="utf-8")
    poor = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    for arguments in (["plan", "x.yaml"], ["run", "x.yaml", "--dry-run"]):
        result = dagwright_alone(*arguments, cwd=specs, **poor)
        assert (result.returncode, result.stderr) == (0, "")
        assert r"gr\xfc\xdf \U0001f600" in result.stdout
    printed = dagwright_alone("compile", "x.yaml", "-t", "argo", "-o", "-", cwd=specs, **poor).stdout
    dagwright("compile", "x.yaml", "-t", "argo", "-o", "build", cwd=specs)
    assert printed == (specs / "build/argo/good.yaml").read_text(encoding="utf-8")
    assert "gr\u00fc" in printed
    dagwright("compile", "x.yaml", "-t", "local", "-o", "build", cwd=specs)
    script = [sys.executable, "build/local/good.py", "--dry-run"]
    result = subprocess.run(script, cwd=specs, capture_output=True, text=True, check=True, env={**os.environ, **poor})
    assert r"gr\xfc" in result.stdout


def test_a_closed_stderr(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "{apiVersion: dagwright/v1, name: x, tasks: {a: {command: [echo, hi]}}, targets: {local: {}}}"
    )
    command = f"exec {sys.executable} -m dagwright run x.yaml --json <&- 2>&-"
    result = subprocess.run(["sh", "-c", command], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True)
    assert json.loads(result.stdout)["status"] == "succeeded"
    assert (tmp_path / ".dagwright/runs/latest/logs/a.attempt-1.log").read_text() == "hi\n"


def test_a_full_disk(root: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    command = f"{sys.executable} -m dagwright schema > /dev/full"
    result = subprocess.run(["bash", "-c", command], cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 74
    assert "Traceback" not in result.stderr


MAKES = """\
apiVersion: dagwright/v1
name: makes
params: {fail: {type: boolean, default: false}}
targets: {local: {}}
tasks:
  clean: {script: 'echo 1 > "$DW_OUT/rows.csv"', outputs: {rows: {type: file, filename: rows.csv}}}
  train:
    foreach: [a, b]
    inputs: {rows: "${{ tasks.clean.outputs.rows }}"}
    script: 'mkdir "$DW_OUT/model"; echo 3 > "$DW_OUT/score"'
    outputs: {model: directory, score: integer}
  check: {needs: train, script: 'test "$FAIL" = false', env: {FAIL: "${{ params.fail }}"}}
"""


@pytest.mark.parametrize("made", ["run", "script"])
def test_a_run_says_where_its_results_are(made: str, tmp_path: Path) -> None:
    """Artifacts that no task reads are printed, of each instance, but not after a failed run."""
    (tmp_path / "makes.yaml").write_text(MAKES)
    command = [sys.executable, "-m", "dagwright", "run"]
    if made == "script":
        assert dagwright("compile", "makes.yaml", cwd=tmp_path).returncode == 0
        command = [sys.executable, "build/local/makes.py"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stderr
    found = [line.removeprefix("  output: ") for line in ran.splitlines() if line.startswith("  output: ")]
    assert sorted(path.split("/")[-2:] for path in found) == [[f"train.{n}.attempt-1", "model"] for n in (0, 1)]
    assert all((tmp_path / path).is_dir() for path in found)
    failed = subprocess.run(
        [*command, "--param", "fail=true"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert failed.returncode == 5
    assert "output: " not in failed.stderr


NOISY = """\
apiVersion: dagwright/v1
name: noisy
tasks:
  one: {command: [echo, "$HOME/x"]}
  two: {script: 'test -e done || { touch done; exit 3; }', retry: {limit: 1, delay: 0s}}
"""


def test_a_run_counts_warnings_and_a_quiet_run_says_nothing_of_what_went_well(tmp_path: Path) -> None:
    (tmp_path / "noisy.yaml").write_text(NOISY)
    quiet = dagwright("run", "--quiet", "noisy.yaml", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    (tmp_path / "done").unlink()
    loud = dagwright("run", "noisy.yaml", cwd=tmp_path)
    assert loud.stderr.startswith("1 warning; to see it: dagwright check noisy.yaml\n")
    assert "W442" not in loud.stderr
    assert "attempt failed   two" in loud.stderr
